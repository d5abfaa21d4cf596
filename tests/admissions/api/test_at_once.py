"""Two callers at the same moment, through the API; on PostgreSQL this is where locks prove themselves."""

import datetime

import pytest
from django.core.cache import cache

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Syllabus
from breathecode.authenticate.models import AcademyMember, User
from breathecode.notify.models import OutgoingMail
from tests.support.client import Call
from tests.support.threads import together
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)

COHORTS = "/v1/admissions/academy/cohort"
SLOTS = f"{COHORTS}/web-dev/timeslot"


@pytest.fixture
def world(transactional_db):
    cache.clear()
    return World.make()


@pytest.fixture
def at_once(world):
    """Sends all requests at one moment; their answers in order. Each thread has a client of its own."""
    key = Call().key(world.admin)

    def caller(method, path, body=None):
        def send():
            call = Call()
            call.keys[world.admin.pk] = key
            return call(method, path, as_=world.admin, academy=world.miami, body=body)

        return send

    def at_once(*requests):
        return together(*[caller(*request) for request in requests])

    return at_once


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


def slugs(answers):
    return {answer.json().get("slug") for answer in answers if answer.status_code >= 400}


def test_one_slug_for_two_cohorts(at_once):
    """R2: one 201, the others 409."""
    answers = at_once(*[("POST", COHORTS, {"slug": "new", "name": f"N{n}"}) for n in range(4)])
    assert (statuses(answers), slugs(answers)) == ([201, 409, 409, 409], {"slug-already-exists"})
    assert Cohort.objects.filter(slug="new").count() == 1


def test_one_person_joins_twice(at_once, world):
    """R3: one 201, one 409."""
    answers = at_once(*[("POST", f"{COHORTS}/web-dev/user", {"user": world.reader.pk})] * 2)
    assert (statuses(answers), slugs(answers)) == ([201, 409], {"already-in-cohort"})
    assert CohortUser.objects.filter(cohort=world.cohort, user=world.reader).count() == 1


def test_one_new_address_becomes_a_member_twice(at_once):
    """U3, U4: one person, one membership, one mail; who comes second finds them invited just now."""
    body = {"email": "new@example.org", "role": "staff"}
    answers = at_once(*[("POST", "/v1/auth/academy/member", body)] * 3)
    assert statuses(answers) == [200, 200, 201]
    assert AcademyMember.objects.filter(user=User.objects.get(email="new@example.org")).count() == 1
    assert OutgoingMail.objects.filter(to="new@example.org").count() == 1


def test_two_ask_for_the_same_invitation_again(at_once, world):
    """U7: one mail, whoever comes first; the other is told how long to wait."""
    user = User.objects.create_user("late@example.org")
    AcademyMember.objects.create(academy=world.miami, user=user, role="staff")
    answers = at_once(*[("PUT", f"/v1/auth/academy/member/{user.pk}/invite")] * 2)
    assert (statuses(answers), slugs(answers)) == ([200, 429], {"invitation-too-soon"})
    assert OutgoingMail.objects.filter(to="late@example.org").count() == 1


def test_two_changes_of_one_cohort_keep_both(at_once, world):
    """H1: each writes the fields that it was sent."""
    path = f"{COHORTS}/web-dev"
    for turn in range(3):
        answers = at_once(
            ("PUT", path, {"name": f"Name {turn}"}),
            ("PUT", path, {"language": ["es", "en", "es"][turn]}),
            ("PUT", path, {"ending_date": f"2025-07-0{turn + 1}"}),
        )
        assert statuses(answers) == [200] * 3
        cohort = Cohort.objects.get(pk=world.cohort.pk)
        assert (cohort.name, cohort.language) == (f"Name {turn}", ["es", "en", "es"][turn])
        assert cohort.ending_date == datetime.date(2025, 7, turn + 1)


def test_two_dates_that_do_not_go_together(at_once, world):
    """R4: each alone is right; whoever comes second is told, and the row stays in order."""
    path = f"{COHORTS}/web-dev"
    answers = at_once(("PUT", path, {"kickoff_date": "2025-05-01"}), ("PUT", path, {"ending_date": "2025-04-01"}))
    assert (statuses(answers), slugs(answers)) == ([200, 400], {"validation-error"})


def test_two_changes_of_one_time_slot_keep_both(at_once, world):
    """H1: hours of one, interval of the other."""
    slot = world.time_slot()
    for turn in range(3):
        answers = at_once(
            ("PUT", f"{SLOTS}/{slot.pk}", {"ending_at": 1700 + turn}),
            ("PUT", f"{SLOTS}/{slot.pk}", {"interval": turn + 2}),
        )
        assert statuses(answers) == [200, 200]
        slot.refresh_from_db()
        assert (slot.ending_at, slot.interval) == (1700 + turn, turn + 2)
        assert slot.built_revision == slot.revision


def test_two_changes_that_leave_no_time(at_once, world):
    """T2: start and end are moved to the same minute by two people; one is told, no answer is a 500."""
    slot = world.time_slot()
    answers = at_once(
        ("PUT", f"{SLOTS}/{slot.pk}", {"starting_at": 1500}), ("PUT", f"{SLOTS}/{slot.pk}", {"ending_at": 1500})
    )
    assert (statuses(answers), slugs(answers)) == ([200, 400], {"empty-timeslot"})


def test_two_changes_that_exclude_each_other(at_once, world):
    """T3: weekdays of one, DAILY of the other."""
    slot = world.time_slot()
    answers = at_once(
        ("PUT", f"{SLOTS}/{slot.pk}", {"weekdays": ["MO"]}), ("PUT", f"{SLOTS}/{slot.pk}", {"recurrency_type": "DAILY"})
    )
    assert (statuses(answers), slugs(answers)) == ([200, 400], {"validation-error"})
    slot.refresh_from_db()
    assert not (slot.weekdays and slot.recurrency_type == "DAILY")


def test_a_removal_and_a_change(at_once, world):
    """T5: both take place, whichever comes first; three removals keep one moment."""
    slot = world.time_slot()
    path = f"{SLOTS}/{slot.pk}"
    answers = at_once(("DELETE", path), ("PUT", path, {"interval": 3}), ("DELETE", path))
    assert statuses(answers) == [200, 200, 200]
    slot = CohortTimeSlot.objects.get(pk=slot.pk)
    assert slot.removed_at is not None
    assert slot.interval == 3


def test_versions_of_a_syllabus_are_numbered_without_gaps(at_once, world):
    """R1: five authors, five numbers, also where one of them is refused."""
    Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    path = "/v1/admissions/syllabus/full-stack/version"
    answers = at_once(*[("POST", path, {"json": {"author": n}}) for n in range(4)], ("POST", path, {"status": "x"}))
    assert statuses(answers) == [201, 201, 201, 201, 400]
    assert sorted(a.json()["version"] for a in answers if a.status_code == 201) == [1, 2, 3, 4]


def test_a_change_of_somebody_who_leaves(at_once, world):
    """U3, R3: PUT and DELETE of one row: the change comes before, or finds nobody; never a 500."""
    member = AcademyMember.objects.get(user=world.reader)
    answers = at_once(
        ("PUT", f"/v1/auth/academy/member/{member.pk}", {"role": "teacher"}),
        ("DELETE", f"/v1/auth/academy/member/{member.pk}"),
    )
    assert statuses(answers) in ([200, 204], [204, 404])
    path = f"{COHORTS}/web-dev/user/{world.student.pk}"
    answers = at_once(("PUT", path, {"educational_status": "GRADUATED"}), ("DELETE", path))
    assert statuses(answers) in ([200, 204], [204, 404])
