"""What the pages ask about classes: a user's next ones, and the language of the one that a link leads to."""

import datetime

from breathecode.events.domain.joining import GRACE
from breathecode.events.domain.queries import classes_of_user
from breathecode.events.models import LiveClass


def next_classes_of_user(user_id: int, *, now: datetime.datetime, limit: int) -> list[LiveClass]:
    """At most `limit` classes that the user can still join, by start, with cohort, academy and slot. One statement.

    A class that has not ended is listed as long as it can be joined (rule J4), a cancelled one until its planned end.
    """
    coming = classes_of_user(user_id).filter(ended_at__isnull=True, ending_at__gte=now - GRACE)
    coming = coming.exclude(cancelled_at__isnull=False, ending_at__lt=now)
    related = coming.select_related("cohort__academy", "cohort_time_slot")
    return list(related.defer("log").order_by("starting_at", "id")[:limit])


def languages_of_class(hash_: str) -> tuple[str, ...]:
    """The language codes of the class's cohort and of its academy; empty for an unknown hash."""
    if not (hash_.isascii() and hash_.isalnum()):
        return ()
    found = LiveClass.objects.filter(hash=hash_).values_list("cohort__language", "academy__language").first()
    return tuple(found or ())
