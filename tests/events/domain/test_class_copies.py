"""`LiveClass.cohort`, `.academy` and `.day`: filled on insert; the copies follow the time slot whoever writes."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass
from tests.support.queries import assert_num_queries


def copies(live_class):
    return LiveClass.objects.values_list("cohort", "academy").get(pk=live_class.pk)


def of(cohort):
    return cohort.pk, cohort.academy_id


@pytest.fixture
def live_class(make_class):
    return make_class()


def save_slot(slot, cohort):
    slot.cohort = cohort
    slot.save()


@pytest.mark.parametrize(
    "give",
    [save_slot, lambda slot, cohort: CohortTimeSlot.objects.filter(pk=slot.pk).update(cohort=cohort)],
    ids=["save", "update"],
)
def test_a_slot_given_to_another_cohort(world, live_class, give):
    """L7: its classes are the other cohort's and academy's from the same transaction on."""
    assert copies(live_class) == of(world.cohort)
    give(live_class.cohort_time_slot, world.other_cohort)
    assert copies(live_class) == of(world.other_cohort)


def test_a_cohort_given_to_another_academy(world, live_class):
    """L6: its classes are in the other academy's list."""
    Cohort.objects.filter(pk=world.cohort.pk).update(academy=world.madrid)
    assert copies(live_class) == (world.cohort.pk, world.madrid.pk)


def test_a_class_given_to_another_slot(world, live_class):
    """L7: it is the other slot's cohort's, whatever copies the instance writes along."""
    live_class.cohort_time_slot = world.time_slot(cohort=world.other_cohort)
    live_class.save()
    assert copies(live_class) == of(world.other_cohort)


def test_an_old_instance_writes_no_old_copies_back(world, live_class):
    """L7: saved after its slot went to another cohort."""
    stale = LiveClass.objects.get(pk=live_class.pk)
    CohortTimeSlot.objects.update(cohort=world.other_cohort)
    stale.title = "Old"
    stale.save()
    assert copies(live_class) == of(world.other_cohort)


def test_inserts_fill_the_columns(world, live_class):
    """L7, A4: `save()` and `bulk_create()`, in bulk without a statement for each row; the slot wins."""
    slot = CohortTimeSlot.objects.select_related("cohort__academy").get(pk=live_class.cohort_time_slot_id)
    start = datetime.datetime(2025, 3, 6, 3, tzinfo=datetime.UTC)  # the 5th in New York
    times = {"starting_at": start, "ending_at": start + datetime.timedelta(hours=1)}
    rows = [LiveClass(cohort_time_slot=slot, cohort=world.other_cohort, **times) for _ in range(3)]
    rows.append(LiveClass(cohort_time_slot=slot, planned_date=datetime.date(2025, 3, 6), **times))
    with assert_num_queries(1):
        LiveClass.objects.bulk_create(rows)
    found = LiveClass.objects.exclude(pk=live_class.pk).order_by("pk")
    assert set(found.values_list("cohort", "academy")) == {of(world.cohort)}
    assert [row.day.day for row in found] == [5, 5, 5, 6]


def test_lists_of_both_cohorts_are_old(world, live_class):
    """O2: where a slot with its classes goes to another cohort."""
    before = list(Cohort.objects.order_by("pk").values_list("classes_version", flat=True))
    CohortTimeSlot.objects.update(cohort=world.other_cohort)
    after = list(Cohort.objects.order_by("pk").values_list("classes_version", flat=True))
    assert all(new > old for old, new in zip(before, after, strict=True))


def test_lists_read_an_index(world, live_class):
    """L7, L6: the lists of a cohort and of an academy find their classes by the columns of the class."""
    now = timezone.now()
    for scope, name in (({"cohort": world.cohort}, "class_cohort_start"), ({"academy": 1}, "class_academy_start")):
        classes = LiveClass.objects.filter(**scope, starting_at__gte=now).order_by("starting_at", "id")
        if connection.vendor == "sqlite":
            assert name in classes.explain()
        else:
            assert name in connection.introspection.get_constraints(connection.cursor(), LiveClass._meta.db_table)
