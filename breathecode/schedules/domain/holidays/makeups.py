"""When the classes that a holiday cancelled could be made up for (rules P5, P9)."""

import datetime
from collections.abc import Sequence
from itertools import groupby

from django.db.models import QuerySet

from breathecode.admissions.models import Holiday
from breathecode.events.domain.makeups import makeup_moments_of_cohort
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
