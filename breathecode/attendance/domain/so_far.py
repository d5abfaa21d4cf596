"""One student's attendance so far, cohort by cohort (rule A5)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, FilteredRelation, Q

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import Cohort
from breathecode.attendance.domain.counting import HELD, Tally, active_then
from breathecode.attendance.models import Mark
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceSoFar(Tally):
    """What the marks of one student in one cohort come to."""

    cohort_id: int
    cohort_name: str


def attendance_so_far(user: User) -> list[AttendanceSoFar]:
    """The student's attendance in each cohort that they are an active student of now, by the cohort's name.

    The same figures as the cohort's report. One statement, however many classes there are; a cohort without a class
    that has counted is left out, and so is a deleted one.
    """
    cohorts = active_students().filter(user=user).exclude(cohort__stage=Cohort.Stage.DELETED)
    classes = LiveClass.objects.filter(cohort__in=cohorts.values("cohort"), cancelled_at=None).annotate(
        own=FilteredRelation("attendance", condition=Q(attendance__user=user))
    )
    unmarked = Q(HELD, own=None) & Q(active_then(user.pk))
    rows = classes.order_by("cohort__name", "cohort_id").values("cohort_id", "cohort__name")
    found = (_so_far(row) for row in rows.annotate(**_counts(), unmarked=Count("pk", filter=unmarked)))
    return [line for line in found if line.expected or line.excused]


def _counts() -> dict[str, Any]:
    return {mark.lower(): Count("pk", filter=Q(own__status=mark)) for mark in Mark.values}


def _so_far(row: dict[str, Any]) -> AttendanceSoFar:
    return AttendanceSoFar(
        cohort_id=row["cohort_id"],
        cohort_name=row["cohort__name"],
        present=row["present"],
        late=row["late"],
        absent=row["absent"] + row["unmarked"],
        excused=row["excused"],
    )
