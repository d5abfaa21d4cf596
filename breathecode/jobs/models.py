"""Work that takes longer than a request may (rule P10)."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.models import Academy, User
from breathecode.common.actor import Through


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, *, now: Any) -> Self:
        """Jobs that wait, and those whose worker has not reported since its claim expired."""
        return self.filter(state__in=Job.UNFINISHED, next_try_at__lte=now)


class Job(models.Model):
    """`total` units of work, carried out in order; `done` of them are committed (see `domain.running`).

    `arguments` may hold personal data (an imported file), so they are cleared when the job ends.
    """

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("queued")
        RUNNING = "RUNNING", _("running")
        DONE = "DONE", _("done")
        FAILED = "FAILED", _("failed")

    UNFINISHED: ClassVar[tuple[str, ...]] = (State.QUEUED, State.RUNNING)

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=50)
    arguments = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    through = models.CharField(max_length=16, choices=Through)

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True, help_text=_("Why the job failed, for the user who started it."))
    last_error = models.CharField(max_length=500, blank=True, help_text=_("The last exception, for operators."))

    claim = models.PositiveIntegerField(default=0, help_text=_("How often a worker has taken the job."))
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("How often the next unit has been tried."))
    # While the job runs: when its claim expires.
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(JobQuerySet)()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=["QUEUED", "RUNNING"]), name="job_due"),
        ]
        constraints = [models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_up_to_total")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
