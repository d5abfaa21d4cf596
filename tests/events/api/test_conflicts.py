"""`academy/event/liveclass/conflicts`, and the `warnings` of answers (rule P6)."""

import datetime
from random import Random

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.queries import assert_num_queries, captured_queries

UTC = datetime.UTC
NOW = datetime.datetime(2025, 3, 5, 12, tzinfo=UTC)
URL = "/v1/events/academy/event/liveclass"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sister(world):
    """A second cohort of the same academy."""
    return Cohort.objects.create(academy=world.miami, slug="sister", name="Sister", stage="STARTED")


@pytest.fixture
def abroad(world):
    """A cohort of the other academy, whose name nobody in Miami may learn."""
    return Cohort.objects.create(academy=world.madrid, slug="secret", name="Secret", stage="STARTED")


@pytest.fixture
def hold(world):
    """`hold(cohort, 1, 3)`: a class of the cohort from one hour after now to three."""

    def make(cohort, start, end, **fields):
        hours = {
            "starting_at": NOW + datetime.timedelta(hours=start),
            "ending_at": NOW + datetime.timedelta(hours=end),
        }
        slot = CohortTimeSlot.objects.filter(cohort=cohort).first() or world.time_slot(cohort=cohort)
        return LiveClass.objects.create(cohort_time_slot=slot, **hours, **fields)

    return make


@pytest.fixture
def conflicts(world, call):
    def ask(query="", *, as_=None, academy=None):
        return call("GET", f"{URL}/conflicts{query}", as_=as_ or world.admin, academy=academy or world.miami)

    return ask


def enrol(cohort, user, role="TEACHER", **fields):
    CohortUser.objects.create(cohort=cohort, user=user, role=role, **fields)


def shown(live_class, cohort=None):
    times = {name: getattr(live_class, name).strftime("%Y-%m-%dT%H:%M:%SZ") for name in ("starting_at", "ending_at")}
    if cohort is None:
        return times
    return {"id": live_class.pk, **times, "cohort": {"id": cohort.pk, "slug": cohort.slug, "name": cohort.name}}


def ids(response):
    assert response.status_code == 200, response.json()
    return [
        (row["kind"], row["user"]["id"], *(found.get("id") for found in row["live_classes"])) for row in response.json()
    ]


def test_a_teacher_of_two_cohorts(world, sister, hold, conflicts):
    """P6: one row for the teacher and the two classes, in the order of their start."""
    enrol(sister, world.teacher)
    late, early = hold(world.cohort, 2, 4), hold(sister, 1, 3)
    assert conflicts().json() == [
        {
            "kind": "teacher",
            "user": {"id": world.teacher.pk, "email": "teacher@example.org", "first_name": "", "last_name": ""},
            "live_classes": [shown(early, sister), shown(late, world.cohort)],
        }
    ]


def test_of_another_academys_class_only_the_times(world, abroad, hold, conflicts):
    """P6: each academy sees its own class whole and of the other one the times; a third sees nothing."""
    enrol(abroad, world.teacher)
    here, there = hold(world.cohort, 1, 3), hold(abroad, 2, 4)
    answer = conflicts()
    assert answer.json()[0]["live_classes"] == [shown(here, world.cohort), shown(there)]
    assert "secret" not in answer.content.decode().lower()
    theirs = conflicts(as_=world.foreign_admin, academy=world.madrid)
    assert theirs.json()[0]["live_classes"] == [shown(here), shown(there, abroad)]
    assert world.cohort.name not in theirs.content.decode()


def test_two_classes_of_other_academies_are_not_shown(world, abroad, hold, conflicts):
    """P6: a conflict concerns an academy through a class of its own, not through the user."""
    other = Cohort.objects.create(academy=world.madrid, slug="second", name="Second", stage="STARTED")
    for cohort in (abroad, other):
        enrol(cohort, world.teacher)
        hold(cohort, 1, 3)
    assert conflicts().json() == []
    assert len(conflicts(as_=world.foreign_admin, academy=world.madrid).json()) == 1


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(3, 4, False), (2.99, 4, True), (0, 1, False), (0, 1.01, True), (1, 3, True), (1.5, 2, True), (0, 5, True)],
)
@pytest.mark.parametrize("place", ["sister", "abroad"])
def test_what_overlaps(world, request, hold, conflicts, place, start, end, found):
    """P6: half-open; the class of the cohort lasts from 1 to 3, and the other one not always begins later."""
    other = request.getfixturevalue(place)
    enrol(other, world.teacher)
    hold(world.cohort, 1, 3), hold(other, start, end)
    assert len(conflicts("?starting_at__gte=2025-03-05").json()) == found


