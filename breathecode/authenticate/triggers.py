"""Triggers of users and academies (decision 0011)."""

from collections.abc import Iterable

from breathecode.common.db.triggers import Trigger, correcting_trigger


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield _user()
    yield _academy()


def _user() -> Trigger:
    """A new e-mail address and each lock raise `access_version`, which ends tokens and sessions for good (rule U5)."""
    raised = "OLD.access_version + (NEW.email <> OLD.email OR (OLD.is_active AND NOT NEW.is_active))::int"
    return correcting_trigger(
        "user", "authenticate_user", when=f"NEW.access_version < {raised}", update=f"access_version = {raised}"
    )


def _academy() -> Trigger:
    """`calendar_changed_at` is the time of the newest name (rule I3)."""
    return correcting_trigger(
        "academy",
        "authenticate_academy",
        when="""
            (NEW.name <> OLD.name AND (NEW.calendar_changed_at > OLD.calendar_changed_at) IS NOT TRUE)
            OR (OLD.calendar_changed_at IS NOT NULL
                AND (NEW.calendar_changed_at >= OLD.calendar_changed_at) IS NOT TRUE)
        """,
        update="""
            calendar_changed_at = CASE
                WHEN NEW.calendar_changed_at > OLD.calendar_changed_at THEN NEW.calendar_changed_at
                WHEN NEW.name <> OLD.name THEN CLOCK
                ELSE OLD.calendar_changed_at END
        """,
    )
