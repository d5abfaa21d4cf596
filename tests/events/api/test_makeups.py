"""`replaces` of a make-up class, and when one could take place (rule P5)."""

import datetime
import threading
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.events.models import LiveClass
from tests.support.calendars import FeedReader
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import captured_queries

URL = "/v1/events/academy/event/liveclass"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(clock):
    """Wednesday 5 March 2025, 13:30 in New York; its clocks are set forward on the 9th."""


@pytest.fixture
def cancelled(make_class):
    """The class of tomorrow, cancelled."""
    return make_class(start=24, cancelled_at=NOW, cancel_reason="The teacher is ill.")


@pytest.fixture
def post(world, call):
    def send(replaced_id, *, start=48, as_=None, academy=None, **fields):
        slot_id = LiveClass.objects.values_list("cohort_time_slot_id", flat=True).first()
        body = {
            "cohort_time_slot": slot_id, "starting_at": (NOW + start * HOUR).isoformat(),
            "ending_at": (NOW + (start + 2) * HOUR).isoformat(), "remote_meeting_url": "https://zoom.us/j/1",
            "replaces": replaced_id,
        }  # fmt: skip
        return call("POST", URL, as_=as_ or world.admin, academy=academy or world.miami, body={**body, **fields})

    return send


def test_both_say_so(world, call, post, cancelled):
    """P5: `replaces` and `replaced_by`, in the answer, in both lists and alone; null for all others; PUT back."""
    made = post(cancelled.pk)
    assert (made.status_code, made.json()["replaces"], made.json()["replaced_by"]) == (201, cancelled.pk, None)
    pk = made.json()["id"]
    links = {cancelled.pk: (None, pk), pk: (cancelled.pk, None)}
    for url in (URL, "/v1/events/me/event/liveclass"):
        rows = call("GET", url, as_=world.superuser if url is URL else world.student, academy=world.miami).json()
        assert {row["id"]: (row["replaces"], row["replaced_by"]) for row in rows} == links
    for number, (replaces, replaced_by) in links.items():
        row = call("GET", f"{URL}/{number}", as_=world.admin, academy=world.miami).json()
        assert (row["replaces"], row["replaced_by"]) == (replaces, replaced_by)
    again = call("PUT", f"{URL}/{pk}", as_=world.admin, academy=world.miami, body=made.json() | {"replaces": None})
    assert (again.status_code, again.json()["replaces"]) == (200, cancelled.pk)


def test_a_cached_list_shows_the_link(world, call, post, cancelled):
    """P5, O2: the class that is replaced has not changed itself."""
    mine = "/v1/events/me/event/liveclass"
    assert [row["replaced_by"] for row in call("GET", mine, as_=world.student).json()] == [None]
    pk = post(cancelled.pk).json()["id"]
    assert [row["replaced_by"] for row in call("GET", mine, as_=world.student).json()] == [None, pk]


def test_what_is_not_cancelled(world, make_class, post, cancelled):
    """P5: a class to come, of another cohort or academy, or none: one answer, and nothing is made."""
    sister = Cohort.objects.create(academy=world.miami, slug="sister", name="Sister", stage="STARTED")
    others = [make_class(cohort_time_slot=world.time_slot(cohort=cohort), cancelled_at=NOW).pk
              for cohort in (sister, world.other_cohort)]  # fmt: skip
    count = LiveClass.objects.count()
    for pk in (make_class(start=3).pk, *others, 0, -1, 2**63 - 1, 2**63):
        assert error(post(pk)) == (400, "not-cancelled")
    values: list[object] = ["one", 1.5, {}, True, 10**30]
    for value in values:
        assert error(post(value)) == (400, "validation-error")
    assert LiveClass.objects.count() == count + 1
    assert post(None).json()["replaces"] is None


