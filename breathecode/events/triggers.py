"""What the database keeps true of live classes, whoever writes them (decision 0011).

A class that is made, changed or deleted raises the `classes_version` of its cohort: cached lists and feeds are old from
the commit on (rule O2). Once for a statement on PostgreSQL, however many classes it writes.
"""

from collections.abc import Iterable

from breathecode.common.db.triggers import Trigger, change_triggers, columns_of
from breathecode.events.models import LiveClass


def triggers() -> Iterable[Trigger]:
    """All of this app."""
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
