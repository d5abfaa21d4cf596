"""What the diagnosis of a cohort found, in the words of its pages, with a link to where it is mended (rule P7)."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.pages.academy.cohorts.slots import slot_line
from breathecode.schedules.domain.findings import Finding


class FindingInWords(NamedTuple):
    """`page` is the name of the URL where it is mended, `slot_id` that of the time slot; both may be empty."""

    detail: str
    what_to_do: str
    page: str
    link: object
    slot_id: int | None


_DATES = ("cohort-edit", _("Edit the cohort"))
_SLOTS = ("cohort-slots", _("See the time slots"))
_SLOT = ("cohort-slot", _("Change the time slot"))
_HOLIDAYS = ("cohort-holidays", _("See the holidays"))
_PEOPLE = ("cohort-people", _("See the people"))
_NOWHERE = ("", "")
_WAIT = _("The classes follow within a few minutes. If they do not, tell the people who run this server.")
_SERVER = _("Tell the people who run this server that its background tasks do not run.")
# By slug: what is wrong, what to do, and where.
_WORDS: dict[str, tuple[Any, Any, tuple[str, Any]]] = {
    "cohort-deleted": (_("The cohort is deleted."), _("Choose another stage if it goes on."), _DATES),
    "cohort-in-prework": (
        _("The cohort is in prework, a stage without classes."),
        _("Choose the stage “started” when its classes begin."),
        _DATES,
    ),
    "cohort-without-kickoff-date": (_("The cohort has no first day."), _("Set it: classes begin then."), _DATES),
    "cohort-without-ending-date": (
        _("The cohort has no last day."),
        _("Set it, or say that the cohort never ends."),
        _DATES,
    ),
    "cohort-ended": (_("The cohort ended on {date}."), _("Set a later last day if it goes on."), _DATES),
    "cohort-without-time-slots": (
        _("The cohort has no time slots."),
        _("Add a time slot: classes are built from them."),
        _SLOTS,
    ),
    "time-slots-removed": (
        _("All time slots of the cohort have been removed, the last one on {date}."),
        _("Add a time slot if the cohort goes on."),
        _SLOTS,
    ),
    "starts-after-the-end": (
        _("{time_slot}: its first date would be after {date}, its last one."),
        _("Change its first date or its weekdays, or the last day of the cohort."),
        _SLOT,
    ),
    "starts-beyond-the-horizon": (
        _("{time_slot}: its first date is more than {days} days from now."),
        _("There is nothing to do: its classes are built nearer to that date."),
        _NOWHERE,
    ),
    "only-on-holidays": (
        _("{time_slot}: all its dates are holidays."),
        _("Change the holidays, or the days of the time slot."),
        _HOLIDAYS,
    ),
    "covered-by-holiday": (
        _("{time_slot}: no class on {date}, because of a holiday: {holiday}."),
        _("If there is a class on that date, change the holiday, or restore the cancelled class."),
        _HOLIDAYS,
    ),
    "no-dates-left": (
        _("{time_slot}: its last date was {date}."),
        _("Change it, or add another time slot, if there are more classes."),
        _SLOT,
    ),
    "weekday-without-occurrences": (
        _("{time_slot}: no date on these weekdays: {weekdays}."),
        _("Change its first date, its weekdays or how often it repeats, or the days of the cohort."),
        _SLOT,
    ),
    "time-slot-cannot-be-built": (
        _("{time_slot}: its hours, weekdays or time zone are not valid."),
        _("Set them again."),
        _SLOT,
    ),
    "timezone-differs-from-cohort": (
        _("{time_slot}: its time zone is {zone}, that of the cohort is {cohort_zone}."),
        _("Choose the cohort's time zone, unless they are meant to differ."),
        _SLOT,
    ),
    "never-built": (_("{time_slot}: its classes have not been built yet."), _WAIT, _NOWHERE),
    "waits-to-be-built": (_("{time_slot}: its classes wait for a change to be built."), _WAIT, _NOWHERE),
    "old-zone-data": (_("{time_slot}: the rules of its time zone have changed since it was built."), _WAIT, _NOWHERE),
    "old-zone-data-on-server": (
        _("{time_slot}: this server knows older rules of its time zone than it was built with."),
        _("Tell the people who run this server that its time zone data is too old."),
        _NOWHERE,
    ),
    "queue-backlog": (
        _("Changes have been waiting for {minutes} minutes."),
        _SERVER,
        _NOWHERE,
    ),
    "background-tasks-never-ran": (_("Changes are waiting."), _SERVER, _NOWHERE),
    "cohort-without-teacher": (
        _("The cohort has no teacher."),
        _("Add one: a class starts when its teacher joins."),
        _PEOPLE,
    ),
    "cohort-without-meeting-url": (
        _("The cohort has no meeting link."),
        _("Set it, or give each coming class a link of its own: a class without one cannot be joined."),
        _DATES,
    ),
}


def in_words(found: Finding, *, cohort: Cohort) -> FindingInWords:
    """Raises KeyError for a finding without words."""
    detail, what_to_do, (page, link) = _WORDS[found["slug"]]
    values, slot_id = dict(found["values"]), None
    slot = values.get("time_slot")
    if isinstance(slot, CohortTimeSlot):
        zones = {"zone": slot.timezone, "cohort_zone": cohort.effective_timezone}
        values, slot_id = {**values, **zones, "time_slot": slot_line(slot)}, slot.pk
    arguments = slot_id if page == "cohort-slot" else None
    return FindingInWords(str(detail).format(**values), str(what_to_do), page, link, arguments)
