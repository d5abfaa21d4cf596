"""Marks of people in classes, their history, and how an academy has joins counted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy, User
from breathecode.events.models import LiveClass


class Mark(models.TextChoices):
    """The attendance status of a student in a class (rule A2)."""

    PRESENT = "PRESENT", _("present")
    LATE = "LATE", _("late")
    ABSENT = "ABSENT", _("absent")
    EXCUSED = "EXCUSED", _("excused")


class AttendanceSource(models.TextChoices):
    JOIN = "JOIN", _("join")
    STAFF = "STAFF", _("staff")


class Attendance(models.Model):
    """The current mark of one student in one class; a class with a mark counts as started (rules A2, A3)."""

    Status = Mark
    Source = AttendanceSource
    # The marks of students who attended, on time or not (rule A2).
    ATTENDED: ClassVar[tuple[str, ...]] = (Mark.PRESENT, Mark.LATE)

    live_class = models.ForeignKey(LiveClass, on_delete=models.CASCADE, related_name="attendance")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="attendance")
    status = models.CharField(max_length=16, choices=Mark)
    source = models.CharField(max_length=16, choices=AttendanceSource)
    joined_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "attendance"
        constraints = [
            models.UniqueConstraint(fields=["live_class", "user"], name="attendance_once_per_class_and_person"),
            models.CheckConstraint(condition=Q(status__in=Mark.values), name="attendance_status"),
            models.CheckConstraint(condition=Q(source__in=AttendanceSource.values), name="attendance_source"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in class {self.live_class_id}: {self.status}"


class AttendanceChange(models.Model):
    """One line of the history behind `Attendance`: written along with each change, and never afterwards."""

    live_class = models.ForeignKey(LiveClass, on_delete=models.CASCADE, related_name="attendance_changes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    from_status = models.CharField(
        max_length=16, choices=Mark, blank=True, help_text=_("Empty if nothing was recorded.")
    )
    to_status = models.CharField(max_length=16, choices=Mark)
    source = models.CharField(max_length=16, choices=AttendanceSource)
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"user {self.user_id} in class {self.live_class_id}: {self.from_status or None} to {self.to_status}"


class CohortDay(models.Model):
    """A day of a cohort's attendance log: its notes, and when it last changed (rule A4).

    Who attended is read from the marks of the day's classes and from the `DayMark`s. `Cohort.current_day` counts these
    rows, so they are written by `domain.log` alone.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    teacher_comments = models.TextField(null=True, blank=True)  # noqa: DJ001  (null: not written yet)
    current_module = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["cohort", "day"], name="cohort_day_once")]

    def __str__(self) -> str:
        return f"{self.day} of cohort {self.cohort_id}"


class DayMark(models.Model):
    """That a student attended a day, or did not, where no class of the day has a mark of theirs (rule A4)."""

    cohort_day = models.ForeignKey(CohortDay, on_delete=models.CASCADE, related_name="marks")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    attended = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort_day", "user"], name="day_mark_once_per_day_and_user")]

    def __str__(self) -> str:
        return f"user {self.user_id} {'attended' if self.attended else 'did not attend'} day {self.cohort_day_id}"


class AcademyAttendanceSettings(models.Model):
    """How an academy has joins counted when a class ends (rule A3); an academy without a row has the defaults."""

    academy = models.OneToOneField(Academy, on_delete=models.CASCADE, related_name="attendance_settings")
    mark_from_joins = models.BooleanField(default=True)
    late_after_minutes = models.PositiveSmallIntegerField(
        default=15,
        help_text=_("Minutes after the planned or actual start (the later one) from which a join counts as late."),
    )

    class Meta:
        verbose_name_plural = "academy attendance settings"

    def __str__(self) -> str:
        return f"attendance settings of academy {self.academy_id}"
