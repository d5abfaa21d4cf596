"""What is recorded of each way to write: every route, the admin, pages, commands and tasks (rule P8)."""

import datetime
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from celery.app.trace import build_tracer
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday, Syllabus
from breathecode.authenticate.models import AcademyMember
from breathecode.common.actor import NO_REQUEST, Actor, Through, acting, current_actor, send_actor
from breathecode.common.db.triggers import make_triggers
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.events.tasks import close_overdue_live_classes, mark_live_class_as_started
from breathecode.history.models import Change
from breathecode.history.triggers import RECORDED, triggers
from breathecode.schedules.models import ScheduleTemplate
from breathecode.schedules.tasks import build_live_classes_from_timeslot
from tests.support.admin import page, post
from tests.support.queries import captured_queries
from tests.support.routes import api_routes

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
COHORT = "/v1/admissions/academy/cohort"
SYLLABUS = "/v1/admissions/syllabus/<str:syllabus>"
CLASSES = "/v1/events/academy/event/liveclass"
MADE_CLASS = {
    "cohort_time_slot", "starting_at", "ending_at", "remote_meeting_url", "title", "log", "moved_by_hand",
    "move_reason", "cancel_reason",
}  # fmt: skip
MADE_COHORT = {
    "slug", "name", "never_ends", "timezone", "language", "online_meeting_url", "stage",
}  # fmt: skip
MADE_SLOT = {
    "cohort", "starting_at", "ending_at", "timezone", "recurrent", "recurrency_type", "weekdays", "interval",
}  # fmt: skip
MADE_ENROLMENT = {"cohort", "user", "role", "educational_status"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def made(world):
    """A row of each kind, by the names that the paths of the routes give to their ids."""
    slot = world.time_slot()
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    coming = LiveClass.objects.filter(cohort_time_slot=slot, starting_at__gt=NOW).earliest("pk")
    by_hand = LiveClass.objects.create(cohort_time_slot=slot, starting_at=NOW + 5 * HOUR, ending_at=NOW + 6 * HOUR)
    off = LiveClass.objects.create(
        cohort_time_slot=slot, starting_at=NOW + 7 * HOUR, ending_at=NOW + 8 * HOUR, cancelled_at=NOW
    )
    holiday = Holiday.objects.create(academy=world.miami, name="May Day", starts_on="2025-05-01", ends_on="2025-05-01")
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    slots = [{"starting_at": 1800, "ending_at": 2000}]
    template = ScheduleTemplate.objects.create(syllabus=syllabus, name="Evenings", slots=slots)
    ids = {
        "slot": slot.pk, "coming": coming.pk, "by_hand": by_hand.pk, "off": off.pk, "holiday": holiday.pk,
        "student": world.student.pk, "template": template.pk, "member": AcademyMember.objects.get(user=world.reader).pk,
    }  # fmt: skip
    Change.objects.all().delete()
    return ids


@dataclass
class Write:
    """A call, and the fields of each kind that it is to record. `path` ends as the call's address does."""

    path: str
    recorded: dict[str, set[str]]
    body: Any = None
    as_: str = "admin"
    files: dict[str, bytes] = field(default_factory=dict)


WRITES: dict[tuple[str, str], Write] = {
    ("POST", CLASSES): Write(
        CLASSES,
        {"live_class": MADE_CLASS},
        {
            "cohort_time_slot": "{slot}",
            "starting_at": "2025-03-10T09:00:00Z",
            "ending_at": "2025-03-10T10:00:00Z",
            "remote_meeting_url": "https://meet.example.org/1",
        },
    ),
    ("PUT", f"{CLASSES}/<id:live_class_id>"): Write(
        f"{CLASSES}/{{coming}}", {"live_class": {"title"}}, {"title": "Loops"}
    ),
    ("DELETE", f"{CLASSES}/<id:live_class_id>"): Write(f"{CLASSES}/{{by_hand}}", {"live_class": MADE_CLASS}),
    ("POST", f"{CLASSES}/<id:live_class_id>/cancel"): Write(
        f"{CLASSES}/{{coming}}/cancel", {"live_class": {"cancelled_at", "cancel_reason"}}, {"reason": "Ill"}
    ),
    ("POST", f"{CLASSES}/<id:live_class_id>/restore"): Write(
        f"{CLASSES}/{{off}}/restore", {"live_class": {"cancelled_at"}}, {}
    ),
    ("POST", "/v1/auth/academy/student"): Write(
        "/v1/auth/academy/student",
        {"enrolment": MADE_ENROLMENT},
        {"email": "new@example.org", "cohort": "web-dev"},
    ),
    ("POST", "/v1/auth/academy/member"): Write(
        "/v1/auth/academy/member", {"member": {"user", "role"}}, {"email": "new@example.org", "role": "staff"}
    ),
    ("PUT", "/v1/auth/academy/member/<id:member_id>"): Write(
        "/v1/auth/academy/member/{member}", {"member": {"role"}}, {"role": "teacher"}
    ),
    ("DELETE", "/v1/auth/academy/member/<id:member_id>"): Write(
        "/v1/auth/academy/member/{member}", {"member": {"user", "role"}}
    ),
    ("POST", f"{COHORT}/<str:cohort>/timeslot"): Write(
        f"{COHORT}/web-dev/timeslot", {"time_slot": MADE_SLOT}, {"starting_at": 900, "ending_at": 1100}
    ),
    ("POST", f"{COHORT}/<str:cohort>/timeslot/import"): Write(
        f"{COHORT}/web-dev/timeslot/import",
        {"time_slot": MADE_SLOT},
        files={"file": b"starting_at,ending_at\n9:00,11:00\n"},
    ),
    ("POST", f"{SYLLABUS}/template/<id:template_id>/apply"): Write(
        "/v1/admissions/syllabus/full-stack/template/{template}/apply",
        {"time_slot": MADE_SLOT},
        {"cohorts": ["web-dev"]},
    ),
    ("PUT", f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>"): Write(
        f"{COHORT}/web-dev/timeslot/{{slot}}", {"time_slot": {"starting_at"}}, {"starting_at": 1300}
    ),
    ("DELETE", f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>"): Write(
        f"{COHORT}/web-dev/timeslot/{{slot}}", {"time_slot": {"removed_at"}}
    ),
    ("POST", COHORT): Write(COHORT, {"cohort": MADE_COHORT}, {"slug": "new", "name": "New"}),
    ("PUT", f"{COHORT}/<str:cohort>"): Write(
        f"{COHORT}/web-dev", {"cohort": {"ending_date", "name"}}, {"ending_date": "2025-07-31", "name": "Web"}
    ),
    ("DELETE", f"{COHORT}/<str:cohort>"): Write(f"{COHORT}/web-dev", {"cohort": {"stage"}}),
    ("POST", f"{COHORT}/<str:cohort>/user"): Write(
        f"{COHORT}/web-dev/user", {"enrolment": MADE_ENROLMENT}, {"user": "{student}", "role": "REVIEWER"}
    ),
    ("POST", f"{COHORT}/<str:cohort>/user/import"): Write(
        f"{COHORT}/web-dev/user/import",
        {"enrolment": MADE_ENROLMENT},
        files={"file": b"email\na@example.org\nb@example.org\n"},
    ),
    ("PUT", f"{COHORT}/<str:cohort>/user/<id:user_id>"): Write(
        f"{COHORT}/web-dev/user/{{student}}",
        {"enrolment": {"educational_status"}},
        {"educational_status": "POSTPONED"},
    ),
    ("DELETE", f"{COHORT}/<str:cohort>/user/<id:user_id>"): Write(
        f"{COHORT}/web-dev/user/{{student}}", {"enrolment": MADE_ENROLMENT}
    ),
    ("POST", "/v1/admissions/academy/holiday"): Write(
        "/v1/admissions/academy/holiday",
        {"holiday": {"name", "starts_on", "ends_on"}},
        {"name": "Carnival", "starts_on": "2025-03-04", "ends_on": "2025-03-04"},
    ),
    ("POST", "/v1/admissions/academy/holiday/import"): Write(
        "/v1/admissions/academy/holiday/import",
        {"holiday": {"name", "starts_on", "ends_on"}},
        {"country": "US", "year": 2025},
    ),
    ("PUT", "/v1/admissions/academy/holiday/<id:holiday_id>"): Write(
        "/v1/admissions/academy/holiday/{holiday}", {"holiday": {"ends_on"}}, {"ends_on": "2025-05-02"}
    ),
    ("DELETE", "/v1/admissions/academy/holiday/<id:holiday_id>"): Write(
        "/v1/admissions/academy/holiday/{holiday}", {"holiday": {"name", "starts_on", "ends_on"}}
    ),
}
# They write nothing of which a history is kept: previews, accounts, mails, settings, syllabi, marks, surveys.
NOT_RECORDED = {
    ("PUT", "/v1/auth/academy/student/<id:user_id>/invite"),
    ("PUT", "/v1/auth/academy/member/<id:user_id>/invite"),
    ("POST", "/v1/auth/me/calendar-token"),
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/auth/password/reset"),
    ("POST", "/v1/auth/password/change"),
    ("POST", f"{COHORT}/<str:cohort>/timeslot/preview"),
    # Of the last change, which `api/test_undo.py` makes before.
    ("POST", f"{COHORT}/<str:cohort>/history/<id:change_id>/undo"),
    ("POST", f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>/history/<id:change_id>/undo"),
    ("POST", "/v1/admissions/academy/holiday/<id:holiday_id>/history/<id:change_id>/undo"),
    ("PUT", f"{COHORT}/<str:cohort>/log"),
    ("POST", "/v1/admissions/academy"),
    ("PUT", "/v1/admissions/academy/me"),
    ("POST", "/v1/admissions/syllabus"),
    ("POST", "/v1/admissions/syllabus/<str:syllabus>/version"),
    ("POST", f"{SYLLABUS}/template"),
    ("PUT", f"{SYLLABUS}/template/<id:template_id>"),
    ("DELETE", f"{SYLLABUS}/template/<id:template_id>"),
    ("PUT", "/v1/events/academy/reminder/settings"),
    ("PUT", "/v1/events/me/reminder/settings"),
    ("PUT", "/v1/events/me/calendar/settings"),
    ("PUT", f"{CLASSES}/<id:live_class_id>/attendance"),
    ("PUT", "/v1/events/academy/attendance/settings"),
    ("PUT", "/v1/feedback/academy/settings"),
    ("POST", "/v1/feedback/academy/survey/template"),
    ("PUT", "/v1/feedback/academy/survey/template/<id:template_id>"),
    ("POST", "/v1/feedback/academy/survey"),
    ("PUT", "/v1/feedback/user/me/answer/<id:answer_id>"),
}


def test_every_write_route_has_a_row():
    """P8: a new route says what it records, or that it writes nothing of which a history is kept."""
    found = {(method, route.path) for route in api_routes() for method in route.methods - {"GET"}}
    assert found == set(WRITES) | NOT_RECORDED


def filled(body: Any, ids: dict[str, int]) -> Any:
    if not isinstance(body, dict):
        return body
    return {
        name: ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
        for name, value in body.items()
    }


def recorded(**conditions: Any) -> dict[str, set[str]]:
    return {change.kind: set(change.changes) for change in Change.objects.filter(**conditions)}


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
def test_each_write_route_records(world, call, made, key):
    """P8: what was changed, by whom, through the API; a build that follows is a build."""
    write = WRITES[key]
    user = getattr(world, write.as_)
    extra = (
        {
            "data": {name: SimpleUploadedFile("f.csv", raw, "text/csv") for name, raw in write.files.items()},
            "format": "multipart",
        }
        if write.files
        else {}
    )
    answer = call(
        key[0], write.path.format(**made), as_=user, academy=world.miami, body=filled(write.body, made), **extra
    )
    assert answer.status_code in (200, 201, 204), answer.content
    found = recorded(through="api")
    if "live_class" not in write.recorded:
        found.pop("live_class", None)  # what the plan of the change did to classes, in the same request
    assert found == write.recorded
    assert set(Change.objects.filter(through="api").values_list("by", "academy")) == {(user.pk, world.miami.pk)}
    assert set(Change.objects.exclude(through="api").values_list("kind", "through")) <= {("live_class", "build")}


def test_from_and_to(world, call, made):
    """P8: as the API shows values: times in UTC with Z, truth values, lists and objects as such."""
    body = {
        "starting_at": "2025-03-05T20:30:00.250000Z",
        "ending_at": "2025-03-05T21:00:00Z",
        "log": {"a": [1, None]},
        "title": "Loops “and” lists",
    }
    call("PUT", f"{CLASSES}/{made['coming']}", as_=world.admin, academy=world.miami, body=body)
    assert Change.objects.get().changes == {
        "starting_at": ["2025-03-05T19:00:00Z", "2025-03-05T20:30:00.250000Z"],
        "log": [{}, {"a": [1, None]}],
        "title": ["", "Loops “and” lists"],
        "moved_by_hand": [False, True],
        "moved_from": [None, "2025-03-05T19:00:00Z"],
    }


def test_nothing_changed_nothing_recorded(world, call, made):
    """P8: the same again, and counters that triggers and builds write."""
    before = call("GET", f"{COHORT}/web-dev/timeslot/{made['slot']}", as_=world.admin, academy=world.miami).json()
    call("PUT", f"{COHORT}/web-dev/timeslot/{made['slot']}", as_=world.admin, academy=world.miami, body=before)
    CohortTimeSlot.objects.update(revision=77)
    build_live_classes_from_timeslot(timeslot_id=made["slot"])
    Cohort.objects.filter(pk=world.cohort.pk).update(current_day=9)
    assert not Change.objects.exists()


@pytest.fixture
def root(world):
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.mark.parametrize(
    ("model", "name", "form", "kind"),
    [
        (LiveClass, "coming", {"title": "Loops"}, "live_class"),
        (CohortTimeSlot, "slot", {"starting_at": 1300}, "time_slot"),
        (Holiday, "holiday", {"name": "Labour Day"}, "holiday"),
        (AcademyMember, "member", {"role": "teacher"}, "member"),
    ],
)
def test_the_admin(world, made, root, model, name, form, kind):
    """P8: who is signed in there, through the admin."""
    answer = post(root, page(model, "change", made[name]), **form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    change = Change.objects.get(through="admin")
    assert (change.kind, change.object_id, set(change.changes)) == (kind, made[name], set(form))
    assert change.by == world.superuser


def test_the_admin_of_cohorts_and_enrolments(world, made, root):
    """P8: the same, where the form is of a world's row."""
    enrolment = CohortUser.objects.get(user=world.student)
    post(root, page(Cohort, "change", world.cohort.pk), name="Web")
    post(root, page(CohortUser, "change", enrolment.pk), educational_status="POSTPONED")
    found = Change.objects.filter(through="admin", by=world.superuser)
    assert {(c.kind, c.object_id, tuple(c.changes)) for c in found} == {
        ("cohort", world.cohort.pk, ("name",)),
        ("enrolment", enrolment.pk, ("educational_status",)),
    }


def test_a_join_page_starts_the_class_as_the_teacher(world, made, clock):
    """P8, J6: through the page, although a task does it."""
    live_class = LiveClass.objects.get(pk=made["coming"])
    clock.move_to(live_class.starting_at + datetime.timedelta(minutes=1))
    client = Client()
    client.force_login(world.teacher)
    assert client.get(f"/v1/events/me/event/liveclass/join/{live_class.hash}").status_code == 302
    change = Change.objects.get(object_id=live_class.pk, kind="live_class")
    assert (set(change.changes), change.through, change.by) == ({"started_at"}, "page", world.teacher)


def run_as_worker(task, *, headers=None, **kwargs):
    """As a worker runs a message, and not within the caller's call."""
    build_tracer(task.name, task, app=task.app)(uuid4().hex, (), kwargs, request=headers or {})


def test_a_task_that_a_user_led_to(world, made):
    """P8: the message names the user; what a build does is a build's, and led to by them."""
    with acting(Actor(through=Through.API, known_id=world.admin.pk)):
        headers: dict[str, Any] = {}
        send_actor(headers=headers)
    LiveClass.objects.filter(pk=made["coming"]).update(starting_at=NOW)
    ClassJoin.objects.create(live_class_id=made["coming"], user=world.teacher, joined_at=NOW, starts_class=True)
    CohortTimeSlot.objects.filter(pk=made["slot"]).update(starting_at=1300)
    Change.objects.all().delete()
    run_as_worker(mark_live_class_as_started, headers=headers, live_class_id=made["coming"])
    assert recorded(through="api", by=world.admin) == {"live_class": {"started_at"}}
    Change.objects.all().delete()
    run_as_worker(build_live_classes_from_timeslot, headers=headers, timeslot_id=made["slot"])
    assert set(Change.objects.values_list("through", "by")) == {("build", world.admin.pk)}
    assert current_actor() is NO_REQUEST


def test_tasks_and_commands(world, made, clock):
    """P8: a build and a sweep through `build`, a command and a shell through `command`; nobody is signed in."""
    CohortTimeSlot.objects.filter(pk=made["slot"]).update(starting_at=1300)
    assert set(Change.objects.filter(by=None).values_list("kind", "through")) == {("time_slot", "command")}
    Change.objects.all().delete()
    run_as_worker(build_live_classes_from_timeslot, timeslot_id=made["slot"])
    moved = LiveClass.objects.filter(starting_at__gt=NOW, planned_date__isnull=False).count()
    found = Change.objects.filter(kind="live_class", through="build", by=None)
    assert [set(change.changes) for change in found] == [{"starting_at"}] * moved
    assert moved > 10
    Change.objects.all().delete()
    clock.shift(24 * HOUR)
    run_as_worker(close_overdue_live_classes)
    assert recorded(through="build") == {"live_class": {"ended_at"}}
    Change.objects.all().delete()
    CohortTimeSlot.objects.filter(pk=made["slot"]).update(starting_at=1200)
    call_command("build_live_classes", "--sync", cohort="web-dev", verbosity=0)
    assert set(Change.objects.values_list("through", flat=True)) == {"command"}
    assert not Change.objects.exclude(by=None).exists()


def test_classes_that_a_build_makes_have_no_row(world):
    """P8: 50,000 of them would say what one row of the time slot says."""
    slot = world.time_slot(recurrency_type="DAILY")
    Change.objects.all().delete()
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    assert LiveClass.objects.count() > 100
    assert not Change.objects.exists()


def test_statements_do_not_grow(made):
    """P8: one statement sends the actor, the trigger needs none."""
    with captured_queries() as one:
        LiveClass.objects.filter(pk=made["coming"]).update(title="One")
    with captured_queries() as many:
        LiveClass.objects.update(title="Many")
    assert len(one) == len(many) == 1
    assert Change.objects.filter(changes__title__1="Many").count() == LiveClass.objects.count()


@pytest.mark.django_db(transaction=True)
def test_the_actor_of_each_write_is_its_own(world):
    """P8: in autocommit, in transactions, after a rollback, and of a connection that somebody else wrote with."""
    name = Cohort.objects.filter(pk=world.cohort.pk).update
    with acting(Actor(through=Through.API, known_id=world.admin.pk)):
        name(name="A")
        with transaction.atomic():
            name(name="B")
            with acting(Actor(through=Through.PAGE, known_id=world.reader.pk)):
                name(name="C")
            transaction.set_rollback(True)
        with transaction.atomic():
            name(name="D")
    name(name="E")
    found = Change.objects.filter(kind="cohort", changes__has_key="name").order_by("-id")[:3]
    assert [(c.changes["name"], c.through, c.by_id) for c in found] == [
        (["D", "E"], "command", None),
        (["A", "D"], "api", world.admin.pk),
        (["Web Development", "A"], "api", world.admin.pk),
    ]


def test_what_is_recorded_of_each_table():
    """P8: a field that is added later is recorded, unless somebody leaves it out; none left out is unknown."""
    for recorded_ in RECORDED:
        names = {field.name for field in recorded_.model._meta.concrete_fields}
        assert recorded_.left_out <= names, recorded_.kind
    assert len({r.table for r in RECORDED}) == len(Change.Kind)


def test_made_twice(made):
    """P8: `migrate` makes the triggers again."""
    make_triggers(triggers(), using="default")
    LiveClass.objects.filter(pk=made["coming"]).update(title="Once")
    assert Change.objects.count() == 1
