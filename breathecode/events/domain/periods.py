"""The classes of an academy that reports are about, and who taught them."""

import datetime

from django.db.models import QuerySet

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.domain.queries import classes_of_academy, taught_by
from breathecode.events.models import LiveClass

# Between the first hour of a day in one zone, and the last of the same day in another; and a class that ends after it.
_ZONES = datetime.timedelta(days=2)


def classes_on_days(
    academy_id: int,
    *,
    first: datetime.date,
    last: datetime.date,
    cohort_id: int | None = None,
    teacher_id: int | None = None,
) -> QuerySet[LiveClass]:
    """Those whose day is from `first` to `last`, both included; of one cohort, of one teacher (rule P4).

    Cancelled ones too, but none of a deleted cohort.
    """
    classes = classes_of_academy(academy_id).filter(day__gte=first, day__lte=last)
    begin, end = _midnight(first), _midnight(last)
    # The start is in the indexes by academy and by cohort, the day is not.
    classes = classes.filter(starting_at__gte=begin - _ZONES, starting_at__lt=end + _ZONES)
    if cohort_id is not None:
        classes = classes.filter(cohort=cohort_id)
    if teacher_id is not None:
        classes = classes.filter(taught_by(teacher_id))
    return classes.exclude(cohort__stage=Cohort.Stage.DELETED).order_by()


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)


def teachers_of_academy(academy_id: int) -> QuerySet[User]:
    """Who teaches at the academy, or did as a substitute, by name (rule P4)."""
    teachers = CohortUser.objects.filter(cohort__academy_id=academy_id, role=CohortUser.Role.TEACHER).order_by()
    substituted = classes_of_academy(academy_id).filter(teacher__isnull=False).order_by()
    # Each side by an index, where OR would read all users.
    users = teachers.values("user_id").union(substituted.values("teacher_id"))
    return User.objects.filter(pk__in=users).order_by("first_name", "last_name", "email")
