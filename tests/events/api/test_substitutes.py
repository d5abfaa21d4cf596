"""`teacher` of a live class, and who could be one (rule P4)."""

import datetime

import pytest

from breathecode.admissions.models import Cohort, CohortUser, Syllabus
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import AcademyMember, User
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.domain.survey_mails import queue_survey_of_class
from breathecode.feedback.models import Answer, FeedbackSettings
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import captured_queries

URL = "/v1/events/academy/event/liveclass"
MINE = "/v1/events/me/event/liveclass"


@pytest.fixture(autouse=True)
def _now(clock):
    """Everything happens within the fixed hour."""


@pytest.fixture
def substitute(world):
    """A teacher of the academy's staff who has no part in the cohort."""
    User.objects.filter(pk=world.staff_teacher.pk).update(first_name="Ana", last_name="Ruiz")
    return User.objects.get(pk=world.staff_teacher.pk)


@pytest.fixture
def put(world, call):
    def send(live_class, body, *, as_=None):
        return call("PUT", f"{URL}/{live_class.pk}", as_=as_ or world.admin, academy=world.miami, body=body)

    return send


def test_a_substitute_is_set_and_taken_back(world, call, put, make_class, substitute):
    """P4: an id or null; the object names the user, in the list and alone; the answer may be PUT back."""
    live_class = make_class()
    ana = {"id": substitute.pk, "first_name": "Ana", "last_name": "Ruiz"}
    answer = put(live_class, {"teacher": substitute.pk})
    assert (answer.status_code, answer.json()["teacher"]) == (200, ana)
    assert put(live_class, answer.json()).json() == answer.json()
    for url in (URL, f"{URL}/{live_class.pk}", MINE):
        found = call("GET", url, as_=world.superuser if url is URL else world.admin, academy=world.miami).json()
        if url is not MINE:
            assert (found[0] if isinstance(found, list) else found)["teacher"] == ana
    assert call("GET", MINE, as_=world.student).json()[0]["teacher"] == ana
    assert put(live_class, {"teacher": None}).json()["teacher"] is None
    assert LiveClass.objects.get(pk=live_class.pk).teacher is None


@pytest.mark.parametrize("name", ["student", "reader", "stranger", "foreign_admin", "superuser", "teacher"])
def test_who_is_not_a_teacher(world, put, make_class, name):
    """P4: without start_or_end_class in the academy, whatever they are in the cohort; nothing is saved."""
    live_class = make_class()
    answer = put(live_class, {"teacher": getattr(world, name).pk, "title": "Another"})
    assert error(answer) == (400, "not-a-teacher")
    assert LiveClass.objects.get(pk=live_class.pk).title == ""


@pytest.mark.parametrize("value", [0, -1, 2**63, 10**30])
def test_ids_of_nobody(put, make_class, value):
    """P4: numbers that no user has."""
    assert error(put(make_class(), {"teacher": value}))[0] == 400


@pytest.mark.parametrize("value", ["Ana", {}, [], True, {"id": None}, 1.5])
def test_what_is_no_id(put, make_class, value):
    """P4, H5: a field error."""
    assert error(put(make_class(), {"teacher": value})) == (400, "validation-error")


def test_on_creation(world, call, make_class, substitute):
    """P4, W1: a class by hand may have one from the beginning; the same check."""
    slot = make_class().cohort_time_slot_id
    body = {
        "cohort_time_slot": slot, "starting_at": "2025-03-06T13:00:00Z", "ending_at": "2025-03-06T15:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/1", "teacher": substitute.pk,
    }  # fmt: skip
    answer = call("POST", URL, as_=world.admin, academy=world.miami, body=body)
    assert (answer.status_code, answer.json()["teacher"]["id"]) == (201, substitute.pk)
    body |= {"starting_at": "2025-03-06T14:00:00Z", "teacher": world.student.pk}
    assert error(call("POST", URL, as_=world.admin, academy=world.miami, body=body)) == (400, "not-a-teacher")


def test_their_join_starts_the_class(call, make_class, put, substitute):
    """P4, J6: as that of a teacher of the cohort; other staff join and start nothing."""
    live_class = make_class(start=-0.1)
    link = f"{MINE}/join/{live_class.hash}"
    assert call("GET", link, as_=substitute).status_code == 302
    assert LiveClass.objects.get(pk=live_class.pk).started_at is None
    ClassJoin.objects.all().delete()
    put(live_class, {"teacher": substitute.pk})
    assert call("GET", link, as_=substitute).status_code == 302
    assert LiveClass.objects.get(pk=live_class.pk).started_at == NOW


