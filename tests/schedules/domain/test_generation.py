"""From time slots to live classes, through the database."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Max, Min
from django.test import TestCase

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.attendance.models import Attendance
from breathecode.events.models import ClassJoin, ClassNotice, LiveClass
from breathecode.feedback.models import Survey
from breathecode.reminders.domain.reminders import classes_to_correct, remind
from breathecode.schedules.domain.generation import BuildResult, build_time_slot

NEW_YORK = ZoneInfo("America/New_York")
UTC = datetime.UTC
BEFORE_KICKOFF = datetime.datetime(2025, 1, 10, 12, tzinfo=UTC)
MID_COURSE = datetime.datetime(2025, 3, 5, 20, 0, tzinfo=UTC)  # Wednesday 15:00 in New York: in the middle of a class


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(BEFORE_KICKOFF, tick=False) as clock:
        yield clock


def build(slot, now=BEFORE_KICKOFF, **options):
    return build_time_slot(time_slot_id=slot.pk, now=now, **options)


def rows(slot, *names):
    return list(LiveClass.objects.filter(cohort_time_slot=slot).order_by("planned_date").values_list(*names))


def all_rows():
    """Every column of every class, by id."""
    return {row["id"]: row for row in LiveClass.objects.values()}


def change(slot, **fields):
    for name, value in fields.items():
        setattr(slot, name, value)
    slot.save()


def local(moment, zone=NEW_YORK):
    return moment.astimezone(zone).strftime("%m-%d %H:%M")


def test_the_documents_example(world):
    """G1, G2: the document's cohort and slot give its 24 Wednesdays, 14:00 in New York before and after 9 March."""
    slot = world.time_slot()
    result = build_time_slot(time_slot_id=slot.pk, now=BEFORE_KICKOFF)
    starts = [row.starting_at.astimezone(NEW_YORK) for row in LiveClass.objects.order_by("starting_at")]
    assert result == BuildResult(created=24)
    assert [start.date() for start in starts] == [
        datetime.date(2025, 1, 15) + datetime.timedelta(weeks=week) for week in range(24)
    ]
    assert {start.strftime("%A %H:%M") for start in starts} == {"Wednesday 14:00"}
    assert {row.ending_at - row.starting_at for row in LiveClass.objects.all()} == {datetime.timedelta(hours=2)}