def test_a_class_of_24_hours(world, sister, hold, conflicts):
    """P6: also one that began the day before, and one that lasts an hour longer since clocks were set back."""
    enrol(sister, world.teacher)
    hold(sister, -22.5, 2.5), hold(world.cohort, 2, 3)
    assert len(conflicts().json()) == 1


@pytest.mark.parametrize("status", CohortUser.EducationalStatus.values)
def test_students(world, sister, hold, conflicts, status):
    """P6: active students of two cohorts; who is away from one of them has no conflict."""
    CohortUser.objects.filter(cohort=world.cohort, role="STUDENT").exclude(user=world.student).delete()
    enrol(sister, world.student, "STUDENT", educational_status=status)
    first, second = hold(world.cohort, 1, 3), hold(sister, 2, 4)
    active = status not in CohortUser.AWAY
    assert ids(conflicts()) == ([("student", world.student.pk, first.pk, second.pk)] if active else [])


@pytest.mark.parametrize("role", ["ASSISTANT", "REVIEWER"])
def test_who_else_is_in_two_cohorts(world, sister, hold, conflicts, role):
    """P6: assistants and reviewers are free to choose."""
    enrol(sister, getattr(world, role.lower()), role)
    hold(world.cohort, 1, 3), hold(sister, 2, 4)
    assert conflicts().json() == []


def test_a_teacher_who_is_a_student_elsewhere(world, sister, hold, conflicts):
    """P6: one conflict of a teacher, however many roles the user has in the two cohorts."""
    enrol(sister, world.teacher, "STUDENT")
    enrol(world.cohort, world.teacher, "STUDENT")
    first, second = hold(world.cohort, 1, 3), hold(sister, 2, 4)
    assert ids(conflicts()) == [("teacher", world.teacher.pk, first.pk, second.pk)]


def test_two_classes_of_one_cohort(world, hold, conflicts):
    """P6: the teacher cannot give both; its students are no students of two cohorts."""
    first, second = hold(world.cohort, 1, 3), hold(world.cohort, 2, 4)
    assert ids(conflicts()) == [("teacher", world.teacher.pk, first.pk, second.pk)]


def test_what_does_not_take_place(world, sister, hold, conflicts):
    """P6: cancelled classes never, on either side, and none of a deleted cohort."""
    enrol(sister, world.teacher)
    hold(world.cohort, 1, 3, cancelled_at=NOW), hold(sister, 1, 3)
    hold(world.cohort, 11, 13), hold(sister, 11, 13, cancelled_at=NOW)
    assert conflicts().json() == []
    hold(world.cohort, 1, 3)
    assert len(conflicts().json()) == 1
    for cohort in (sister, world.cohort):
        Cohort.objects.filter(pk=cohort.pk).update(stage="DELETED")
        assert conflicts().json() == []
        Cohort.objects.filter(pk=cohort.pk).update(stage="STARTED")


def test_the_range(world, sister, hold, conflicts):
    """P6, L3, L4: a conflict begins with its later class; the next 28 days unless said otherwise."""
    enrol(sister, world.teacher)
    pairs = {}
    for name, hours in {"past": -9, "now": 0, "last": 28 * 24, "after": 28 * 24 + 3, "year": 8760}.items():
        pairs[hold(sister, hours - 1, hours + 0.5).pk] = name
        hold(world.cohort, hours, hours + 1)

    def names(query=""):
        return [pairs[row["live_classes"][0]["id"]] for row in conflicts(query).json()]

    assert names() == ["last", "now"]
    assert names("?sort=starting_at") == ["now", "last"]
    assert names("?starting_at__gte=2025-03-05T15:00:00Z") == ["after", "last"]
    assert names("?starting_at__gte=2025-03-05T03:00:00Z&starting_at__lte=2025-03-05T12:00:00Z") == ["now", "past"]
    assert names("?starting_at__lte=2027-01-01") == ["year", "after", "last", "now"]
    assert names("?starting_at__gte=2025-03-05&starting_at__lte=2025-03-05") == ["now", "past"]
    assert names("?starting_at__gte=2025-03-05&starting_at__lte=2025-03-05&timezone=Pacific/Auckland") == ["past"]
    assert names("?starting_at__gte=9999-12-31&starting_at__lte=0001-01-01") == []
    assert names("?starting_at__gte=9999-12-30") == []


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("?starting_at__gte=soon", "invalid-parameter"),
        ("?starting_at__lte=2025-13-01", "invalid-parameter"),
        ("?starting_at__lte=", "invalid-parameter"),
        ("?timezone=Mars", "invalid-parameter"),
        ("?sort=cohort", "invalid-parameter"),
        ("?limit=0", "invalid-parameter"),
        ("?ending_at__lte=2025-03-05", "unknown-parameter"),
    ],
)
def test_what_cannot_be_read(conflicts, query, slug):
    """P6, H7: said, and not left out."""
    assert error(conflicts(query)) == (400, slug)


