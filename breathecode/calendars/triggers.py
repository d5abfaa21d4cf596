"""Triggers of calendar preferences (decision 17): who turns invitations on or off is looked at by the next sweep."""

from collections.abc import Iterable

from breathecode.admissions.triggers import user_check_triggers
from breathecode.common.db.triggers import Trigger
from breathecode.common.models import PendingCheck


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    return user_check_triggers(
        "checks_of_preference",
        "calendars_calendarpreference",
        columns=("user_id", "calendar_invitations"),
        tasks=(PendingCheck.Task.INVITATIONS, PendingCheck.Task.CORRECTIONS),
    )