def test_saving_a_time_slot_builds_it_after_the_commit(world):
    """G9: nothing is built before the commit, and the build needs no further call."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        world.time_slot()
        assert LiveClass.objects.count() == 0
    assert LiveClass.objects.count() == 24


def test_the_first_build_closes_what_lies_in_the_past(world, django_capture_on_commit_callbacks):
    """G5: past classes are made and closed at once as not held; running and coming ones stay open; no signal."""
    slot = world.time_slot()
    with django_capture_on_commit_callbacks() as queued:
        result = build(slot, now=MID_COURSE)
    assert queued == []  # no survey, no signal waits for the commit
    assert result == BuildResult(created=24)
    closed = LiveClass.objects.filter(ended_at__isnull=False)
    assert [local(row.starting_at) for row in closed.order_by("starting_at")] == [
        "01-15 14:00", "01-22 14:00", "01-29 14:00", "02-05 14:00", "02-12 14:00", "02-19 14:00", "02-26 14:00",
    ]  # fmt: skip
    assert {(row.held, row.ended_at == row.ending_at) for row in closed} == {(False, True)}
    assert LiveClass.objects.filter(started_at__isnull=False).count() == 0


def test_a_class_that_ends_this_very_moment_is_closed(world):
    """G5: past begins with the instant of the end."""
    slot = world.time_slot()
    build(slot, now=datetime.datetime(2025, 1, 15, 21, tzinfo=UTC))
    assert LiveClass.objects.filter(ended_at__isnull=False).count() == 1


def test_later_builds_leave_the_past_alone(world):
    """G5: an earlier kickoff makes no class in the past, a later one deletes none, new hours move none."""
    slot = world.time_slot()
    build(slot)
    past = {pk: row for pk, row in all_rows().items() if row["starting_at"] <= MID_COURSE}
    assert len(past) == 8
    Cohort.objects.update(kickoff_date=datetime.date(2025, 1, 1))
    assert build(slot, now=MID_COURSE) == BuildResult()
    Cohort.objects.update(kickoff_date=datetime.date(2025, 3, 12))
    change(slot, starting_at=900, ending_at=1000)
    assert build(slot, now=MID_COURSE) == BuildResult(moved=16)
    assert {pk: row for pk, row in all_rows().items() if pk in past} == past
    assert len(all_rows()) == 24


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ({"starting_at": 1830, "ending_at": 2000}, "01-15 23:30", "06-25 22:30"),
        ({"timezone": "Europe/Madrid"}, "01-15 13:00", "06-25 12:00"),
        ({"timezone": "Asia/Tokyo", "starting_at": 100, "ending_at": 300}, "01-14 16:00", "06-24 16:00"),
        ({"starting_at": 2300, "ending_at": 100}, "01-16 04:00", "06-26 03:00"),
    ],
)
def test_a_change_of_hours_moves_in_place(world, fields, first, last):
    """G6: same ids, same hashes, same planned dates; only times, sequence and updated_at change. A zone too."""
    slot = world.time_slot()
    build(slot)
    before = all_rows()
    change(slot, **fields)
    assert build(slot) == BuildResult(moved=24)
    after = all_rows()
    changing = ("starting_at", "ending_at", "updated_at", "sequence")
    assert {pk: {k: v for k, v in row.items() if k not in changing} for pk, row in after.items()} == {
        pk: {k: v for k, v in row.items() if k not in changing} for pk, row in before.items()
    }
    assert {row["sequence"] for row in after.values()} == {1}
    bounds = LiveClass.objects.aggregate(first=Min("starting_at"), last=Max("starting_at"))
    assert (local(bounds["first"], UTC), local(bounds["last"], UTC)) == (first, last)
    assert build(slot) == BuildResult()


def test_a_coming_class_may_be_moved_to_hours_that_are_running(world):
    """G6: at 13:30 the class of 14:00 is moved to 13:00: its link leads to the room where people are."""
    slot = world.time_slot()
    build(slot)
    now = datetime.datetime(2025, 1, 15, 18, 30, tzinfo=UTC)
    today = LiveClass.objects.get(planned_date="2025-01-15")
    change(slot, starting_at=1300, ending_at=1500)
    assert build(slot, now=now) == BuildResult(moved=24)
    moved = LiveClass.objects.get(planned_date="2025-01-15")
    assert (moved.pk, moved.hash, local(moved.starting_at)) == (today.pk, today.hash, "01-15 13:00")


def test_a_running_class_stays(world):
    """G7: at 15:00 the class of 14:00 runs, started or not: new hours leave it where it is."""
    slot = world.time_slot()
    build(slot)
    change(slot, starting_at=1700, ending_at=1900)
    assert build(slot, now=MID_COURSE) == BuildResult(moved=16)
    assert rows(slot, "planned_date", "sequence")[7] == (datetime.date(2025, 3, 5), 0)
    assert local(LiveClass.objects.get(planned_date="2025-03-05").starting_at) == "03-05 14:00"


TOUCHED: dict[str, dict[str, Any]] = {
    "started early": {"started_at": BEFORE_KICKOFF},
    "ended early": {"started_at": BEFORE_KICKOFF, "ended_at": BEFORE_KICKOFF},
    "ended without a start": {"ended_at": BEFORE_KICKOFF},
    "cancelled": {"cancelled_at": BEFORE_KICKOFF, "cancel_reason": "The teacher is ill"},
    "moved by hand": {
        "moved_by_hand": True,
        "starting_at": datetime.datetime(2025, 4, 3, 9, tzinfo=UTC),
        "ending_at": datetime.datetime(2025, 4, 3, 10, tzinfo=UTC),
    },
    "made by hand": {"planned_date": None},
}
EDITS: dict[str, dict[str, Any]] = {
    "hours": {"starting_at": 1000, "ending_at": 1130},
    "zone": {"timezone": "Europe/Madrid"},
    "weekday": {"weekdays": ["MO"]},
    "removed": {"removed_at": BEFORE_KICKOFF},
    "once": {"recurrent": False},
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("kind", TOUCHED)
def test_what_no_rebuild_touches(world, kind, edit):
    """G7: the coming class of 2 April, touched by somebody, is the same row after any edit, and no second is made."""
    slot = world.time_slot()
    build(slot)
    LiveClass.objects.filter(planned_date="2025-04-02").update(**TOUCHED[kind])
    touched = next(row for row in all_rows().values() if row["planned_date"] in (None, datetime.date(2025, 4, 2)))
    change(slot, **EDITS[edit])
    result = build(slot)
    assert result.moved + result.deleted >= 22  # the edit was a real one
    assert all_rows()[touched["id"]] == touched
    # A manual class is no occurrence: the schedule still plans that date for itself, where it has it.
    planned = LiveClass.objects.filter(planned_date="2025-04-02").count()
    assert planned == (int(edit in ("hours", "zone")) if kind == "made by hand" else 1)


@pytest.mark.parametrize("kind", TOUCHED)
def test_what_a_deleted_cohort_keeps(world, kind):
    """G7, G11: a cohort's deletion takes the untouched coming classes alone."""
    slot = world.time_slot()
    build(slot)
    LiveClass.objects.filter(planned_date="2025-04-02").update(**TOUCHED[kind])
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert build(slot) == BuildResult(deleted=23, issue="cohort-deleted")
    assert LiveClass.objects.count() == 1


