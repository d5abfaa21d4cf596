"""What was changed, by whom and through what (rule P8). Triggers write it: see `triggers`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.models import Academy, User
from breathecode.common.actor import Through


class Change(models.Model):
    """One change of one object: created, edited or deleted.

    It outlives the object, and goes with the academy. The ids are no foreign keys of the database: the row that they
    refer to may be deleted in the transaction that writes this one.
    """

    class Kind(models.TextChoices):
        LIVE_CLASS = "live_class", _("live class")
        TIME_SLOT = "time_slot", _("time slot")
        COHORT = "cohort", _("cohort")
        HOLIDAY = "holiday", _("holiday")
        ENROLMENT = "enrolment", _("enrolment in a cohort")
        MEMBER = "member", _("member of an academy")

    kind = models.CharField(max_length=16, choices=Kind)
    object_id = models.PositiveBigIntegerField()
    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, db_constraint=False, related_name="changes")
    cohort_id = models.PositiveBigIntegerField(null=True, blank=True)
    at = models.DateTimeField(help_text=_("By the database's clock."))
    by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="changes",
        help_text=_("Empty where no user was signed in."),
    )
    through = models.CharField(max_length=16, choices=Through)
    changes = models.JSONField(help_text=_('By field, before and after: {"title": ["Loops", "Lists"]}.'))

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "object_id", "-id"], name="change_of_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {', '.join(self.changes)}"
