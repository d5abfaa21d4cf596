"""The API against its own description: what schemathesis can think of finds nothing (rule O1)."""

import gc

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.result import Ok

from breathecode.wsgi import application
from tests.support.client import Call

# werkzeug's client, through which schemathesis calls, leaves the files of multipart bodies and of streamed answers to
# the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.Spooled:ResourceWarning")
schema = schemathesis.openapi.from_wsgi("/v1/schema", application, headers={"Accept": "application/json"})
OPERATIONS = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
NAMES = [f"{operation.method} {operation.path}" for operation in OPERATIONS]
# What JSON schema cannot say (an IANA time zone, a slot that exists, an end after its start) is refused with 400.
NOT_OURS = [CHECKS.get_one("positive_data_acceptance")]
# Pages answer a wrong token with the way to the sign-in page.
NOT_OF_PAGES = [CHECKS.get_one("negative_data_rejection")]
bounded = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


@pytest.fixture
def send(world, make_class):
    """Sends a generated request as somebody; one that is to be right names rows that exist."""
    live_class = make_class()
    known = {
        "live_class_id": live_class.pk,
        "time_slot_id": live_class.cohort_time_slot_id,
        "cohort": world.cohort.slug,
        "hash": live_class.hash,
        "user_id": world.student.pk,
    }
    call = Call()

    def send(case, person):
        if case.meta.generation.mode is GenerationMode.POSITIVE:
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
            if "Academy" in (case.headers or {}):
                case.headers["Academy"] = str(world.miami.pk)
        excluded = [*NOT_OURS, *(NOT_OF_PAGES if "join" in case.operation.path else ())]
        case.call_and_validate(headers={"Authorization": f"Token {call.key(person)}"}, excluded_checks=excluded)

    # The application closes its connection after each request; here it has to stay in the test's transaction.
    handlers = (signals.request_started, signals.request_finished)
    for signal in handlers:
        signal.disconnect(close_old_connections)
    yield send
    for signal in handlers:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_the_api_is_as_described(operation, mode, send, world):
    """O1: no 500, no status, header or body that the schema does not know, nothing taken that it forbids."""

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode), person=sampled_from([world.superuser, world.student]))
    def run(case, person):
        send(case, person)

    run()
    if operation.path.endswith(("/import", ".xlsx")):
        gc.collect()  # here, where the warning is expected