def test_replaced_once(post, cancelled):
    """P5: by the API's answer, and by a constraint for every other writer; a make-up class can itself be replaced."""
    first = LiveClass.objects.get(pk=post(cancelled.pk).json()["id"])
    assert error(post(cancelled.pk, start=72)) == (409, "already-replaced")
    with pytest.raises(IntegrityError), transaction.atomic():
        LiveClass.objects.create(
            cohort_time_slot=first.cohort_time_slot, starting_at=NOW, ending_at=NOW + HOUR, replaces=cancelled
        )
    LiveClass.objects.filter(pk=first.pk).update(cancelled_at=NOW)
    assert post(first.pk, start=72).json()["replaces"] == first.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one writer in at a time")
def test_two_at_once(post, cancelled):
    """P5, W5: one make-up class; the other request gets its answer."""
    answers = []

    def send(start):
        try:
            answers.append(post(cancelled.pk, start=start).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(48 + 3 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409]
    assert connection.vendor == "postgresql"


def test_what_becomes_of_the_link(world, call, post, cancelled):
    """P5: the make-up class deleted, the cancelled class can be replaced again."""
    pk = post(cancelled.pk).json()["id"]
    assert call("DELETE", f"{URL}/{pk}", as_=world.admin, academy=world.miami).status_code == 204
    row = call("GET", f"{URL}/{cancelled.pk}", as_=world.admin, academy=world.miami).json()
    assert row["replaced_by"] is None
    again = post(cancelled.pk).json()["id"]
    assert call("DELETE", f"{URL}/{cancelled.pk}", as_=world.admin, academy=world.miami).status_code == 204
    row = call("GET", f"{URL}/{again}", as_=world.admin, academy=world.miami).json()
    assert row["replaces"] is None


def test_calendars(world, client, call, post, cancelled):
    """P5, I3: RELATED-TO in both events, with a higher SEQUENCE where the class was in calendars already."""
    reader = FeedReader(client, world.student)

    def related():
        events = reader.events("ical/me")
        return {int(str(event["uid"])[10:].partition("@")[0]): (event.get("related-to"), event["sequence"])
                for event in events}  # fmt: skip

    assert related() == {cancelled.pk: (None, 0)}
    pk = post(cancelled.pk).json()["id"]
    found = related()
    assert found[cancelled.pk][0].startswith(f"liveclass-{pk}@")
    assert found[cancelled.pk][0].params["RELTYPE"] == "SIBLING"
    assert found[pk][0].startswith(f"liveclass-{cancelled.pk}@")
    assert (found[cancelled.pk][1], found[pk][1]) == (1, 0)
    call("DELETE", f"{URL}/{pk}", as_=world.admin, academy=world.miami)
    assert related() == {cancelled.pk: (None, 2)}


# When a class could be made up for.


@pytest.fixture
def moments(world, call):
    """`moments(class)`: the starts that are proposed, in New York; each is as long as the class."""

    def ask(live_class, zone="America/New_York"):
        answer = call("GET", f"{URL}/{live_class.pk}/makeups", as_=world.admin, academy=world.miami)
        assert answer.status_code == 200, answer.json()
        starts = []
        for moment in answer.json():
            start, end = (datetime.datetime.fromisoformat(moment[name]) for name in ("starting_at", "ending_at"))
            assert end - start == live_class.ending_at - live_class.starting_at
            starts.append(f"{start.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}")
        return starts

    return ask


def at(day, hour, *, month=3, zone="America/New_York"):
    return datetime.datetime(2025, month, day, hour, tzinfo=ZoneInfo(zone))


def one_class(slot, start, *, hours=2, **fields):
    return LiveClass.objects.create(cohort_time_slot=slot, starting_at=start, ending_at=start + hours * HOUR, **fields)


@pytest.fixture
def slot(world):
    """Wednesdays, 14:00 to 16:00 in New York, without classes but those that a test makes."""
    slot = world.time_slot()
    LiveClass.objects.all().delete()
    return slot


def test_usual_weekdays_first(moments, slot):
    """P5: Wednesdays at two o'clock on the wall clock, over the change of the clocks; today's is half an hour away."""
    assert moments(one_class(slot, at(3, 9))) == ["Wed 05 Mar 14:00", "Wed 12 Mar 14:00", "Wed 19 Mar 14:00"]


def test_other_weekdays_after_them(moments, slot):
    """P5: where the usual ones are taken by the cohort's own classes; not at the time of a cancelled class either."""
    lost = one_class(slot, at(6, 14), cancelled_at=NOW)  # Thursday: moved, then cancelled
    for day in (5, 12, 26):
        one_class(slot, at(day, 14))
    one_class(slot, at(7, 14), cancelled_at=NOW)
    one_class(slot, at(2, 14, month=4), cancelled_at=NOW)
    assert moments(lost) == ["Wed 19 Mar 14:00", "Sat 08 Mar 14:00", "Sun 09 Mar 14:00"]


def test_only_the_next_28_days(moments, slot):
    """P5: 28 times 24 hours: clocks are set forward meanwhile, so until 14:30 on 2 April."""
    lost = one_class(slot, at(3, 9))
    for day in (*range(5, 32), 32, 33):
        one_class(slot, at(5, 12) + datetime.timedelta(days=day - 5), hours=6)
    assert moments(lost) == []
    LiveClass.objects.filter(starting_at__gt=at(1, 0, month=4)).delete()
    assert moments(lost) == ["Wed 02 Apr 14:00", "Tue 01 Apr 14:00"]
    with time_machine.travel(at(5, 12), tick=False):
        assert moments(lost) == ["Tue 01 Apr 14:00"]


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER", "substitute"])
def test_who_must_be_free(world, moments, slot, role):
    """P5: teachers, active students and this class's substitute, in any academy; half-open."""
    lost = one_class(slot, at(3, 9), cancelled_at=NOW)
    user = {"STUDENT": world.student, "TEACHER": world.teacher, "substitute": world.staff_teacher}[role]
    theirs = CohortTimeSlot.objects.create(cohort=world.other_cohort, starting_at=900, ending_at=1000)
    LiveClass.objects.filter(cohort_time_slot=theirs).delete()
    busy = one_class(theirs, at(12, 15), hours=4)
    one_class(theirs, at(19, 16), hours=1)
    free = ["Wed 05 Mar 14:00", "Wed 12 Mar 14:00", "Wed 19 Mar 14:00"]
    assert moments(lost) == free
    if role == "substitute":
        LiveClass.objects.filter(pk=lost.pk).update(teacher=user)
    part = CohortUser.objects.create(
        cohort=world.other_cohort, user=user, role="STUDENT" if role == "STUDENT" else "TEACHER"
    )
    assert moments(lost) == ["Wed 05 Mar 14:00", "Wed 19 Mar 14:00", "Wed 26 Mar 14:00"]
    LiveClass.objects.filter(pk=busy.pk).update(cancelled_at=NOW)
    assert moments(lost) == free
    LiveClass.objects.filter(pk=busy.pk).update(cancelled_at=None)
    part.delete()
    assert moments(lost) == free


def test_who_need_not_be_free(world, moments, slot):
    """P5: a student who has dropped out, an assistant, a reviewer."""
    lost = one_class(slot, at(3, 9))
    theirs = world.time_slot(cohort=world.other_cohort)
    for name in ("dropped", "assistant", "reviewer"):
        CohortUser.objects.create(cohort=world.other_cohort, user=getattr(world, name))
    one_class(theirs, at(12, 14))
    assert moments(lost)[1] == "Wed 12 Mar 14:00"


def test_holidays(world, moments, slot):
    """P5, G13: the academy's and the cohort's, not those of another cohort."""
    lost = one_class(slot, at(3, 9))
    sister = Cohort.objects.create(academy=world.miami, slug="sister", name="Sister")
    for day, cohort in ((5, None), (12, world.cohort), (19, sister)):
        date = datetime.date(2025, 3, day)
        Holiday.objects.create(academy=world.miami, cohort=cohort, name="Day", starts_on=date, ends_on=date)
    assert moments(lost) == ["Wed 19 Mar 14:00", "Wed 26 Mar 14:00", "Wed 02 Apr 14:00"]


def test_hours_of_several_slots(world, moments, slot):
    """P5: each in its own zone, 13 hours and more apart; overnight; with its weekdays; removed ones do not count."""
    lost = one_class(slot, at(3, 9), hours=3)
    slot.removed_at = NOW
    slot.save()
    world.time_slot(starting_at=2300, ending_at=200, timezone="Pacific/Auckland", weekdays=["SA", "SU"])
    world.time_slot(starting_at=800, ending_at=900, recurrent=False)
    LiveClass.objects.exclude(pk=lost.pk).delete()
    auckland = "Pacific/Auckland"
    assert moments(lost, auckland) == ["Sat 08 Mar 23:00", "Sun 09 Mar 23:00", "Sat 15 Mar 23:00"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"recurrency_type": "DAILY"}, ["Wed 05 Mar 14:00", "Thu 06 Mar 14:00", "Fri 07 Mar 14:00"]),
        ({"recurrency_type": "MONTHLY"}, ["Wed 05 Mar 14:00", "Thu 06 Mar 14:00", "Fri 07 Mar 14:00"]),
        ({"weekdays": ["MO", "FR"]}, ["Fri 07 Mar 14:00", "Mon 10 Mar 14:00", "Fri 14 Mar 14:00"]),
        ({"starts_on": datetime.date(2025, 3, 17)}, ["Mon 17 Mar 14:00", "Mon 24 Mar 14:00", "Mon 31 Mar 14:00"]),
        (
            {"starting_at": 230, "ending_at": 430, "weekdays": ["SU"]},
            ["Sun 09 Mar 03:30", "Sun 16 Mar 02:30", "Sun 23 Mar 02:30"],
        ),
    ],
)  # fmt: skip
def test_what_is_usual(world, slot, moments, fields, expected):
    """P5, G1: weekdays of each kind of schedule; the hour that clocks skip is moved forward."""
    CohortTimeSlot.objects.filter(pk=slot.pk).update(**fields)
    assert moments(one_class(slot, at(3, 9))) == expected