def test_new_days_keep_what_still_fits(world):
    """G7: Wednesdays become Mondays and Wednesdays: the Wednesdays stay as they are, and back again."""
    slot = world.time_slot()
    build(slot)
    wednesdays = all_rows()
    change(slot, weekdays=["MO", "WE"])
    assert build(slot) == BuildResult(created=24)
    assert wednesdays.items() <= all_rows().items()
    change(slot, weekdays=[])
    assert build(slot) == BuildResult(deleted=24)
    assert all_rows() == wednesdays


@pytest.mark.parametrize("stage", [stage for stage in Cohort.Stage.values if stage not in ("PREWORK", "DELETED")])
def test_every_other_stage_is_built(world, stage):
    """G11: only PREWORK and DELETED keep a cohort from being built; its dates decide."""
    Cohort.objects.filter(pk=world.cohort.pk).update(stage=stage)
    assert build(world.time_slot()) == BuildResult(created=24)


def test_prework_builds_nothing_and_loses_nothing(world):
    """G11: in prework nothing is built; what there is stays; leaving it, everything comes, the past too (G5)."""
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="PREWORK")
    slot = world.time_slot()
    assert build(slot) == BuildResult(issue="cohort-in-prework")
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="STARTED")
    assert build(slot, now=MID_COURSE) == BuildResult(created=24)
    before = all_rows()
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="PREWORK")
    change(slot, starting_at=900, ending_at=1000)
    assert build(slot, now=MID_COURSE) == BuildResult(issue="cohort-in-prework")
    assert all_rows() == before


def test_deleted_and_taken_back(world):
    """G11: DELETED takes what is to come; restored, it returns, and the past is neither doubled nor lost."""
    slot = world.time_slot()
    build(slot)
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert build(slot, now=MID_COURSE) == BuildResult(deleted=16, issue="cohort-deleted")
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="STARTED")
    assert build(slot, now=MID_COURSE) == BuildResult(created=16)
    assert [date for (date,) in rows(slot, "planned_date")] == [
        datetime.date(2025, 1, 15) + datetime.timedelta(weeks=week) for week in range(24)
    ]