def test_pages(world, sister, hold, conflicts):
    """P6, H8: pages neither lose nor repeat a row, also among conflicts that begin together."""
    for user in (world.teacher, world.reviewer, world.assistant):
        CohortUser.objects.filter(cohort=world.cohort, user=user).update(role="TEACHER")
        enrol(sister, user)
    for hour in (1, 5):
        hold(world.cohort, hour, hour + 2), hold(sister, hour, hour + 2), hold(sister, hour + 1, hour + 3)
    rows = ids(conflicts())
    assert len(rows) == len(set(rows)) == 2 * 3 * 3
    assert [row for offset in range(0, 18, 4) for row in ids(conflicts(f"?limit=4&offset={offset}"))] == rows
    page = conflicts("?limit=4&offset=4&envelope=true").json()
    assert (page["count"], len(page["results"])) == (18, 4)
    for sort in ("user", "kind", "-starting_at,user"):
        assert sorted(ids(conflicts(f"?sort={sort}"))) == sorted(rows)


@pytest.mark.parametrize("classes", [1, 30])
def test_two_statements(world, sister, hold, conflicts, classes):
    """P6: the token's, who may be needed twice, and one for the list, however many classes there are."""
    enrol(sister, world.teacher)
    for hour in range(classes):
        hold(world.cohort, 2 * hour + 1, 2 * hour + 2), hold(sister, 2 * hour + 1, 2 * hour + 2)
    conflicts()  # signs in
    with assert_num_queries(3):
        answer = conflicts()
    assert len(answer.json()) == classes


@pytest.mark.parametrize("seed", range(12))
def test_who_is_left_out_beforehand(world, sister, abroad, hold, conflicts, monkeypatch, seed):
    """P6: who has one cohort and no other class cannot be needed twice; all others are found, whatever their roles."""
    random = Random(seed)
    users = [User.objects.create_user(f"{number}@example.org") for number in range(8)]
    cohorts = [world.cohort, sister, abroad]
    for user in users:
        for cohort in random.sample(cohorts, random.randint(0, 2)):
            status = random.choice(["ACTIVE", "ACTIVE", "GRADUATED", "DROPPED"])
            enrol(
                cohort, user, random.choice(["STUDENT", "STUDENT", "TEACHER", "ASSISTANT"]), educational_status=status
            )
    for _class in range(12):
        start = random.randint(0, 5)
        hold(random.choice(cohorts), start, start + random.randint(1, 3), teacher=random.choice([None, *users]))
    found = ids(conflicts("?limit=1000"))
    monkeypatch.setattr("breathecode.events.domain.staffing.conflicts.MAX_CANDIDATES", -1)
    assert found
    assert found == ids(conflicts("?limit=1000"))


def test_students_of_one_cohort_are_looked_up_once(world, sister, hold, conflicts):
    """Speed: the long statement names the users who may be needed twice, and no student of one cohort."""
    both, one = (User.objects.create_user(f"{name}@example.org") for name in ("both", "one"))
    for user in (both, one):
        enrol(world.cohort, user, "STUDENT")
    enrol(sister, both, "STUDENT")
    hold(world.cohort, 1, 3), hold(sister, 2, 4)
    with captured_queries() as statements:
        assert [user for _kind, user, *_classes in ids(conflicts())] == [both.pk]
    (statement,) = [sql for sql in statements if "MAX(CASE" in sql]
    teachers = CohortUser.objects.filter(cohort=world.cohort, role="TEACHER").values_list("user", flat=True)
    assert f"IN ({', '.join(map(str, sorted({*teachers, both.pk})))})" in statement


def test_who_may_see_them(world, conflicts):
    """P6, H4: who may see the academy's classes."""
    assert conflicts(as_=world.staff_teacher).status_code == 200
    assert error(conflicts(as_=world.reader)) == (403, "missing-capability")
    assert error(conflicts(as_=world.student)) == (403, "not-academy-member")
    assert error(conflicts(as_=world.foreign_admin)) == (403, "not-academy-member")


WHEN = "Wednesday, March 5, 2025, from 8 a.m. to 10 a.m. (America/New_York)"


@pytest.fixture
def body(world):
    slot = world.time_slot()
    return {
        "cohort_time_slot": slot.pk,
        "starting_at": "2025-03-05T13:00:00Z",
        "ending_at": "2025-03-05T15:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/1",
    }


