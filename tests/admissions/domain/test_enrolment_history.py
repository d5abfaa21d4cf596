"""Enrolments changed by each way that staff have, and what becomes of rolls and rates (rules A2, A5)."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.admissions.tasks import update_enrolment_periods
from breathecode.authenticate.models import User
from tests.support.admin import page, post
from tests.support.classes import NOW
from tests.support.client import error

pytestmark = pytest.mark.usefixtures("clock")
COHORT = "/v1/admissions/academy/cohort/web-dev"
BEGUN = NOW - timedelta(days=30)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(call, world):
    def office(method, path, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return office


@pytest.fixture
def root(world):
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.fixture
def ana(world):
    """A student of `web-dev` for a month."""
    person = User.objects.create_user("ana@example.org", "pass-word-9")
    CohortUser.objects.create(cohort=world.cohort, user=person)
    EnrolmentPeriod.objects.filter(user=person).update(since=BEGUN)
    return person


@pytest.fixture
def held(make_class):
    """Makes a class of an hour that began so many hours ago."""

    def make(hours):
        begun = NOW - timedelta(hours=hours)
        return make_class(start=-hours, length=1, started_at=begun, ended_at=begun + timedelta(hours=1))

    return make


def at(moment):
    return time_machine.travel(moment, tick=False)


def periods(person, cohort=None):
    found = EnrolmentPeriod.objects.filter(user=person, **({"cohort": cohort} if cohort else {}))
    return list(found.values_list("since", "until"))


def get_membership(world, person):
    return CohortUser.objects.get(cohort=world.cohort, user=person)


def rate_of(office, person):
    """(attended, expected, rate) in the report; None where the person is not in it."""
    response = office("GET", f"{COHORT}/attendance.json")
    lines = json.loads(b"".join(response.streaming_content))["students"]
    return next(((row["attended"], row["expected"], row["rate"]) for row in lines if row["user"] == person.pk), None)


def put_roll(office, live_class, person, status="PRESENT"):
    url = f"/v1/events/academy/event/liveclass/{live_class.pk}/attendance"
    return office("PUT", url, body={"attendance": [{"user": person.pk, "status": status}]})


def roll(office, live_class):
    rows = office("GET", f"/v1/events/academy/event/liveclass/{live_class.pk}/attendance").json()["attendance"]
    return {row["user"] for row in rows}


@pytest.mark.parametrize("away", ["POSTPONED", "SUSPENDED", "DROPPED"])
def test_a_status_over_the_api(office, world, ana, away):
    """A5, R3: PUT of a status ends the period, ACTIVE begins another; GRADUATED goes on."""
    url = f"{COHORT}/user/{ana.pk}"
    for moment, status in ((NOW, "GRADUATED"), (LATER, away), (LATER + timedelta(days=1), "ACTIVE")):
        with at(moment):
            assert office("PUT", url, body={"educational_status": status}).status_code == 200
    assert periods(ana) == [(BEGUN, LATER), (LATER + timedelta(days=1), None)]


def test_leaving_and_coming_over_the_api(office, world, ana):
    """A5, R3: DELETE ends the period, POST begins another; a second role changes nothing."""
    with at(LATER):
        assert office("DELETE", f"{COHORT}/user/{ana.pk}").status_code == 204
    with at(LATER + timedelta(hours=1)):
        assert office("POST", f"{COHORT}/user", body={"user": "ana@example.org"}).status_code == 201
    with at(LATER + timedelta(hours=2)):
        assert office("POST", f"{COHORT}/user", body={"user": ana.pk, "role": "ASSISTANT"}).status_code == 201
    assert periods(ana) == [(BEGUN, LATER), (LATER + timedelta(hours=1), None)]


def test_another_role_ends_the_students(office, world, ana):
    """A5: who becomes an assistant was a student until then."""
    with at(LATER):
        CohortUser.objects.filter(user=ana).get().delete()
        CohortUser.objects.create(cohort=world.cohort, user=ana, role="ASSISTANT")
    assert periods(ana) == [(BEGUN, LATER)]


def test_a_file(office, world, ana):
    """A5, U4: who is new in a file has a period from then on, and who was there keeps theirs; a dry run adds none."""
    for query, count in (("?dry_run=true", 0), ("", 1), ("", 1)):
        file = SimpleUploadedFile("people.csv", b"email\nana@example.org\nben@example.org\n", "text/csv")
        response = office("POST", f"{COHORT}/user/import{query}", data={"file": file}, format="multipart")
        assert response.status_code in {200, 201}
        assert EnrolmentPeriod.objects.filter(user__email="ben@example.org", since=NOW, until=None).count() == count
    assert periods(ana) == [(BEGUN, None)]


def test_the_admin(root, world, ana):
    """A5, R6: adding, changing and deleting a membership on the admin's pages."""
    other = User.objects.create_user("other@example.org")
    added = post(root, page(CohortUser, "add"), cohort=world.cohort.pk, user=other.pk, role="STUDENT")
    assert (added.status_code, periods(other)) == (302, [(NOW, None)])
    with at(LATER):
        root.force_login(world.superuser)
        changed = post(root, page(CohortUser, "change", get_membership(world, ana).pk), educational_status="SUSPENDED")
        assert changed.status_code == 302
        root.post(page(CohortUser, "delete", get_membership(world, other).pk), {"post": "yes"})
    assert (periods(ana), periods(other)) == ([(BEGUN, LATER)], [(NOW, LATER)])