@pytest.mark.parametrize(
    ("ending", "zone", "result"),
    [
        # 2025-03-05 20:00 UTC is the 5th in New York and the 6th in Auckland.
        ("2025-03-04", "America/New_York", BuildResult(issue="cohort-ended")),
        ("2025-03-05", "America/New_York", BuildResult(created=8)),
        ("2025-03-05", "Pacific/Auckland", BuildResult(issue="cohort-ended")),
        ("2025-03-06", "Pacific/Auckland", BuildResult(created=8)),
    ],
)
def test_an_end_before_today_builds_nothing(world, ending, zone, result):
    """G11: today is counted in the slot's zone, and the last day is included (G2)."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date=ending)
    assert build(world.time_slot(timezone=zone), now=MID_COURSE) == result


def test_an_end_that_is_drawn_into_the_past_takes_what_is_to_come(world):
    """G7, G11: the coming classes are ones that the schedule no longer has."""
    slot = world.time_slot()
    build(slot)
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2025-02-01")
    assert build(slot, now=MID_COURSE) == BuildResult(deleted=16, issue="cohort-ended")
    assert LiveClass.objects.count() == 8


@pytest.mark.parametrize(
    ("fields", "issue"),
    [
        ({"kickoff_date": None}, "cohort-without-kickoff-date"),
        ({"ending_date": None}, "cohort-without-ending-date"),
        ({"kickoff_date": None, "ending_date": None}, "cohort-without-kickoff-date"),
    ],
)
def test_missing_dates_build_nothing_and_lose_nothing(world, fields, issue):
    """T4, G2: without its dates a cohort has no schedule; what was built waits for them."""
    slot = world.time_slot()
    build(slot)
    before = all_rows()
    Cohort.objects.filter(pk=world.cohort.pk).update(**fields)
    assert build(slot) == BuildResult(issue=issue)
    assert all_rows() == before


def test_a_removed_slot_keeps_the_running_class(world):
    """T5, G2: removed at noon, tonight's class is gone though the day of the removal counts."""
    slot = world.time_slot()
    build(slot)
    change(slot, removed_at=MID_COURSE)
    assert build(slot, now=MID_COURSE) == BuildResult(deleted=16)
    assert local(LiveClass.objects.latest("starting_at").starting_at) == "03-05 14:00"
    change(slot, removed_at=MID_COURSE - datetime.timedelta(hours=2))  # before today's class
    assert build(slot, now=MID_COURSE) == BuildResult()  # which runs by now: the past is the past


def trace_of(kind, live_class, person):
    made = {"live_class": live_class}
    if kind == "reminder":
        ClassNotice.objects.create(
            user=person,
            cohort=live_class.cohort,
            live_class_id=live_class.pk,
            starting_at=live_class.starting_at,
            ending_at=live_class.ending_at,
            cancelled=False,
            channel="REMINDER",
            sent_at=BEFORE_KICKOFF,
            mail_count=1,
        )
    elif kind == "join":
        ClassJoin.objects.create(**made, user=person, joined_at=BEFORE_KICKOFF)
    elif kind == "attendance":
        Attendance.objects.create(**made, user=person, status="PRESENT", source="STAFF", recorded_at=BEFORE_KICKOFF)
    else:
        Survey.objects.create(**made, language="en", texts={}, expires_at=MID_COURSE)


