"""Every example of the API's document, sent as it stands there."""

import datetime
import json
import re
from typing import Any

import pytest
import time_machine
from django.core.management.color import no_style
from django.db import connection
from django.test import Client

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.events.models import LiveClass
from tests.events.api.document_examples import ACADEMY, BODIES, ERRORS, MINE, REQUESTS
from tests.support.client import error
from tests.support.processes import ROOT

DOCUMENT = ROOT.parent / "shared" / "spec" / "live-classes.md"
CLASS_TIME = datetime.datetime(2025, 10, 28, 18, 5, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
ROOM = "https://zoom.us/j/123456789"


def requests_in(text: str):
    for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"\n(?=(?:GET|POST|PUT|DELETE) /v1)", "\n" + block):
            if found := re.match(r"(GET|POST|PUT|DELETE) (/v1\S*)", part):
                body = re.search(r"^Body:\s*(\{.*?^\}|\{.*\}$)", part, re.DOTALL | re.MULTILINE)
                yield found[1], found[2], json.loads(body[1]) if body else None


def bodies_in(text: str):
    for section in re.split(r"\n### ", text):
        endpoint = re.search(r"\*\*Endpoint:\*\* `(POST|PUT) (\S+)`", section)
        if endpoint:
            asked = re.split(r"\*\*(?:Response|Required Fields|Validation)", section)[0]
            for body in re.findall(r"```json\n(.*?)```", asked, re.DOTALL):
                yield endpoint[1], endpoint[2], json.loads(body)


def errors_in(text: str):
    section = text.split("### Common Errors")[1].split("\n## ", maxsplit=1)[0]
    for status, body in re.findall(r"\*\*(\d{3}) - .*?```json\n(.*?)```", section, re.DOTALL):
        answer = json.loads(body)
        yield int(status), answer["slug"], answer["detail"]


def test_the_examples_are_the_documents():
    """L1, W1: the lists that these tests walk say what the document says, example by example."""
    if not DOCUMENT.exists():  # a clone alone; where everything is checked, it lies beside the checkout
        return
    text = DOCUMENT.read_text()
    assert list(requests_in(text)) == REQUESTS
    assert list(bodies_in(text)) == BODIES
    assert list(errors_in(text)) == ERRORS


@pytest.fixture
def people(db):
    """Academy 1 with cohort 45 (time slot 123), `cohort-2`, the student 456, a teacher and a coordinator."""
    academy = Academy.objects.create(
        pk=1,
        slug="downtown-miami",
        name="4Geeks Downtown Miami",
        timezone="America/New_York",
        logo_url="https://x.org/l",
    )
    cohort = Cohort.objects.create(
        pk=45,
        academy=academy,
        slug="web-dev-ft-2025",
        name="Web Development Full Time 2025",
        kickoff_date=datetime.date(2025, 1, 15),
        ending_date=datetime.date(2025, 6, 30),
        stage="STARTED",
        current_day=85,
        online_meeting_url=ROOM,
    )
    second = Cohort.objects.create(pk=46, academy=academy, slug="cohort-2", name="Second", stage="STARTED")
    people = {
        "student": User.objects.create_user("student@example.org", pk=456),
        "teacher": User.objects.create_user("teacher@example.org", pk=457),
        "staff": User.objects.create_user("staff@example.org", pk=458),
    }
    CohortUser.objects.create(cohort=cohort, user=people["student"])
    CohortUser.objects.create(cohort=second, user=people["student"])
    CohortUser.objects.create(cohort=cohort, user=people["teacher"], role="TEACHER")
    AcademyMember.objects.create(academy=academy, user=people["staff"], role="academy_coordinator")
    times = {"starting_at": 1400, "ending_at": 1600}
    for pk, its_cohort in ((123, cohort), (124, cohort), (125, second)):
        CohortTimeSlot.objects.create(pk=pk, cohort=its_cohort, **times)
    LiveClass.objects.all().delete()
    _continue_after_the_given_ids()
    return people


