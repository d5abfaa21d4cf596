"""Who is asked about a class (rule S2)."""

import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from breathecode.admissions.models import CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass

MAX_ANSWER_DELAY = datetime.timedelta(hours=24)
PRESENT = (Attendance.Status.PRESENT, Attendance.Status.LATE)


def attendees_of(live_class: LiveClass) -> list[User]:
    """The students to ask, in the order of their ids: those marked PRESENT or LATE, and those of the day's log.

    The log knows days, not classes. Somebody whose presence that day is explained by another class alone is
    not asked about this one.
    """
    here = set(_present(live_class_id=live_class.pk))
    logged = _logged_that_day(live_class) - _present_elsewhere_that_day(live_class)
    # A class that nobody held can only have been attended where staff say so of this very class.
    wanted = here | (logged if live_class.held else set())
    students = CohortUser.objects.filter(
        cohort_id=live_class.cohort_id, role=CohortUser.Role.STUDENT, user__in=wanted, user__is_active=True
    ).exclude(educational_status__in=CohortUser.AWAY)
    return [student.user for student in students.select_related("user").order_by("user_id")]


def _present(**classes: Any) -> Any:
    return Attendance.objects.filter(status__in=PRESENT, **classes).values_list("user_id", flat=True)


def _logged_that_day(live_class: LiveClass) -> set[int]:
    entry = live_class.cohort.history_log.get(live_class.day.isoformat())
    if not isinstance(entry, dict) or live_class.ended_at is None:
        return set()
    updated_at = parse_datetime(str(entry.get("updated_at", "")))
    if updated_at is None:
        return set()
    if updated_at.tzinfo is None:
        updated_at = updated_at.replace(tzinfo=datetime.UTC)
    fresh = abs(updated_at - live_class.ended_at) <= MAX_ANSWER_DELAY
    return {pk for pk in entry.get("attendance_ids", []) if isinstance(pk, int)} if fresh else set()


def _present_elsewhere_that_day(live_class: LiveClass) -> set[int]:
    same_day = LiveClass.objects.filter(cohort=live_class.cohort_id, day=live_class.day).exclude(pk=live_class.pk)
    return set(_present(live_class__in=same_day))
