"""Schedule templates: the time slots of a syllabus, to be laid over its cohorts (rule P11)."""

from django.db import models

from breathecode.admissions.models import Syllabus
from breathecode.common.db.fields import OneLineCharField
from breathecode.common.models import TimestampedModel


class ScheduleTemplate(TimestampedModel):
    """`slots` are objects with the fields of a time slot but for its cohort and dates, as the API checked them."""

    syllabus = models.ForeignKey(Syllabus, on_delete=models.CASCADE, related_name="schedule_templates")
    name = OneLineCharField(max_length=150)
    slots = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["syllabus", "name"], name="template_name_once_per_syllabus")]

    def __str__(self) -> str:
        return self.name
