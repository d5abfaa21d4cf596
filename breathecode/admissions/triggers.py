"""Triggers of cohorts, time slots and holidays (decision 0011).

- Revisions: a change of a time slot's schedule, of the cohort's dates or of a holiday makes the time slots concerned
  due to be built (rules G9, G13).
- `classes_version`: a change that lists of classes show makes cached lists and feeds old (rule O2).
- `calendar_changed_at`: the time of a change of what a calendar's text takes from the cohort (rule I3).
- Pending checks: a change of a cohort, of its classes, of a membership or of a user is one that periodic tasks have to
  look at (decision 17).
- None of them, no count of logged days and no build state goes back when an instance is saved that was loaded long ago.

Locks are taken in the order academy, cohort, time slots by id; in the statement that updates the slots, since a second
one might find a slot that was given to the cohort meanwhile.
"""

from collections.abc import Iterable, Sequence

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday
from breathecode.authenticate.models import AcademyMember, User
from breathecode.common.db.triggers import (
    Trigger,
    change_triggers,
    columns_named,
    columns_of,
    correcting_trigger,
    insert_trigger,
    update_trigger,
)
from breathecode.common.models import PendingCheck

COHORTS, SLOTS, HOLIDAYS = "admissions_cohort", "admissions_cohorttimeslot", "admissions_holiday"
CHECKS = "common_pendingcheck"
Task = PendingCheck.Task
# Columns of a cohort that no list of classes shows.
NOT_SHOWN = ("classes_version", "calendar_changed_at", "created_at", "updated_at")


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield _cohort()
    yield from _slots_of_cohort()
    yield _new_slot()
    yield _slot()
    yield from _slots_of_holiday()
    yield from _checks()


def _cohort() -> Trigger:
    return correcting_trigger(
        "cohort",
        COHORTS,
        columns={
            "SHOWN": columns_of(Cohort, but=NOT_SHOWN),
            "IN_CALENDARS": columns_named(Cohort, Cohort.CALENDAR_FIELDS),
        },
        when="""
            NEW.classes_version < OLD.classes_version + SHOWN_DIFFER::int
            OR (IN_CALENDARS_DIFFER AND (NEW.calendar_changed_at > OLD.calendar_changed_at) IS NOT TRUE)
            OR NEW.current_day < OLD.current_day
            OR (OLD.calendar_changed_at IS NOT NULL
                AND (NEW.calendar_changed_at >= OLD.calendar_changed_at) IS NOT TRUE)
        """,
        update="""
            classes_version = GREATEST(NEW.classes_version, OLD.classes_version + SHOWN_DIFFER::int),
            current_day = GREATEST(NEW.current_day, OLD.current_day),
            calendar_changed_at = CASE
                WHEN NEW.calendar_changed_at > OLD.calendar_changed_at THEN NEW.calendar_changed_at
                WHEN IN_CALENDARS_DIFFER THEN CLOCK
                ELSE OLD.calendar_changed_at END
        """,
    )