def test_their_own_list(world, call, make_class, put, substitute):
    """P4, L7, O2: the classes that they teach and no other of the cohort; at once, also when it is taken back."""
    live_class, _other = make_class(), make_class(start=30)

    def ids():
        return [row["id"] for row in call("GET", MINE, as_=substitute).json()]

    assert ids() == []
    put(live_class, {"teacher": substitute.pk})
    assert ids() == [live_class.pk]
    put(live_class, {"title": "Another"})
    assert call("GET", MINE, as_=substitute).json()[0]["title"] == "Another"
    put(live_class, {"teacher": None})
    assert ids() == []
    put(live_class, {"teacher": substitute.pk})
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert ids() == []


def test_a_new_name_is_shown(world, call, make_class, put, substitute):
    """P4, O2: students' lists are cached, and show a new name of the substitute at once."""
    live_class = make_class()
    put(live_class, {"teacher": substitute.pk})
    assert call("GET", MINE, as_=world.student).json()[0]["teacher"]["first_name"] == "Ana"
    substitute.first_name = "Eva"
    substitute.save()
    assert call("GET", MINE, as_=world.student).json()[0]["teacher"]["first_name"] == "Eva"


def test_the_survey_asks_about_them(world, make_class, put, substitute):
    """P4, S4: instead of the cohort's teachers."""
    FeedbackSettings.objects.create(academy=world.miami, send_surveys=True)
    ended = make_class(start=-3, started_at=NOW - datetime.timedelta(hours=3), ended_at=NOW)
    Attendance.objects.create(live_class=ended, user=world.student, status="PRESENT", source="STAFF", recorded_at=NOW)
    put(ended, {"teacher": substitute.pk})
    assert queue_survey_of_class(live_class_id=ended.pk, now=NOW) == 1
    assert set(Answer.objects.values_list("teacher", flat=True)) == {None, substitute.pk}


def test_who_leaves_is_no_substitute(world, call, make_class, put, substitute):
    """P4: for classes to come; of what took place it stays known who taught it."""
    past = make_class(start=-5, started_at=NOW - datetime.timedelta(hours=5), ended_at=NOW)
    coming = make_class()
    for live_class in (past, coming):
        put(live_class, {"teacher": substitute.pk})
    member = AcademyMember.objects.get(user=substitute)
    url = f"/v1/auth/academy/member/{member.pk}"
    assert call("PUT", url, as_=world.admin, academy=world.miami, body={"role": "assistant"}).status_code == 200
    assert LiveClass.objects.get(pk=coming.pk).teacher == substitute
    assert call("PUT", url, as_=world.admin, academy=world.miami, body={"role": "staff"}).status_code == 200
    assert LiveClass.objects.get(pk=coming.pk).teacher is None
    assert LiveClass.objects.get(pk=past.pk).teacher == substitute


def test_conflicts_of_a_substitute(world, call, make_class, put, substitute):
    """P6, P4: theirs instead of the teachers'; students stay."""
    sister = Cohort.objects.create(academy=world.miami, slug="sister", name="Sister", stage="STARTED")
    for user, role in ((world.teacher, "TEACHER"), (substitute, "TEACHER"), (world.student, "STUDENT")):
        CohortUser.objects.create(cohort=sister, user=user, role=role)
    here, there = make_class(), make_class(cohort_time_slot=world.time_slot(cohort=sister))

    def found():
        rows = call("GET", f"{URL}/conflicts", as_=world.admin, academy=world.miami).json()
        return sorted((row["kind"], row["user"]["email"].partition("@")[0]) for row in rows)

    assert found() == [("student", "student"), ("teacher", "teacher")]
    warnings = put(here, {"teacher": substitute.pk}).json()["warnings"]
    assert [warning.partition(" has")[0] for warning in warnings] == [
        "Ana Ruiz (teacher)", "student@example.org (student)"
    ]  # fmt: skip
    assert found() == [("student", "student"), ("teacher", "staff_teacher")]
    put(there, {"teacher": substitute.pk})
    assert found() == [("student", "student"), ("teacher", "staff_teacher")]
    put(here, {"teacher": None})
    assert found() == [("student", "student")]


