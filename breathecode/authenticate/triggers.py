"""Triggers of users and academies (decision 0011)."""

from collections.abc import Iterable

from breathecode.common.db.triggers import Trigger, correcting_trigger, update_trigger
from breathecode.common.models import PendingCheck
from breathecode.notify.models import ADDRESS_CHANGED, OutgoingMail


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield _user()
    yield _mails_to_old_address()
    yield _tokens()
    yield _academy()


def _user() -> Trigger:
    """A new e-mail address and each lock raise `access_version`, which ends tokens and sessions for good (rule U5)."""
    raised = "OLD.access_version + (NEW.email <> OLD.email OR (OLD.is_active AND NOT NEW.is_active))::int"
    return correcting_trigger(
        "user", "authenticate_user", when=f"NEW.access_version < {raised}", update=f"access_version = {raised}"
    )


def _mails_to_old_address() -> Trigger:
    """A new e-mail address fails for good the mails that still wait to be sent to the old one (rule U5).

    A mail that is being sent at this moment cannot be withdrawn. Its purpose is free again, so that the same mail can
    be queued to the new address.
    """
    waiting = ", ".join(f"'{state}'" for state in OutgoingMail.WAITING)
    reason = ADDRESS_CHANGED.replace("'", "''")
    return update_trigger(
        "user_mails",
        "authenticate_user",
        columns=["email"],
        needs=["notify_outgoingmail"],
        sql=f"""
            UPDATE notify_outgoingmail
            SET purpose = 'withdrawn:' || id, state = '{OutgoingMail.State.FAILED}', last_error = '{reason}',
                text = '', html = '', attachments = '[]'
            WHERE "to" = OLD.email AND state IN ({waiting});
        """,
    )


def _tokens() -> Trigger:
    """What tokens are bound to has changed: `delete_expired_tokens` looks at the user's (rule U2, decision 17)."""
    checks = PendingCheck._meta.db_table
    return update_trigger(
        "checks_of_tokens",
        "authenticate_user",
        columns=["password", "email", "access_version"],
        needs=[checks],
        sql=f"INSERT INTO {checks} (task, user_id) VALUES ('{PendingCheck.Task.TOKENS}', NEW.id);",
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