def test_a_class_by_hand_warns(world, call, sister, abroad, hold, body):
    """P6: a sentence for each user and other cohort, and the class is made all the same; no name from elsewhere."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Ana", last_name="Ruiz")
    enrol(sister, world.teacher), enrol(abroad, world.teacher), enrol(abroad, world.student, "STUDENT")
    hold(sister, 2, 4), hold(abroad, 0, 9)
    answer = call("POST", URL, as_=world.admin, academy=world.miami, body=body)
    assert answer.status_code == 201
    assert answer.json()["warnings"] == [
        f"Ana Ruiz (teacher) has another class at this time, in another academy: {WHEN}.",
        f"Ana Ruiz (teacher) has another class at this time, in Sister: {WHEN}.",
        f"student@example.org (student) has another class at this time, in another academy: {WHEN}.",
    ]
    assert LiveClass.objects.filter(pk=answer.json()["id"]).exists()


def test_a_class_by_hand_without_a_conflict(world, call, body):
    """P6: an empty list."""
    assert call("POST", URL, as_=world.admin, academy=world.miami, body=body).json()["warnings"] == []


def test_moving_and_restoring_warn(world, call, sister, hold):
    """P6: where the times are sent, and where a cancelled class returns; where the class was does not count."""
    enrol(sister, world.teacher)
    hold(sister, 2, 4)
    moved = hold(world.cohort, 5, 7)

    def send(method, path="", body=None):
        url = f"{URL}/{moved.pk}{path}"
        answer = call(method, url, as_=world.admin, academy=world.miami, body=body)
        assert answer.status_code == 200
        return answer.json()["warnings"]

    assert send("PUT", body={"ending_at": "2025-03-05T18:30:00Z"}) == []
    warned = send("PUT", body={"starting_at": "2025-03-05T13:00:00Z", "ending_at": "2025-03-05T15:00:00Z"})
    assert warned == [f"teacher@example.org (teacher) has another class at this time, in Sister: {WHEN}."]
    assert send("PUT", body={"title": "Another"}) == []
    call("POST", f"{URL}/{moved.pk}/cancel", as_=world.admin, academy=world.miami, body={})
    assert send("PUT", body={"starting_at": "2025-03-05T13:30:00Z"}) == []  # cancelled, it is in nobody's way
    assert len(send("POST", "/restore", {})) == 1


def test_in_the_callers_language(world, call, sister, hold, body):
    """P6, V5: the sentences are translated."""
    enrol(sister, world.teacher)
    hold(sister, 2, 4)
    User.objects.filter(pk=world.admin.pk).update(language="es")
    world.admin.refresh_from_db()
    answer = call("POST", URL, as_=world.admin, academy=world.miami, body=body)
    when = "miércoles, 5 de marzo de 2025, de 08:00 a 10:00"
    assert answer.json()["warnings"] == [
        f"teacher@example.org (docente) tiene otra clase a esta hora, en Sister: {when} (America/New_York)."
    ]


@pytest.fixture
def preview(world, call):
    def ask(**fields):
        url = f"/v1/admissions/academy/cohort/{world.cohort.slug}/timeslot/preview"
        body = {"starting_at": 800, "ending_at": 1000, "weekdays": ["WE"], **fields}
        return call("POST", url, as_=world.admin, academy=world.miami, body=body)

    return ask


def test_the_preview_warns(world, sister, hold, preview):
    """P6, T6: how often, and the first time; of classes to come."""
    enrol(sister, world.teacher)
    hold(sister, -7 * 24 + 1, -7 * 24 + 2), hold(sister, 2, 4)
    assert preview().json()["warnings"] == [
        f"teacher@example.org (teacher) has another class at this time, in Sister: {WHEN}."
    ]
    hold(sister, 7 * 24 + 1, 7 * 24 + 2), hold(sister, 7 * 24 + 1, 7 * 24 + 2)
    assert preview().json()["warnings"] == [
        f"teacher@example.org (teacher) has another class, in Sister, at 2 of these times. The first: {WHEN}."
    ]
    assert preview(starting_at=1100, ending_at=1300).json()["warnings"] == []


def test_at_most_20_sentences(world, sister, hold, preview):
    """P6: teachers first; one more sentence says how many users are left."""
    hold(sister, 2, 4)
    users = [User.objects.create_user(f"s{number:02}@example.org") for number in range(25)]
    for user in users:
        enrol(sister, user, "STUDENT"), enrol(world.cohort, user, "STUDENT")
    enrol(sister, world.teacher)
    warnings = preview().json()["warnings"]
    assert len(warnings) == 21
    assert warnings[0].startswith("teacher@example.org (teacher)")
    assert warnings[-1] == "6 more users have another class."


@pytest.mark.parametrize("classes", [1, 20])
def test_warnings_cost_one_statement(world, call, sister, hold, body, classes):
    """P6: for a class and for a preview alike, however many conflicts."""
    enrol(sister, world.teacher)
    for hour in range(classes):
        hold(sister, 1 + hour / 50, 3)
    with captured_queries() as statements:
        answer = call("POST", URL, as_=world.admin, academy=world.miami, body=body)
    assert len(answer.json()["warnings"]) == 1
    assert len([sql for sql in statements if "MAX(CASE" in sql]) == 1