def proposed(call, world, live_class, query=""):
    answer = call("GET", f"{URL}/{live_class.pk}/substitutes{query}", as_=world.admin, academy=world.miami)
    assert answer.status_code == 200
    return [(row["user"]["email"].partition("@")[0], row["same_syllabus"]) for row in answer.json()]


def test_who_is_proposed(world, call, make_class, put, substitute):
    """P4: members who may start classes, have none then, and do not teach this one; same syllabus first."""
    live_class = make_class()
    everybody = [("admin", False), ("coordinator", False), ("staff_teacher", False)]
    assert sorted(proposed(call, world, live_class)) == everybody
    web = Syllabus.objects.create(academy=world.miami, slug="web", name="Web")
    sister = Cohort.objects.create(academy=world.miami, slug="sister", name="Sister", stage="STARTED", syllabus=web)
    CohortUser.objects.create(cohort=sister, user=substitute, role="TEACHER")
    assert sorted(proposed(call, world, live_class)) == everybody  # this cohort has no syllabus
    Cohort.objects.filter(pk=world.cohort.pk).update(syllabus=web)
    assert proposed(call, world, live_class)[0] == ("staff_teacher", True)
    assert proposed(call, world, live_class, "?sort=same_syllabus")[-1] == ("staff_teacher", True)
    assert proposed(call, world, live_class, "?sort=-email")[0] == ("staff_teacher", True)
    assert proposed(call, world, live_class, "?limit=1&offset=1") == everybody[:1]
    put(live_class, {"teacher": substitute.pk})
    assert sorted(proposed(call, world, live_class)) == everybody[:2]
    CohortUser.objects.create(cohort=world.cohort, user=world.coordinator, role="TEACHER")
    assert proposed(call, world, live_class) == [("admin", False)]


@pytest.mark.parametrize(
    ("start", "length", "free"), [(3, 1, True), (2.9, 1, False), (0, 1, True), (0, 1.1, False), (-22, 24, False)]
)
def test_who_has_a_class_then(world, call, make_class, substitute, start, length, free):
    """P4: half-open, as teacher, student or substitute; not cancelled, and not given by a substitute."""
    live_class = make_class()
    sister = Cohort.objects.create(academy=world.madrid, slug="sister", name="Sister", stage="STARTED")
    CohortUser.objects.create(cohort=sister, user=substitute, role="TEACHER")
    slot = world.time_slot(cohort=sister)
    theirs = make_class(cohort_time_slot=slot, start=start, length=length)

    def is_proposed():
        return ("staff_teacher", False) in proposed(call, world, live_class)

    assert is_proposed() is free
    LiveClass.objects.filter(pk=theirs.pk).update(teacher=world.foreign_admin)
    assert is_proposed()
    LiveClass.objects.filter(pk=theirs.pk).update(teacher=substitute)
    assert is_proposed() is free
    LiveClass.objects.filter(pk=theirs.pk).update(cancelled_at=NOW)
    assert is_proposed()
    LiveClass.objects.filter(pk=theirs.pk).update(cancelled_at=None, teacher=None)
    CohortUser.objects.filter(cohort=sister).update(role="STUDENT")
    assert is_proposed() is free
    CohortUser.objects.filter(cohort=sister).update(educational_status="DROPPED")
    assert is_proposed()


def test_what_substitutes_cost(world, call, make_class):
    """P4: the token, the class and the list, however many members."""
    live_class = make_class()
    proposed(call, world, live_class)
    for members in (0, 20):
        for number in range(members):
            user = User.objects.create_user(f"m{number}@example.org")
            AcademyMember.objects.create(academy=world.miami, user=user, role="teacher")
        with captured_queries() as statements:
            assert len(proposed(call, world, live_class)) == 3 + members
        assert len(statements) == 3


def test_who_may_ask(world, call, make_class):
    """P4, H4: who may change classes; another academy's class is not found."""
    live_class = make_class()
    url = f"{URL}/{live_class.pk}/substitutes"
    assert error(call("GET", url, as_=world.reader, academy=world.miami)) == (403, "missing-capability")
    assert error(call("GET", url, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")
    assert error(call("GET", f"{URL}/{2**63}/substitutes", as_=world.admin, academy=world.miami)) == (404, "not-found")