def test_the_admins_bulk_action(root, world, ana):
    """A5: "Delete selected" ends the periods too."""
    chosen = {"action": "delete_selected", "_selected_action": [get_membership(world, ana).pk], "post": "yes"}
    assert root.post(page(CohortUser, "changelist"), chosen).status_code == 302
    assert periods(ana) == [(BEGUN, NOW)]


def test_writes_without_signals(world, ana):
    """A5: what `bulk_create` and `update` change is noted by the periodic task, once."""
    people = [User.objects.create_user(f"bulk{n}@example.org") for n in range(3)]
    CohortUser.objects.bulk_create(CohortUser(cohort=world.cohort, user=person) for person in people)
    CohortUser.objects.filter(user=ana).update(role="REVIEWER")
    assert (update_enrolment_periods(), update_enrolment_periods()) == (4, 0)
    assert [periods(person) for person in people] == [[(NOW, None)]] * 3
    assert periods(ana) == [(BEGUN, NOW)]


def test_a_move_with_update(world, ana):
    """A5: a membership moved to another cohort by `update` ends one period and begins another."""
    CohortUser.objects.filter(user=ana).update(cohort=world.other_cohort)
    assert update_enrolment_periods() == 2
    assert periods(ana, world.cohort) == [(BEGUN, NOW)]
    assert periods(ana, world.other_cohort) == [(NOW, None)]


def test_deleting_the_user_or_the_cohort(world, ana):
    """A5: their history goes with them, and nobody else's."""
    others = EnrolmentPeriod.objects.exclude(user=ana).count()
    ana.delete()
    assert EnrolmentPeriod.objects.count() == others
    Cohort.objects.filter(pk=world.cohort.pk).delete()
    assert set(EnrolmentPeriod.objects.values_list("cohort", flat=True)) == {world.other_cohort.pk}


def test_removed_by_mistake_and_put_back(office, world, ana, held):
    """A5: 4 of 4 stays 4 of 4, without the membership, with it again, and when new classes come."""
    for hours in (90, 66, 42, 18):
        assert put_roll(office, held(hours), ana).status_code == 200
    assert rate_of(office, ana) == (4, 4, 1.0)
    office("DELETE", f"{COHORT}/user/{ana.pk}")
    assert rate_of(office, ana) == (4, 4, 1.0)
    with at(NOW + timedelta(minutes=5)):
        assert office("POST", f"{COHORT}/user", body={"user": ana.email}).status_code == 201
        assert rate_of(office, ana) == (4, 4, 1.0)


def test_a_move_to_another_cohort_keeps_what_was_earned(office, world, ana, held):
    """A5: the classes after the move do not count."""
    put_roll(office, held(50), ana)
    held(26)  # nobody is marked in it
    part = get_membership(world, ana)
    with at(NOW - timedelta(hours=30)):
        part.cohort = world.other_cohort
        part.save()
    assert rate_of(office, ana) == (1, 1, 1.0)


def test_postponed_and_back(office, world, ana, held):
    """A5: the classes of the time away do not count, those before and after it do."""
    put_roll(office, held(90), ana)
    for hours, status in ((80, "POSTPONED"), (40, "ACTIVE")):
        with at(NOW - timedelta(hours=hours)):
            office("PUT", f"{COHORT}/user/{ana.pk}", body={"educational_status": status})
    held(60)
    put_roll(office, held(20), ana, "ABSENT")
    assert rate_of(office, ana) == (1, 2, 0.5)


def test_left_before_the_end(office, world, ana, make_class):
    """A2: who joined a class and left the cohort before its end belongs in its roll."""
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    office("DELETE", f"{COHORT}/user/{ana.pk}")
    with at(NOW + timedelta(hours=5)):
        assert ana.pk in roll(office, live_class)
        assert put_roll(office, live_class, ana).status_code == 200
        assert rate_of(office, ana) == (1, 1, 1.0)


def test_enrolled_during_the_class(office, world, ana, make_class):
    """A2, A5: on the roll of a class that is running, and what is marked counts."""
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    assert roll(office, live_class) >= {ana.pk, world.stranger.pk}
    assert put_roll(office, live_class, world.stranger).status_code == 200
    assert rate_of(office, world.stranger) == (1, 1, 1.0)


def test_enrolled_after_the_class(office, root, world, held):
    """A2, A5: not on its roll, until a superuser corrects since when they have been enrolled."""
    live_class = held(30)
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    assert error(put_roll(office, live_class, world.stranger)) == (400, "not-a-student")
    day = {"day": "2025-03-04", "attendance_ids": [world.stranger.pk]}
    assert error(office("PUT", f"{COHORT}/log", body=day)) == (400, "not-a-student")
    assert rate_of(office, world.stranger) == (0, 0, None)
    period = EnrolmentPeriod.objects.get(user=world.stranger, cohort=world.cohort)
    assert (
        post(root, page(EnrolmentPeriod, "change", period.pk), since_0="2025-03-01", since_1="00:00:00").status_code
        == 302
    )
    assert put_roll(office, live_class, world.stranger).status_code == 200
    assert rate_of(office, world.stranger) == (1, 1, 1.0)