@pytest.mark.parametrize("kind", ["reminder", "join", "attendance", "survey"])
def test_a_class_that_people_were_told_of_is_cancelled(world, kind):
    """G7, T5: what somebody knows of is not deleted under them: cancelled without a reason, and back in place later."""
    slot = world.time_slot()
    build(slot)
    known = LiveClass.objects.get(planned_date="2025-01-15")
    trace_of(kind, known, world.student)
    change(slot, weekdays=["MO"])
    expected = BuildResult(created=24, deleted=23, cancelled=1)
    assert build(slot, dry_run=True) == expected
    assert build(slot) == expected
    with transaction.atomic():
        connection.check_constraints()
    cancelled = LiveClass.objects.get(planned_date="2025-01-15")
    assert (cancelled.pk, cancelled.status, cancelled.cancel_reason) == (known.pk, "CANCELLED", "")
    assert build(slot) == BuildResult()
    change(slot, weekdays=[])
    assert build(slot) == BuildResult(created=23, deleted=24, restored=1)
    assert LiveClass.objects.get(planned_date="2025-01-15").status == "SCHEDULED"


def test_who_was_reminded_is_told_that_it_is_off(world):
    """G7: the reminder of a class that the schedule loses is corrected."""
    slot = world.time_slot()
    build(slot)
    now = datetime.datetime(2025, 1, 15, 18, 50, tzinfo=UTC)  # ten minutes before the first class
    first = LiveClass.objects.get(planned_date="2025-01-15")
    assert remind(live_class_id=first.pk, kind="QUARTER_HOUR_BEFORE", now=now) > 0
    change(slot, removed_at=now)
    assert build(slot, now=now) == BuildResult(deleted=23, cancelled=1)
    assert classes_to_correct(now=now) == [first.pk]


def test_a_dry_run_writes_nothing(world):
    """C2: it tells what a build would do, and the slot stays due."""
    slot = world.time_slot()
    assert build(slot, dry_run=True) == BuildResult(created=24)
    assert LiveClass.objects.count() == 0
    slot.refresh_from_db()
    assert (slot.built_revision, slot.first_built_at) == (0, None)


def test_correcting_times_makes_and_deletes_none(world):
    """C2: `fix_live_class_dates` moves alone: a date that is missing stays missing, and the slot stays due."""
    slot = world.time_slot()
    build(slot)
    LiveClass.objects.filter(planned_date="2025-02-05").delete()
    LiveClass.objects.filter(planned_date="2025-02-12").update(
        starting_at=datetime.datetime(2025, 2, 13, 1, tzinfo=UTC),
        ending_at=datetime.datetime(2025, 2, 13, 2, tzinfo=UTC),
    )
    change(slot, weekdays=["WE", "FR"])
    assert build(slot, only_moves=True) == BuildResult(moved=1)
    assert local(LiveClass.objects.get(planned_date="2025-02-12").starting_at) == "02-12 14:00"
    assert LiveClass.objects.count() == 23
    slot.refresh_from_db()
    assert slot.revision != slot.built_revision


def test_the_meeting_url_follows_the_cohort(world, call):
    """G14: a new cohort link shows in every generated class that staff gave no link of its own."""
    slot = world.time_slot()
    build(slot)
    own = LiveClass.objects.get(planned_date="2025-02-05")
    LiveClass.objects.filter(pk=own.pk).update(remote_meeting_url="https://meet.example.org/guest")
    url = f"/v1/admissions/academy/cohort/{world.cohort.slug}"
    body = {"online_meeting_url": "https://zoom.us/j/new"}
    assert call("PUT", url, as_=world.admin, academy=world.miami, body=body).status_code == 200
    listed = call("GET", "/v1/events/academy/event/liveclass", as_=world.admin, academy=world.miami).json()
    assert len(listed) == 24
    links = {row["id"]: row["remote_meeting_url"] for row in listed}
    assert links.pop(own.pk) == "https://meet.example.org/guest"
    assert set(links.values()) == {"https://zoom.us/j/new"}


def test_a_slot_that_is_gone(world):
    """G9: a build of a slot that no longer exists says so, in a class of error of its own."""
    with pytest.raises(CohortTimeSlot.DoesNotExist):
        build_time_slot(time_slot_id=2**40, now=BEFORE_KICKOFF)