def _continue_after_the_given_ids():
    for statement in connection.ops.sequence_reset_sql(no_style(), [Academy, Cohort, User, CohortTimeSlot, LiveClass]):
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def classes(people):
    """123: at class time, to come; 100: ended long ago; 101: started yesterday, still on; 102: of `cohort-2`."""

    def make(pk, month, day, **fields):
        starting_at = datetime.datetime(2025, month, day, 18, tzinfo=datetime.UTC)
        given = {"cohort_time_slot_id": 124, "starting_at": starting_at, "ending_at": starting_at + 2 * HOUR}
        return LiveClass.objects.create(pk=pk, **{**given, **fields})

    at = datetime.datetime(2025, 10, 1, 18, tzinfo=datetime.UTC)
    make(100, 10, 1, started_at=at, ended_at=at + 2 * HOUR)
    make(101, 10, 27, started_at=datetime.datetime(2025, 10, 27, 18, tzinfo=datetime.UTC))
    make(102, 11, 2, cohort_time_slot_id=125)
    make(123, 10, 28, hash="a1b2c3d4e5f6789", remote_meeting_url=ROOM)
    _continue_after_the_given_ids()


@pytest.fixture
def send(call, people, classes):
    """Sends an example as the person it is meant for, with its placeholders filled."""

    def send(method, target, body=None, *, live_class_id=101, now=CLASS_TIME):
        filled = {
            "{cohort_id}": "45",
            "{cohort_slug}": "web-dev-ft-2025",
            "{timeslot_id}": "123",
            "{live_class_id}": str(live_class_id),
            "{hash}": "a1b2c3d4e5f6789",
            "{auth_token}": call.key(people["student"]),
            "{teacher-token}": call.key(people["teacher"]),
        }
        for name, value in filled.items():
            target = target.replace(name, value)
        with time_machine.travel(now, tick=False):
            if "/join/" in target:
                return Client(headers={"Accept": "text/html"}).get(target)
            who = {"as_": people["student"]} if "/me/" in target else {"as_": people["staff"], "academy": 1}
            return call(method, target, body=body, **who)

    return send


# Which classes each of the document's lists holds here.
LISTS: dict[str, list[int]] = {
    f"{MINE}?upcoming=null": [102, 123, 101],
    f"{MINE}?cohort=web-dev-ft-2025": [123, 101, 100],
    f"{MINE}?starting_at__gte=2025-10-28&starting_at__lte=2025-11-04": [102, 123],
    ACADEMY: [102, 123, 101, 100],
    f"{ACADEMY}?user=456&cohort=web-dev-ft-2025": [123, 101, 100],
    f"{ACADEMY}?started_at__is_null=false&ended_at__is_null=true": [101],
    f"{ACADEMY}?cohort={{cohort_slug}}": [123, 101, 100],
    f"{MINE}?starting_at__gte=2025-10-28T00:00:00Z&starting_at__lte=2025-10-28T23:59:59Z": [123],
    f"{MINE}?starting_at__gte=2025-10-28&starting_at__lte=2025-11-03": [102, 123],
    f"{ACADEMY}?ended_at__is_null=false&ending_at__gte=2025-10-01": [100],
    f"{ACADEMY}?cohort__in=cohort-1,cohort-2,cohort-3": [102],
}
GETS = sorted({target for method, target, _body in REQUESTS if method == "GET" and "liveclass" in target})


@pytest.mark.parametrize("target", [target for target in GETS if "/join/" not in target])
def test_lists(send, target):
    """L1 to L6: each list of the document answers a bare array of the classes that it asks for, newest first."""
    response = send("GET", target)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == LISTS[target]


DOCUMENTED: dict[str, Any] = {
    "id": 123,
    "hash": "a1b2c3d4e5f6789",
    "starting_at": "2025-10-28T18:00:00Z",
    "ending_at": "2025-10-28T20:00:00Z",
    "started_at": None,
    "ended_at": None,
    "remote_meeting_url": "https://zoom.us/j/123456789",
    "cohort": {
        "id": 45,
        "slug": "web-dev-ft-2025",
        "name": "Web Development Full Time 2025",
        "kickoff_date": "2025-01-15",
        "ending_date": "2025-06-30",
        "stage": "STARTED",
        "current_day": 85,
        "academy": {"id": 1, "slug": "downtown-miami", "name": "4Geeks Downtown Miami", "logo_url": "https://x.org/l"},
    },
}


