"""Rows inserted by the thousand are the rows that Django itself would have written (topic Speed)."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from breathecode.admissions.models import Cohort
from breathecode.common.actor import Actor, acting
from breathecode.common.db.inserting import Variants, insert_variants
from breathecode.events.models import LiveClass
from breathecode.history.models import Change

pytestmark = pytest.mark.django_db
UTC = datetime.UTC
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
NAMES = ("hash", "planned_date", "day", "starting_at", "ending_at", "ended_at")
# What COPY's own format gives a meaning to.
ODD = "a\tb \\N \\. 'c' \"d\" — \u00e9"


@pytest.fixture
def slots(world):
    """A time slot of each of two academies, without classes."""
    found = [world.time_slot(), world.time_slot(cohort=world.other_cohort, timezone="Europe/Madrid")]
    LiveClass.objects.all().delete()
    return found


def rows(prefix, count=3):
    """Of the days around a change of Madrid's clocks; the second one is over."""
    for number in range(count):
        start = datetime.datetime(2030, 3, 30, 23, 30, 15, 250_000, tzinfo=UTC) + number * DAY
        day = start.date()
        yield f"{prefix}{number}", day, day, start, start + HOUR, start + HOUR if number == 1 else None


def template(slot, **fields):
    given = {"remote_meeting_url": r"https://zoom.us/j/\1", "log": {"note": [ODD, "\n", None]}, "sequence": 3}
    return LiveClass(cohort_time_slot=slot, **{**given, **fields})


def stored():
    """All columns of all classes but the id and the times of the write."""
    columns = [field.attname for field in LiveClass._meta.concrete_fields]
    left_out = {"id", "created_at", "updated_at"}
    return list(LiveClass.objects.order_by("hash").values(*(name for name in columns if name not in left_out)))


def test_rows_are_those_of_bulk_create(slots):
    """Speed: every column of several templates holds what `bulk_create()` writes, odd text and copied keys included."""
    templates = {"a": template(slots[0], cancel_reason=ODD), "b": template(slots[1], marked=True, moved_by_hand=True)}
    insert_variants(LiveClass, NAMES, [Variants(given, rows(prefix)) for prefix, given in templates.items()])
    inserted = stored()
    written = set(LiveClass.objects.values_list("created_at", flat=True))
    LiveClass.objects.all().delete()
    shared = ("cohort_time_slot", "remote_meeting_url", "log", "sequence", "cancel_reason", "marked", "moved_by_hand")
    LiveClass.objects.bulk_create(
        LiveClass(**{name: getattr(given, name) for name in shared}, **dict(zip(NAMES, row, strict=True)))
        for prefix, given in templates.items()
        for row in rows(prefix)
    )
    assert inserted == stored()
    assert len(inserted) == 6
    assert all(abs(timezone.now() - moment) < HOUR for moment in written)


def test_triggers_run(slots, world):
    """O2: lists that hold the new classes are old: the version of their cohort rises."""
    before = Cohort.objects.get(pk=world.cohort.pk).classes_version
    insert_variants(LiveClass, NAMES, [Variants(template(slots[0]), rows("a"))])
    assert Cohort.objects.get(pk=world.cohort.pk).classes_version > before


def test_the_history_knows_who(slots, world):
    """P8: a class without a planned date is recorded, with the actor of the insert."""
    names = ("day", "starting_at", "ending_at")
    start = datetime.datetime(2030, 1, 1, tzinfo=UTC)
    with acting(Actor(through="page", known_id=world.admin.pk)):
        insert_variants(LiveClass, names, [Variants(template(slots[0]), [(start.date(), start, start + HOUR)])])
    change = Change.objects.get(kind=Change.Kind.LIVE_CLASS, object_id=LiveClass.objects.get().pk)
    assert (change.by_id, change.through) == (world.admin.pk, "page")


@pytest.mark.parametrize("wrong", ["a planned date twice", "an end before the start"])
def test_a_row_that_breaks_a_constraint(slots, wrong):
    """Speed: constraints hold: Django's error, and none of the rows stays."""
    *good, (_, day, _, start, end, _) = rows("a")
    bad = (
        ("b", good[0][1], day, start, end, None)
        if wrong == "a planned date twice"
        else ("b", day, day, end, start, None)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_variants(LiveClass, NAMES, [Variants(template(slots[0]), [*good, bad])])
    assert LiveClass.objects.count() == 0


def test_no_rows(slots):
    """Speed: without rows, nothing is inserted and nothing is raised."""
    insert_variants(LiveClass, NAMES, [])
    insert_variants(LiveClass, NAMES, [Variants(template(slots[0]), [])])
    assert LiveClass.objects.count() == 0
