"""Live classes: the dated sessions that time slots stand for."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.models import TimestampedModel


def new_hash() -> str:
    """40 hexadecimal characters nobody can guess: the name of a class in its join link."""
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

    hash = models.CharField(max_length=40, unique=True, default=new_hash, editable=False)
    cohort_time_slot = models.ForeignKey(CohortTimeSlot, on_delete=models.CASCADE, related_name="live_classes")
    planned_date = models.DateField(null=True, blank=True, editable=False)
    starting_at = models.DateTimeField(db_index=True)
    ending_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    remote_meeting_url = models.URLField(
        max_length=500,
        blank=True,
        help_text=_("Its own link; empty: the cohort's, as it is then (rule G14)."),
    )
    title = models.CharField(max_length=150, blank=True, help_text=_("Empty: the cohort's name."))
    log = models.JSONField(default=dict, blank=True)
    moved_by_hand = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    closed_by_holiday = models.BooleanField(default=False, editable=False)
    # RFC 5545 SEQUENCE: raised by each change that a calendar must notice.
    sequence = models.PositiveIntegerField(default=0, editable=False)

    UNTOUCHED: ClassVar[Q] = Q(
        started_at__isnull=True, ended_at__isnull=True, cancelled_at__isnull=True, moved_by_hand=False
    )

    class Meta:
        verbose_name_plural = "live classes"
        indexes = [
            models.Index(fields=["cohort_time_slot", "starting_at"], name="class_slot_start"),
            models.Index(fields=["ending_at"], condition=Q(ended_at__isnull=True), name="class_not_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort_time_slot", "planned_date"],
                condition=Q(planned_date__isnull=False),
                name="class_once_per_slot_and_date",
            ),
            models.CheckConstraint(condition=Q(ending_at__gt=F("starting_at")), name="class_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(started_at__isnull=True),
                name="class_started_is_not_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.cohort_time_slot.cohort} {self.starting_at:%Y-%m-%d %H:%M}Z"

    @property
    def status(self) -> str:
        return status_of(
            cancelled=self.cancelled_at is not None,
            ended=self.ended_at is not None,
            started=self.started_at is not None,
        )

    @property
    def held(self) -> bool | None:
        """Whether it took place; None before its end (rule A1)."""
        return None if self.ended_at is None else self.started_at is not None


def status_of(*, cancelled: bool, ended: bool, started: bool) -> str:
    """Rule L1: what happened last to a class is its status."""
    if cancelled:
        return LiveClass.Status.CANCELLED.value
    if ended:
        return LiveClass.Status.ENDED.value
    return LiveClass.Status.STARTED.value if started else LiveClass.Status.SCHEDULED.value
