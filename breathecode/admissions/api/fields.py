"""Serializer fields that refer to rows of the academy in the header."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breathecode.admissions.domain.queries import cohorts_of_academy
from breathecode.admissions.models import Cohort
from breathecode.common.ids import id_or_slug


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}], "nullable": True})
class CohortReferenceField(serializers.Field[Any, Any, Any, Any]):
    """A cohort of the academy in the header: taken by id or slug, answered as its id.

    Cohorts in stage `DELETED` are refused unless `allow_deleted`.
    """

    default_error_messages = {
        "invalid": _("Enter a cohort's id or slug."),
        "unknown": _("This academy has no cohort {name}."),
    }

    def __init__(self, *, allow_deleted: bool = False, **kwargs: Any) -> None:
        self.allow_deleted = allow_deleted
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Cohort:
        if isinstance(data, bool) or not isinstance(data, int | str) or not str(data):
            self.fail("invalid")
        cohorts = cohorts_of_academy(self.context["view"].academy_id)
        if not self.allow_deleted:
            cohorts = cohorts.exclude(stage=Cohort.Stage.DELETED)
        cohort = cohorts.filter(id_or_slug(str(data))).first()
        if cohort is None:
            self.fail("unknown", name=str(data)[:100])
        return cohort

    def to_representation(self, value: Cohort) -> Any:
        return value.pk
