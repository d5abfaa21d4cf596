"""When the classes that a holiday cancelled could be made up for (rules P5, P9)."""

import datetime
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypedDict

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort, Holiday
from breathecode.common.errors import ValidationFailed
from breathecode.common.models import lock
from breathecode.events.domain.makeups import create_makeups, makeup_moments_of_cohort
from breathecode.events.domain.staffing.conflicts import Times
from breathecode.events.models import LiveClass


def classes_to_make_up_for(holiday: Holiday, *, now: datetime.datetime) -> QuerySet[LiveClass]:
    """The coming classes that fall on the holiday, are cancelled and have no make-up class, cohort by cohort."""
    whose = {"cohort": holiday.cohort_id} if holiday.cohort_id else {"academy": holiday.academy_id}
    classes = LiveClass.objects.filter(
        **whose,
        planned_date__range=(holiday.starts_on, holiday.ends_on),
        cancelled_by_schedule=True,
        cancelled_at__isnull=False,
        starting_at__gt=now,
        replaced_by=None,
    )
    return classes.select_related("cohort__academy").order_by("cohort", "starting_at", "id")


def moments_of_classes(classes: Sequence[LiveClass], *, now: datetime.datetime) -> dict[int, list[Times]]:
    """Up to three moments of each class, by id; five statements for each cohort. Classes are in its order."""
    found: dict[int, list[Times]] = {}
    for _cohort, group in groupby(classes, key=lambda live_class: live_class.cohort_id):
        found |= makeup_moments_of_cohort(list(group), now=now)
    return found


class CohortToMakeUpFor(TypedDict):
    """A cohort with the number of its classes to make up for."""

    slug: str
    name: str
    missed: int


def cohorts_to_make_up_for(holiday: Holiday, *, now: datetime.datetime) -> list[CohortToMakeUpFor]:
    """In one statement, by name."""
    classes = classes_to_make_up_for(holiday, now=now).order_by("cohort__name", "cohort_id")
    rows = classes.values_list("cohort__slug", "cohort__name").annotate(missed=Count("pk"))
    return [{"slug": slug, "name": name, "missed": missed} for slug, name, missed in rows]


@transaction.atomic
def make_up_for(
    chosen: Mapping[int, datetime.datetime], *, holiday: Holiday, cohort: Cohort, now: datetime.datetime
) -> list[LiveClass]:
    """A make-up class at the chosen start, one of the proposed ones, for each of these classes; all of them or none.

    `chosen` maps ids of classes of the cohort that the holiday cancelled. Raises `validation-error`, its errors keyed
    by id, where a class has been made up for meanwhile, or the moment is not (or no longer) proposed.
    """
    lock(Cohort, cohort.pk)
    missed = classes_to_make_up_for(holiday, now=now).filter(cohort=cohort)
    classes = {live_class.pk: live_class for live_class in missed.select_related("cohort_time_slot__cohort__academy")}
    moments = moments_of_classes(list(classes.values()), now=now)
    found = {
        pk: next((times for times in moments.get(pk, ()) if times[0] == start), None) for pk, start in chosen.items()
    }
    if taken := [pk for pk, times in found.items() if times is None]:
        sentence = _("This moment is no longer free. Choose one of those that are shown now.")
        raise ValidationFailed({str(pk): [sentence] for pk in taken})
    return create_makeups([(classes[pk], times) for pk, times in found.items() if times])
