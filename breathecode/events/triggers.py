"""What the database keeps true of live classes, whoever writes them (decision 0011).

A class that is made, changed or deleted raises the `classes_version` of its cohort: cached lists and feeds are old from
the commit on (rule O2). Once for a statement on PostgreSQL, however many classes it writes.
"""

from collections.abc import Iterable

from breathecode.authenticate.models import User
from breathecode.common.db.triggers import Trigger, change_triggers, columns_named, columns_of
from breathecode.events.models import LiveClass


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield from _cohort_of_class()
    yield from _cohorts_of_substitute()


def _cohort_of_class() -> Iterable[Trigger]:
    return change_triggers(
        "cohort_of_class",
        "events_liveclass",
        # `marked` is shown nowhere.
        columns=columns_of(LiveClass, but=("marked", "created_at")),
        parent=("cohort_time_slot_id",),
        postgresql="""
            WITH concerned AS (
                SELECT id FROM admissions_cohort WHERE id IN (
                    SELECT cohort_id FROM admissions_cohorttimeslot
                    WHERE id IN (SELECT cohort_time_slot_id FROM CHANGED)
                )
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE admissions_cohort SET classes_version = classes_version + 1
                WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite="""
            UPDATE admissions_cohort SET classes_version = classes_version + 1
                WHERE id = (SELECT cohort_id FROM admissions_cohorttimeslot WHERE id = ROW.cohort_time_slot_id);
        """,
    )


def _cohorts_of_substitute() -> Iterable[Trigger]:
    """Lists show the names of substitutes (rule P4)."""
    cohorts = """
        SELECT s.cohort_id FROM events_liveclass c JOIN admissions_cohorttimeslot s ON s.id = c.cohort_time_slot_id
        WHERE c.teacher_id"""
    return change_triggers(
        "cohorts_of_substitute",
        "authenticate_user",
        events=("UPDATE",),
        columns=columns_named(User, ("first_name", "last_name")),
        parent=("id",),
        postgresql=f"""
            WITH concerned AS (
                SELECT id FROM admissions_cohort WHERE id IN ({cohorts} IN (SELECT id FROM CHANGED))
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE admissions_cohort SET classes_version = classes_version + 1
                WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite=f"""
            UPDATE admissions_cohort SET classes_version = classes_version + 1 WHERE id IN ({cohorts} = ROW.id);
        """,
    )
