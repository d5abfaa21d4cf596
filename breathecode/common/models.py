from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# A slug of digits alone would be taken for an id wherever both are accepted.
SLUG_PATTERN = r"^(?=.*[a-zA-Z_-])[-a-zA-Z0-9_]+\Z"
validate_slug = RegexValidator(
    SLUG_PATTERN, _("Use letters, digits, hyphens and underscores, and not only digits."), "invalid"
)


class TimestampedModel(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class PeriodicRun(models.Model):
    """When a periodic task last ran: one row, or none before the first run (see `common.beat`)."""

    ONLY: ClassVar[int] = 1

    last_run_at = models.DateTimeField()
    # What that run waited in the queue; null where its message does not say.
    queue_seconds = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"last run at {self.last_run_at:%Y-%m-%d %H:%M:%S}"


class TaskCount(models.Model):
    """How often a task ended in a state, in every process (rule O9)."""

    task = models.CharField(max_length=200)
    state = models.CharField(max_length=20)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "state"], name="task_count_once_per_state")]

    def __str__(self) -> str:
        return f"{self.task} {self.state}: {self.count}"


class SweepLease(models.Model):
    """Which worker runs a periodic task now, so that only one does (see `common.sweeps`)."""

    task = models.CharField(max_length=100, primary_key=True)
    holder = models.UUIDField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.task} until {self.expires_at:%Y-%m-%d %H:%M:%S}"


class PendingCheck(models.Model):
    """A cohort or a user at whom a periodic task has to look, because something changed since it last did.

    Triggers add rows in the transaction of the change, each task deletes its own (`db.pending_checks`). Neither
    foreign keys nor a unique constraint: an insert waits for no other, and a row outlives the cohort.
    """

    class Task(models.TextChoices):
        INVITATIONS = "INVITATIONS"
        CORRECTIONS = "CORRECTIONS"
        ENROLMENTS = "ENROLMENTS"
        TOKENS = "TOKENS"

    task = models.CharField(max_length=16, choices=Task)
    cohort_id = models.BigIntegerField(null=True, blank=True)
    user_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["task", "id"], name="pending_check_of_task")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cohort_id__isnull=True) ^ Q(user_id__isnull=True), name="pending_check_of_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} of {'user' if self.cohort_id is None else 'cohort'} {self.cohort_id or self.user_id}"


def assign(instance: models.Model, fields: Mapping[str, Any]) -> set[str]:
    """Sets these fields; returns the names of those whose value was another one before."""
    changed = {name for name, value in fields.items() if getattr(instance, name) != value}
    for name in changed:
        setattr(instance, name, fields[name])
    return changed


def lock(model: type[models.Model], *pks: int) -> None:
    """Holds the rows until the transaction ends. Lock first and read afterwards: what is read is then the last word.

    In the order of their ids, so that two callers with several rows cannot wait for each other. A query that reads
    related rows too cannot lock and read at once: PostgreSQL reads anew only the row it waited for.
    """
    list(model._default_manager.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))