def test_before_the_kickoff(world, slot, moments):
    """P5: a cohort that has not begun has no usual hours yet."""
    lost = one_class(slot, at(3, 9))
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date=datetime.date(2025, 3, 20))
    assert moments(lost) == ["Thu 20 Mar 14:00", "Thu 27 Mar 14:00", "Fri 21 Mar 14:00"]


def test_a_proposal_can_be_taken(world, call, post, moments, slot):
    """P5: what is proposed is accepted without a warning, and is not proposed again."""
    lost = one_class(slot, at(5, 14), cancelled_at=NOW)
    url = f"{URL}/{lost.pk}/makeups"
    first = call("GET", url, as_=world.admin, academy=world.miami).json()[0]
    made = post(lost.pk, **first)
    assert (made.status_code, made.json()["warnings"]) == (201, [])
    assert first not in call("GET", url, as_=world.admin, academy=world.miami).json()


def test_who_may_ask(world, call, cancelled):
    """P5, H4, H7: who may change classes; another academy's class is not found; no parameters."""
    url = f"{URL}/{cancelled.pk}/makeups"
    assert error(call("GET", url, as_=world.reader, academy=world.miami)) == (403, "missing-capability")
    assert error(call("GET", url, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")
    assert error(call("GET", f"{URL}/{2**63}/makeups", as_=world.admin, academy=world.miami)) == (404, "not-found")
    assert error(call("GET", f"{url}?limit=1", as_=world.admin, academy=world.miami)) == (400, "unknown-parameter")


def test_what_it_costs(world, call, slot):
    """P5: token, class, holidays, time slots, the cohort's classes, conflicts; however many there are of each."""
    lost = one_class(slot, at(3, 9))
    url = f"{URL}/{lost.pk}/makeups"
    call("GET", url, as_=world.admin, academy=world.miami)
    for number in range(3):
        with captured_queries() as statements:
            call("GET", url, as_=world.admin, academy=world.miami)
        assert len(statements) == 6
        other = world.time_slot(starting_at=800 + number, ending_at=1000)
        for day in range(5, 20):
            one_class(other, at(day, 14 + number))
        date = datetime.date(2025, 3, 20 + number)
        Holiday.objects.create(academy=world.miami, name="Day", starts_on=date, ends_on=date)
