"""What a diagnosis can find, in words: the finding, and what to do about it (rule P7)."""

from typing import Any, TypedDict

from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import CohortTimeSlot


class Finding(TypedDict):
    """`slug` for programs; `detail` and `what_to_do` for users of the API and the commands, in the active language.

    `values` are what the detail says, for pages, which say it in words of their own; `time_slot` is a `CohortTimeSlot`.
    """

    slug: str
    detail: str
    what_to_do: str
    values: dict[str, Any]


def finding(slug: str, **values: Any) -> Finding:
    """`values` fill the placeholders of the detail. Raises KeyError for an unknown slug."""
    detail, what_to_do = _TEXTS[slug]
    written = {name: _written(value) for name, value in values.items()}
    return {"slug": slug, "detail": str(detail).format(**written), "what_to_do": str(what_to_do), "values": values}


def _written(value: Any) -> Any:
    return f"{value.pk} ({value})" if isinstance(value, CohortTimeSlot) else value


_WAIT = _(
    "The background tasks build it within a few minutes. If they do not, look at /readyz, or run "
    "build_live_classes --sync on the server."
)
_TEXTS: dict[str, tuple[Any, Any]] = {
    "cohort-deleted": (_("The cohort is in stage DELETED."), _("Set another stage if the cohort goes on.")),
    "cohort-in-prework": (
        _("The cohort is in stage PREWORK, in which no classes are built."),
        _("Set the stage STARTED when its classes begin."),
    ),
    "cohort-without-kickoff-date": (_("The cohort has no kickoff_date."), _("Set the date of its first day.")),
    "cohort-without-ending-date": (
        _("The cohort has no ending_date."),
        _("Set the date of its last day, or set never_ends to true."),
    ),
    "cohort-ended": (_("The cohort ended on {date}."), _("Set a later ending_date if the cohort goes on.")),
    "cohort-without-time-slots": (
        _("The cohort has no time slots, which classes are generated from."),
        _("Add a time slot."),
    ),
    "time-slots-removed": (
        _("All time slots of the cohort have been removed, the last one on {date}."),
        _("Add a time slot if the cohort goes on."),
    ),
    "starts-after-the-end": (
        _("The first date of time slot {time_slot} would be after {date}, the last date that it applies to."),
        _("Change starts_on or weekdays of the time slot, or the cohort's dates."),
    ),
    "starts-beyond-the-horizon": (
        _("The first date of time slot {time_slot} is more than {days} days from now."),
        _("No action is needed: classes of a cohort that never ends are built this many days ahead."),
    ),
    "only-on-holidays": (
        _("All dates of time slot {time_slot} are holidays."),
        _("Change the holidays of the academy or of the cohort, or the days of the time slot."),
    ),
    "covered-by-holiday": (
        _("Time slot {time_slot} has no class on {date}: {holiday}."),
        _("If there is a class on that date, change the holiday, or restore the cancelled class."),
    ),
    "no-dates-left": (
        _("The last date of time slot {time_slot} was {date}."),
        _("Change the time slot, or add another one, if there are more classes."),
    ),
    "weekday-without-occurrences": (
        _("Time slot {time_slot} has no date on these weekdays: {weekdays}."),
        _("Change starts_on, interval or weekdays of the time slot, or the cohort's dates."),
    ),
    "time-slot-cannot-be-built": (
        _("The hours, weekdays or time zone of time slot {time_slot} are not valid."),
        _("Set them again."),
    ),
    "timezone-differs-from-cohort": (
        _("Time slot {time_slot}: {notice}"),
        _("Set the time zone of the time slot to the cohort's, unless they are meant to differ."),
    ),
    "never-built": (_("Time slot {time_slot} has not been built yet."), _WAIT),
    "waits-to-be-built": (_("Time slot {time_slot} is waiting to be built after a change."), _WAIT),
    "old-zone-data": (
        _("Time slot {time_slot} was built with older time zone data ({built}) than is installed now ({installed})."),
        _WAIT,
    ),
    "old-zone-data-on-server": (
        _("This server has older time zone data ({installed}) than time slot {time_slot} was built with ({built})."),
        _("Install the same version of tzdata on all servers, and restart them."),
    ),
    "queue-backlog": (
        _("Background tasks have not run for {minutes} minutes, so changes are waiting."),
        _("Check /readyz: a Celery worker, its broker or the web server's own worker is not running."),
    ),
    "background-tasks-never-ran": (
        _("Background tasks have never run, so changes are waiting."),
        _("Check /readyz: a Celery worker, its broker or the web server's own worker is not running."),
    ),
    "cohort-without-teacher": (
        _("The cohort has no teacher."),
        _("Add one to the cohort: a class starts when its teacher joins."),
    ),
    "cohort-without-meeting-url": (
        _("The cohort has no online_meeting_url."),
        _("Set it, or set remote_meeting_url on each upcoming class: a class without a link cannot be joined."),
    ),
}
