"""What staff should know about a change that they made, beyond its answer: consequences that nothing else shows."""

from typing import TypedDict

from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort, CohortTimeSlot


class Notice(TypedDict):
    """`slug` for programs, `detail` for people, in the language of the request."""

    slug: str
    detail: str


def notices_of_cohort(cohort: Cohort, *, timezone_before: str) -> list[Notice]:
    """After a change: `timezone_before` is the IANA name of the zone that the cohort had. One query, or none."""
    if cohort.effective_timezone == timezone_before:
        return []
    slots = CohortTimeSlot.objects.filter(cohort=cohort, removed_at=None).exclude(timezone=cohort.effective_timezone)
    zones = list(slots.values_list("timezone", flat=True))
    if not zones:
        return []
    detail = _(
        "Time slots keep the time zone they were saved with ({zones}). Update those that should use the new one."
    )
    return [{"slug": "time-slots-keep-their-timezone", "detail": detail.format(zones=", ".join(sorted(set(zones))))}]


def notices_of_time_slot(slot: CohortTimeSlot) -> list[Notice]:
    """What its hours alone do not show. No query where the cohort and its academy are loaded."""
    if slot.timezone == slot.cohort.effective_timezone:
        return []
    detail = _("This time slot uses the time zone {zone}, not the cohort's time zone ({cohort_zone}).")
    zones = {"zone": slot.timezone, "cohort_zone": slot.cohort.effective_timezone}
    return [{"slug": "timezone-differs-from-cohort", "detail": detail.format(**zones)}]
