"""Who is asked about a class (rule S2)."""

import datetime

from breathecode.admissions.domain.enrolment import active_students
from breathecode.attendance.models import Attendance, DayMark
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass

LOG_WINDOW = datetime.timedelta(hours=24)


def attendees_of(live_class: LiveClass) -> list[User]:
    """The students to ask, in the order of their ids: those who attended by their mark, and those of the day's log.

    The log knows days, not classes. A student whose presence that day is explained by a mark in another class is not
    asked about this one.
    """
    attended = set(
        Attendance.objects.filter(live_class=live_class, status__in=Attendance.ATTENDED).values_list(
            "user_id", flat=True
        )
    )
    # A class that was not held can only have been attended where staff say so of this very class.
    if live_class.held:
        attended |= _attended_by_log_alone(live_class)
    students = active_students().filter(cohort=live_class.cohort_id, user__in=attended, user__is_active=True)
    return [student.user for student in students.select_related("user").order_by("user_id")]


def _attended_by_log_alone(live_class: LiveClass) -> set[int]:
    """Present in the day's log without a mark in a class of the day, if it changed within 24 hours of the end."""
    if live_class.ended_at is None:
        return set()
    first, last = live_class.ended_at - LOG_WINDOW, live_class.ended_at + LOG_WINDOW
    of_day = Attendance.objects.filter(live_class__cohort=live_class.cohort_id, live_class__day=live_class.day)
    marks = DayMark.objects.filter(
        cohort_day__cohort=live_class.cohort_id,
        cohort_day__day=live_class.day,
        cohort_day__updated_at__range=(first, last),
        attended=True,
    )
    return set(marks.exclude(user__in=of_day.values("user_id")).values_list("user_id", flat=True))