def _slots_of_cohort() -> Iterable[Trigger]:
    return change_triggers(
        "slots_of_cohort",
        COHORTS,
        events=("UPDATE",),
        columns=columns_named(Cohort, Cohort.SCHEDULE_FIELDS),
        parent=("id",),
        postgresql=f"""
            WITH concerned AS (
                SELECT id FROM {SLOTS} WHERE cohort_id IN (SELECT id FROM CHANGED) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE {SLOTS} SET revision = revision + 1 WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite=f"UPDATE {SLOTS} SET revision = revision + 1 WHERE cohort_id = ROW.id;",
    )


def _new_slot() -> Trigger:
    """Inserting a time slot waits for concurrent changes of the academy's holidays, and vice versa.

    Neither sees the other before the commit: side by side they would leave the slot built without the holiday. SQLite
    has one writer at a time.
    """
    return insert_trigger(
        "new_slot",
        SLOTS,
        postgresql=f"""
            PERFORM FROM authenticate_academy WHERE id = (SELECT academy_id FROM {COHORTS} WHERE id = NEW.cohort_id)
                FOR NO KEY UPDATE;
        """,
    )


def _slot() -> Trigger:
    return correcting_trigger(
        "slot",
        SLOTS,
        columns={"SCHEDULE": columns_named(CohortTimeSlot, CohortTimeSlot.SCHEDULE_FIELDS)},
        when="""
            NEW.revision < OLD.revision + SCHEDULE_DIFFER::int
            OR NEW.built_revision < OLD.built_revision
            OR (OLD.first_built_at IS NOT NULL AND (NEW.first_built_at = OLD.first_built_at) IS NOT TRUE)
        """,
        update="""
            revision = GREATEST(NEW.revision, OLD.revision + SCHEDULE_DIFFER::int),
            built_revision = GREATEST(NEW.built_revision, OLD.built_revision),
            built_until =
                CASE WHEN NEW.built_revision < OLD.built_revision THEN OLD.built_until ELSE NEW.built_until END,
            extends_at =
                CASE WHEN NEW.built_revision < OLD.built_revision THEN OLD.extends_at ELSE NEW.extends_at END,
            horizon_days =
                CASE WHEN NEW.built_revision < OLD.built_revision THEN OLD.horizon_days ELSE NEW.horizon_days END,
            zone_data_version = CASE WHEN NEW.built_revision < OLD.built_revision
                THEN OLD.zone_data_version ELSE NEW.zone_data_version END,
            first_built_at = coalesce(OLD.first_built_at, NEW.first_built_at)
        """,
    )


def _slots_of_holiday() -> Iterable[Trigger]:
    concerned = f"""cohort_id IN (
        SELECT c.id FROM {COHORTS} c, CHANGED
        WHERE c.id = changed.cohort_id OR (changed.cohort_id IS NULL AND c.academy_id = changed.academy_id)
    )"""
    return change_triggers(
        "slots_of_holiday",
        HOLIDAYS,
        columns=columns_of(Holiday, but=("created_at", "updated_at")),
        parent=("cohort_id", "academy_id"),
        postgresql=f"""
            PERFORM FROM authenticate_academy WHERE id IN (SELECT academy_id FROM CHANGED) ORDER BY id
                FOR NO KEY UPDATE;
            WITH concerned AS (SELECT id FROM {SLOTS} WHERE {concerned} ORDER BY id FOR NO KEY UPDATE)
            UPDATE {SLOTS} SET revision = revision + 1 WHERE id IN (SELECT id FROM concerned);
        """,
        sqlite=f"""
            UPDATE {SLOTS} SET revision = revision + 1 WHERE cohort_id IN (
                SELECT id FROM {COHORTS}
                WHERE id = ROW.cohort_id OR (ROW.cohort_id IS NULL AND academy_id = ROW.academy_id)
            );
        """,
    )


def _checks() -> Iterable[Trigger]:
    of_users = (Task.INVITATIONS, Task.CORRECTIONS)
    of_new = ", ".join(f"('{task}', NEW.id)" for task in of_users)
    yield from user_check_triggers(
        "checks_of_membership",
        "admissions_cohortuser",
        columns=columns_of(CohortUser, but=("created_at", "updated_at")),
        tasks=(*of_users, Task.ENROLMENTS),
    )
    # Classes that change raise the version, as the cohort itself does.
    yield update_trigger(
        "checks_of_cohort",
        COHORTS,
        columns=("classes_version",),
        sql=f"INSERT INTO {CHECKS} (task, cohort_id) VALUES {of_new};",
        needs=(CHECKS,),
    )
    yield update_trigger(
        "checks_of_user",
        "authenticate_user",
        columns=columns_named(User, ("is_active", "email")),
        sql=f"INSERT INTO {CHECKS} (task, user_id) VALUES {of_new};",
        needs=(CHECKS,),
    )
    yield from user_check_triggers(
        "checks_of_staff",
        "authenticate_academymember",
        columns=columns_named(AcademyMember, ("user", "academy")),
        tasks=of_users,
    )


def user_check_triggers(
    name: str, table: str, *, columns: Sequence[str], tasks: Iterable[PendingCheck.Task]
) -> Iterable[Trigger]:
    """A change of a row of this table has the tasks look at its user (`user_id`)."""
    wanted = " UNION ALL ".join(f"SELECT '{task}' AS task" for task in tasks)
    return change_triggers(
        name,
        table,
        columns=columns,
        parent=("user_id",),
        postgresql=f"""
            INSERT INTO {CHECKS} (task, user_id)
            SELECT DISTINCT wanted.task, changed.user_id FROM CHANGED, ({wanted}) AS wanted;
        """,
        sqlite=f"INSERT INTO {CHECKS} (task, user_id) SELECT wanted.task, ROW.user_id FROM ({wanted}) AS wanted;",
        needs=(CHECKS,),
    )
