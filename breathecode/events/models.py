"""Live classes: the dated sessions that time slots stand for."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy, User
from breathecode.common.db.fields import HttpUrlField, OneLineCharField
from breathecode.common.models import TimestampedModel
from breathecode.events.fields import ClassDayField, CopiedKey


def new_hash() -> str:
    """40 random hexadecimal characters, which identify a class in its join link."""
    return secrets.token_hex(20)


class LiveClass(TimestampedModel):
    """One dated session.

    A generated class is known by its time slot and the date that the schedule planned it for, wherever it
    has been moved since, as RFC 5545 knows an instance by its RECURRENCE-ID (rule G6). A class made by hand
    has no planned date, so no rebuild can touch it.
    """

    class Status(models.TextChoices):
        SCHEDULED = "SCHEDULED", _("scheduled")
        STARTED = "STARTED", _("started")
        ENDED = "ENDED", _("ended")
        CANCELLED = "CANCELLED", _("cancelled")

    hash = models.CharField(max_length=40, default=new_hash, editable=False)
    cohort_time_slot = models.ForeignKey(
        CohortTimeSlot, on_delete=models.CASCADE, db_index=False, related_name="live_classes"
    )
    # The slot's cohort and its academy: copies, so that a list need not go through two tables to find its classes.
    # Filled on insert, and kept equal by the triggers of `events.triggers`.
    cohort = CopiedKey(Cohort, source="cohort", on_delete=models.CASCADE, related_name="live_classes")
    academy = CopiedKey(Academy, source="cohort.academy", on_delete=models.CASCADE, related_name="live_classes")
    planned_date = models.DateField(null=True, blank=True, editable=False)
    day = ClassDayField()
    starting_at = models.DateTimeField(db_index=True)
    ending_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Kept up to date by `attendance`: whether the class has marks (it then took place and can no longer be moved), and
    # whether a student attended by the staff's marks (rule A1).
    marked = models.BooleanField(default=False, editable=False)
    attended = models.BooleanField(default=False, editable=False)
    remote_meeting_url = HttpUrlField(
        max_length=500,
        blank=True,
        help_text=_("If empty, the cohort's current meeting URL is used."),
    )
    title = OneLineCharField(max_length=150, blank=True, help_text=_("If empty, the cohort's name is used."))
    # For few classes: the index below is of these alone.
    teacher = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="substituted_classes",
        help_text=_("A substitute who teaches instead of the cohort's teachers."),
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        editable=False,
        related_name="replaced_by",
        help_text=_("The cancelled class that this make-up class replaces."),
    )
    log = models.JSONField(default=dict, blank=True)
    moved_by_hand = models.BooleanField(default=False)
    # The start before the first move by hand, and the reason of the last one. Empty where it is back there (W4).
    moved_from = models.DateTimeField(null=True, blank=True, editable=False)
    move_reason = OneLineCharField(max_length=500, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = OneLineCharField(max_length=500, blank=True)
    # Cancelled by a build and not by staff, so a build may take it back: a holiday, or (without a reason) a class that
    # people had been told of when the schedule lost it.
    cancelled_by_schedule = models.BooleanField(default=False, editable=False)
    # Restored by staff where the schedule would cancel or delete it: no build does so again (rule G15).
    kept_by_staff = models.BooleanField(default=False, editable=False)
    # RFC 5545 SEQUENCE: raised by each change that a calendar must notice.
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "live classes"
        indexes = [
            models.Index(fields=["cohort_time_slot", "starting_at"], name="class_slot_start"),
            models.Index(fields=["cohort", "starting_at", "id"], name="class_cohort_start"),
            models.Index(fields=["academy", "starting_at", "id"], name="class_academy_start"),
            # For the periodic tasks: what is to be closed, was closed lately, or takes the place of another class.
            models.Index(
                fields=["ending_at"],
                condition=Q(ended_at__isnull=True, cancelled_at__isnull=True),
                name="class_to_close",
            ),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="class_ended_at"),
            models.Index(fields=["starting_at"], condition=Q(replaces__isnull=False), name="class_makeup_start"),
            models.Index(
                fields=["teacher", "starting_at"], condition=Q(teacher__isnull=False), name="class_substitute"
            ),
        ]
        constraints = [
            # Not `unique=True`, which on PostgreSQL makes a second index for LIKE.
            models.UniqueConstraint(fields=["hash"], name="class_hash_once"),
            models.UniqueConstraint(
                fields=["cohort_time_slot", "planned_date"],
                condition=Q(planned_date__isnull=False),
                name="class_once_per_slot_and_date",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False), name="class_replaced_once"
            ),
            models.CheckConstraint(condition=Q(ending_at__gt=F("starting_at")), name="class_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(started_at__isnull=True),
                name="class_started_is_not_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.cohort} {self.starting_at:%Y-%m-%d %H:%M}Z"

    @property
    def status(self) -> str:
        return status_of(
            cancelled=self.cancelled_at is not None,
            ended=self.ended_at is not None,
            started=self.started_at is not None,
        )

    @property
    def reason(self) -> str:
        """The reason for the cancellation, or else for the move; empty if none was given."""
        return self.move_reason if self.cancelled_at is None else self.cancel_reason

    @property
    def held(self) -> bool | None:
        """Whether it took place; None before its end (rule A1)."""
        return held_of(ended=self.ended_at is not None, started=self.started_at is not None, attended=self.attended)


class ClassJoin(models.Model):
    """A user's first join of a class, from which attendance is recorded (rule J8)."""

    live_class = models.ForeignKey(LiveClass, on_delete=models.CASCADE, related_name="joins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="class_joins")
    joined_at = models.DateTimeField()
    starts_class = models.BooleanField(
        default=False, help_text=_("Whether the user joined as a teacher or assistant, which starts the class.")
    )

    class Meta:
        indexes = [models.Index(fields=["joined_at"], condition=Q(starts_class=True), name="join_starting_class")]
        constraints = [models.UniqueConstraint(fields=["live_class", "user"], name="join_once_per_class_and_person")]

    def __str__(self) -> str:
        return f"user {self.user_id} joined class {self.live_class_id}"


def status_of(*, cancelled: bool, ended: bool, started: bool) -> str:
    """Rule L1: what happened last to a class is its status."""
    if cancelled:
        return _CANCELLED
    if ended:
        return _ENDED
    return _STARTED if started else _SCHEDULED


def held_of(*, ended: bool, started: bool, attended: bool) -> bool | None:
    """Rule A1: whether the class was started, or a student attended by the staff's marks; None before its end."""
    return (started or attended) if ended else None


_SCHEDULED, _STARTED, _ENDED, _CANCELLED = LiveClass.Status.values
# The same as `status_of`, for a query.
STATUS_LOOKUPS: dict[str, dict[str, bool]] = {
    LiveClass.Status.CANCELLED: {"cancelled_at__isnull": False},
    LiveClass.Status.ENDED: {"cancelled_at__isnull": True, "ended_at__isnull": False},
    LiveClass.Status.STARTED: {"cancelled_at__isnull": True, "ended_at__isnull": True, "started_at__isnull": False},
    LiveClass.Status.SCHEDULED: {"cancelled_at__isnull": True, "ended_at__isnull": True, "started_at__isnull": True},
}


class ClassNotice(models.Model):
    """What one user was last told about one class, by mail or in their calendar (rule N2).

    Written in the transaction that queues the mail; `domain.class_notices` compares it with the class as it is.
    `live_class_id` is a number and no foreign key: the row outlives the class, to say that it is off.
    """

    class Channel(models.TextChoices):
        REMINDER = "REMINDER", _("reminder")
        CORRECTION = "CORRECTION", _("correction")
        CALENDAR = "CALENDAR", _("calendar invitation")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="class_notices")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    live_class_id = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=40, help_text=_("The hash of the join link in the message."))
    title = models.CharField(max_length=150)
    starting_at = models.DateTimeField(help_text=_("The start time given in the last message."))
    ending_at = models.DateTimeField()
    cancelled = models.BooleanField(help_text=_("Whether the last message said that the class does not take place."))
    channel = models.CharField(max_length=16, choices=Channel)
    sent_at = models.DateTimeField()
    # 0: the calendar alone has told it. Also what makes the purpose of each mail in the outbox a different one.
    mail_count = models.PositiveIntegerField(
        default=0, help_text=_("The number of reminders and corrections sent so far.")
    )

    class Meta:
        indexes = [
            models.Index(fields=["starting_at"], name="notice_start"),
            models.Index(
                fields=["starting_at"], condition=Q(cancelled=False, mail_count__gt=0), name="notice_start_mailed"
            ),
            models.Index(fields=["live_class_id"], condition=Q(cancelled=True), name="notice_cancelled"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["live_class_id", "user"], name="notice_once_per_class_and_person"),
            models.CheckConstraint(
                condition=Q(channel__in=["REMINDER", "CORRECTION", "CALENDAR"]), name="notice_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"class {self.live_class_id} as user {self.user_id} knows it"
