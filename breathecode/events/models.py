"""Live classes: the dated sessions that time slots stand for."""

import secrets
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import User
from breathecode.common.models import TimestampedModel


def new_hash() -> str:
    """40 hexadecimal characters nobody can guess: the name of a class in its join link."""
    return secrets.token_hex(20)


class LiveClassQuerySet(models.QuerySet["LiveClass"]):
    """Every write makes cached lists and feeds of the cohorts concerned old, in the same transaction (rule O2)."""

    def _raise_versions(self) -> None:
        cohorts = self.order_by().values("cohort_time_slot__cohort_id")
        Cohort.objects.filter(pk__in=list(cohorts.values_list(flat=True).distinct())).raise_classes_version()

    def update(self, **changes: Any) -> int:
        with transaction.atomic(using=self.db):
            self._raise_versions()
            return super().update(**changes)


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

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(LiveClassQuerySet)()
    # For the build, which has raised the version itself, once for thousands of rows.
    rows: ClassVar[models.Manager[Self]] = models.Manager()

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, and makes cached lists of the cohort's classes old; its lock comes before the class's own."""
        with transaction.atomic():
            Cohort.objects.filter(time_slots=self.cohort_time_slot_id).raise_classes_version()
            super().save(*args, **kwargs)

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


class ClassJoin(models.Model):
    """Somebody's first join of a class: the evidence for attendance (rule J8)."""

    live_class = models.ForeignKey(LiveClass, on_delete=models.CASCADE, related_name="joins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="class_joins")
    joined_at = models.DateTimeField()
    starts_class = models.BooleanField(default=False, help_text=_("A teacher's or assistant's: it starts the class."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["live_class", "user"], name="join_once_per_class_and_person")]

    def __str__(self) -> str:
        return f"user {self.user_id} joined class {self.live_class_id}"


def status_of(*, cancelled: bool, ended: bool, started: bool) -> str:
    """Rule L1: what happened last to a class is its status."""
    if cancelled:
        return LiveClass.Status.CANCELLED.value
    if ended:
        return LiveClass.Status.ENDED.value
    return LiveClass.Status.STARTED.value if started else LiveClass.Status.SCHEDULED.value