def test_the_object(send):
    """L1: the document's object, value by value, with the added keys beside it."""
    (row,) = send("GET", f"{MINE}?starting_at__gte=2025-10-28&starting_at__lte=2025-10-28").json()
    assert {name: row[name] for name in DOCUMENTED} == DOCUMENTED
    added = {"title", "status", "held", "join_url", "calendar_links", "teacher", "replaces", "replaced_by"}
    added |= {"moved_from", "reason"}
    assert set(row) - set(DOCUMENTED) == added


CREATIONS = [example for example in REQUESTS + BODIES if example[:2] == ("POST", ACADEMY)]


@pytest.mark.parametrize("example", CREATIONS, ids=lambda example: example[2]["remote_meeting_url"])
def test_creations(send, example):
    """W1: 201 with the document's object."""
    method, target, body = example
    response = send(method, target, body)
    answer = response.json()
    now = "2025-10-28T18:05:00Z"
    expected = {**body, "started_at": None, "ended_at": None, "log": {}, "created_at": now, "updated_at": now}
    assert response.status_code == 201
    assert {name: answer[name] for name in expected} == expected
    assert answer["hash"] == LiveClass.objects.get(pk=answer["id"]).hash


@pytest.mark.parametrize(
    ("index", "live_class_id", "now"),
    [(1, 123, CLASS_TIME), (2, 101, CLASS_TIME + 2 * HOUR), (3, 123, CLASS_TIME)],
    ids=["started", "ended", "link"],
)
def test_changes(send, index, live_class_id, now):
    """W3, W4: each body of the document changes what it says."""
    method, target, body = BODIES[index]
    response = send(method, target, body, live_class_id=live_class_id, now=now)
    assert response.status_code == 200, response.content
    assert {name: response.json()[name] for name in body} == body


def test_ending_by_hand(send):
    """W3: the attendance flow's own request ends the class that has been on."""
    method, target, body = next(example for example in REQUESTS if example[1] == f"{ACADEMY}/{{live_class_id}}")
    response = send(method, target, body, now=CLASS_TIME + 2 * HOUR)
    assert (response.status_code, response.json()["status"]) == (200, "ENDED")


def test_time_slots(send):
    """T1, T2: the flows' requests about time slots: made, listed, changed."""
    post, get, put = (example for example in REQUESTS if "/timeslot" in example[1])
    assert post[2] is not None
    made = send(*post)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in post[2]} == post[2]
    listed = send(*get)
    assert (listed.status_code, {row["id"] for row in listed.json()}) == (200, {123, 124, made.json()["id"]})
    changed = send(*put)
    assert (changed.status_code, changed.json()["timezone"]) == (200, "America/New_York")


@pytest.mark.parametrize("target", [target for target in GETS if "/join/" in target])
def test_joins(send, target):
    """J3, J5, J6: early the countdown, then the way to the room; the teacher's join starts the class."""
    early = send("GET", target, now=CLASS_TIME - HOUR)
    assert (early.status_code, early["Content-Type"]) == (200, "text/html; charset=utf-8")
    response = send("GET", target)
    assert (response.status_code, response["Location"]) == (302, ROOM)
    started = LiveClass.objects.get(pk=123).started_at
    assert started == (CLASS_TIME if "teacher" in target else None)


CAUSES: dict[str, tuple[int, dict[str, str]]] = {
    "not-found": (9999, {"title": "x"}),
    "started-at-already-set": (101, {"started_at": "2025-10-28T18:05:00Z"}),
    "started-at-not-now": (123, {"started_at": "2025-10-28T18:08:00Z"}),
    "started-at-not-set": (123, {"ended_at": "2025-10-28T18:05:00Z"}),
    "ended-at-too-soon": (101, {"ended_at": "2025-10-27T18:29:59Z"}),
}


@pytest.mark.parametrize(("status", "slug", "detail"), ERRORS, ids=str)
def test_common_errors(send, status, slug, detail):
    """H3: the document's errors, in its own words."""
    live_class_id, body = CAUSES[slug]
    response = send("PUT", f"{ACADEMY}/{{live_class_id}}", body, live_class_id=live_class_id)
    assert error(response) == (status, slug)
    assert response.json() == {"detail": detail, "slug": slug}
