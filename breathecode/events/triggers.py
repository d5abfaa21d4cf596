"""What the database keeps true of live classes, whoever writes them (decisions 0011 and 0012).

- A class that is made, changed or deleted raises the `classes_version` of its cohort: cached lists and feeds are old
  from the commit on (rule O2). Once for a statement on PostgreSQL, however many classes it writes.
- `LiveClass.cohort` and `LiveClass.academy` are what the class's time slot says: they follow a slot that is given to
  another cohort, a cohort that is given to another academy, and a class that is given to another slot; an instance that
  was loaded long ago does not bring old ones back. Inserts fill them by themselves (see `fields`).
"""

from collections.abc import Iterable

from breathecode.authenticate.models import User
from breathecode.common.db.triggers import (
    Trigger,
    change_triggers,
    columns_named,
    columns_of,
    correcting_trigger,
    update_trigger,
)
from breathecode.events.models import LiveClass

CLASSES, SLOTS, COHORTS = "events_liveclass", "admissions_cohorttimeslot", "admissions_cohort"


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield from _cohort_of_class()
    yield from copies_of_time_slot()
    yield from _cohorts_of_substitute()


def _cohort_of_class() -> Iterable[Trigger]:
    return change_triggers(
        "cohort_of_class",
        CLASSES,
        # Lists and feeds show neither `marked` nor `day`.
        columns=columns_of(LiveClass, but=("marked", "day", "created_at")),
        parent=("cohort_id",),
        postgresql=f"""
            WITH concerned AS (
                SELECT id FROM {COHORTS} WHERE id IN (SELECT cohort_id FROM CHANGED) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE {COHORTS} SET classes_version = classes_version + 1 WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite=f"UPDATE {COHORTS} SET classes_version = classes_version + 1 WHERE id = ROW.cohort_id;",
    )


def copies_of_time_slot() -> Iterable[Trigger]:
    """They keep the class's cohort and academy equal to its time slot's."""
    cohort = f"SELECT cohort_id FROM {SLOTS} WHERE id = NEW.cohort_time_slot_id"
    yield correcting_trigger(
        "class_of_slot",
        CLASSES,
        columns={"KEYS": ("cohort_time_slot_id", "cohort_id", "academy_id")},
        when="KEYS_DIFFER",
        update=f"cohort_id = ({cohort}), academy_id = (SELECT academy_id FROM {COHORTS} WHERE id = ({cohort}))",
    )
    yield update_trigger(
        "classes_of_slot",
        SLOTS,
        columns=("cohort_id",),
        sql=f"""
            UPDATE {CLASSES} SET cohort_id = NEW.cohort_id,
                academy_id = (SELECT academy_id FROM {COHORTS} WHERE id = NEW.cohort_id)
                WHERE cohort_time_slot_id = NEW.id;
        """,
    )
    yield update_trigger(
        "classes_of_cohort",
        COHORTS,
        columns=("academy_id",),
        sql=f"UPDATE {CLASSES} SET academy_id = NEW.academy_id WHERE cohort_id = NEW.id;",
    )


def _cohorts_of_substitute() -> Iterable[Trigger]:
    """Lists show the names of substitutes (rule P4)."""
    cohorts = f"SELECT cohort_id FROM {CLASSES} WHERE teacher_id"
    return change_triggers(
        "cohorts_of_substitute",
        "authenticate_user",
        events=("UPDATE",),
        columns=columns_named(User, ("first_name", "last_name")),
        parent=("id",),
        postgresql=f"""
            WITH concerned AS (
                SELECT id FROM {COHORTS} WHERE id IN ({cohorts} IN (SELECT id FROM CHANGED))
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE {COHORTS} SET classes_version = classes_version + 1 WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite=f"UPDATE {COHORTS} SET classes_version = classes_version + 1 WHERE id IN ({cohorts} = ROW.id);",
    )
