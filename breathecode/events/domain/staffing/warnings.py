"""Conflicts in words, for the `warnings` of an answer (rule P6): never an error, nothing is refused for them."""

from collections.abc import Sequence
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from breathecode.events.domain.class_times import class_time
from breathecode.events.domain.staffing.conflicts import TEACHER, Conflict, conflicts_of_class
from breathecode.events.models import LiveClass

MAX_SENTENCES = 20


def warnings_of_class(live_class: LiveClass) -> list[str]:
    """About the class as it is stored; none where it is cancelled. Reads its cohort and academy; one statement more."""
    if live_class.cancelled_at is not None:
        return []
    zone = live_class.cohort.effective_timezone
    return sentences(conflicts_of_class(live_class), zone=zone)


def sentences(conflicts: Sequence[Conflict], *, zone: str) -> list[str]:
    """One for each conflict, with the first of its times in this IANA zone, in the language that is active.

    At most `MAX_SENTENCES`; one more says how many users are left.
    """
    shown = [_sentence(conflict, zone=zone) for conflict in islice(conflicts, MAX_SENTENCES)]
    left = {conflict.user_id for conflict in conflicts[MAX_SENTENCES:]}
    if not left:
        return shown
    more = ngettext("One more user has another class.", "{count} more users have another class.", len(left))
    return [*shown, more.format(count=len(left))]


def _sentence(conflict: Conflict, *, zone: str) -> str:
    who = _("{name} (teacher)") if conflict.kind == TEACHER else _("{name} (student)")
    text = ngettext(
        "{who} has another class at this time, in {cohort}: {when} ({zone}).",
        "{who} has another class, in {cohort}, at {count} of these times. The first: {when} ({zone}).",
        len(conflict.times),
    )
    return text.format(
        who=who.format(name=conflict.user_name),
        cohort=conflict.cohort_name or _("another academy"),
        count=len(conflict.times),
        when=class_time(*conflict.times[0], zone=zone),
        zone=zone,
    )
