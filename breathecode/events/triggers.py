"""Triggers that keep `LiveClass.cohort` and `LiveClass.academy` equal to what the class's time slot says.

They follow a slot that is given to another cohort, a cohort that is given to another academy, and a class that is given
to another slot, in the same transaction and whoever writes (API, admin, shell, `update()`, raw SQL); and they put the
copies right where an instance that was read earlier writes old ones back. Inserts fill the copies by themselves.

Created after each `migrate`. Dropped before it on SQLite, which cannot rename a table that a trigger names.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_TABLES = {"events_liveclass", "admissions_cohorttimeslot", "admissions_cohort"}

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION live_class_copies_of_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_liveclass
        SET cohort_id = NEW.cohort_id, academy_id = (SELECT academy_id FROM admissions_cohort WHERE id = NEW.cohort_id)
        WHERE cohort_time_slot_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER live_class_follows_slot AFTER UPDATE OF cohort_id ON admissions_cohorttimeslot FOR EACH ROW
    WHEN (OLD.cohort_id <> NEW.cohort_id) EXECUTE FUNCTION live_class_copies_of_slot();

CREATE OR REPLACE FUNCTION live_class_copies_of_cohort() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_liveclass SET academy_id = NEW.academy_id WHERE cohort_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER live_class_follows_cohort AFTER UPDATE OF academy_id ON admissions_cohort FOR EACH ROW
    WHEN (OLD.academy_id <> NEW.academy_id) EXECUTE FUNCTION live_class_copies_of_cohort();

CREATE OR REPLACE FUNCTION live_class_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT cohort.id, cohort.academy_id INTO NEW.cohort_id, NEW.academy_id
        FROM admissions_cohorttimeslot slot JOIN admissions_cohort cohort ON cohort.id = slot.cohort_id
        WHERE slot.id = NEW.cohort_time_slot_id;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER live_class_copies_stay
    BEFORE UPDATE OF cohort_time_slot_id, cohort_id, academy_id ON events_liveclass FOR EACH ROW
    WHEN ((OLD.cohort_time_slot_id, OLD.cohort_id, OLD.academy_id)
        IS DISTINCT FROM (NEW.cohort_time_slot_id, NEW.cohort_id, NEW.academy_id))
    EXECUTE FUNCTION live_class_copies();
"""

_SQLITE = {
    "live_class_follows_slot": """
        AFTER UPDATE OF cohort_id ON admissions_cohorttimeslot WHEN OLD.cohort_id <> NEW.cohort_id BEGIN
            UPDATE events_liveclass SET cohort_id = NEW.cohort_id,
                academy_id = (SELECT academy_id FROM admissions_cohort WHERE id = NEW.cohort_id)
                WHERE cohort_time_slot_id = NEW.id;
        END""",
    "live_class_follows_cohort": """
        AFTER UPDATE OF academy_id ON admissions_cohort WHEN OLD.academy_id <> NEW.academy_id BEGIN
            UPDATE events_liveclass SET academy_id = NEW.academy_id WHERE cohort_id = NEW.id;
        END""",
    # SQLite cannot change NEW: the row is written a second time, which does not call the trigger again.
    "live_class_copies_stay": """
        AFTER UPDATE OF cohort_time_slot_id, cohort_id, academy_id ON events_liveclass
        WHEN (OLD.cohort_time_slot_id, OLD.cohort_id, OLD.academy_id)
            IS NOT (NEW.cohort_time_slot_id, NEW.cohort_id, NEW.academy_id) BEGIN
            UPDATE events_liveclass SET (cohort_id, academy_id) = (
                SELECT cohort.id, cohort.academy_id FROM admissions_cohorttimeslot slot
                JOIN admissions_cohort cohort ON cohort.id = slot.cohort_id WHERE slot.id = NEW.cohort_time_slot_id
            ) WHERE id = NEW.id;
        END""",
}


def create_copy_triggers(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Makes the triggers, or makes them anew; nothing where the tables are not there (yet)."""
    connection = connections[using]
    if not _TABLES.issubset(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
            return
        for name, body in _SQLITE.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def drop_copy_triggers(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """On SQLite alone. PostgreSQL drops a trigger with its table and follows renamed ones."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in _SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
