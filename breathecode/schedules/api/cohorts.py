"""One cohort under `admissions/academy/cohort/{cohort}` (rule R2).

Here and not in `admissions`, since the answer to a change tells what becomes of the classes (rule P2).
"""

from typing import Any

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.serializers import OneCohortSerializer
from breathecode.admissions.api.views import CohortMixin
from breathecode.admissions.domain.cohorts import delete_cohort, save_cohort
from breathecode.admissions.domain.notices import Notice, notices_of_cohort
from breathecode.admissions.errors import SlugTaken, TooManyClasses
from breathecode.admissions.models import Cohort
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanMixin, WithPlanMixin
from breathecode.schedules.domain.schedules import Scope


class CohortWithPlanSerializer(WithPlanMixin, OneCohortSerializer):
    def to_representation(self, instance: Cohort) -> dict[str, Any]:
        return {**super().to_representation(instance), "plan": self.get_plan(instance)}


class CohortView(CohortMixin, PlanMixin):
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    serializer_class = OneCohortSerializer
    notices: list[Notice]
    plan_serializers = {"PUT": CohortWithPlanSerializer}
    errors = {"PUT": (SlugTaken, TooManyClasses, *PLAN_ERRORS)}
    summaries = {
        "GET": "Retrieve a cohort.",
        "PUT": "Update a cohort; its upcoming classes are adjusted.",
        "DELETE": "Delete a cohort by setting its stage to DELETED.",
    }

    def get(self, request: Request, cohort: str) -> Response:
        return self.answer(self.cohort())

    @extend_schema(parameters=PLAN_PARAMETERS)
    def put(self, request: Request, cohort: str) -> Response:
        changed: Any = self.change(self._save, scope=Scope.of_cohort(self.cohort().pk), only_due=True)
        changed.notices = self.notices
        return self.answer_change(lambda: changed)

    def _save(self) -> Cohort:
        found = self.locked_cohort()
        timezone_before = found.effective_timezone
        save_cohort(found, fields=self.read(found))
        self.notices = notices_of_cohort(found, timezone_before=timezone_before)
        return found

    @transaction.atomic
    def delete(self, request: Request, cohort: str) -> Response:
        found = self.locked_cohort()
        if found.stage != Cohort.Stage.DELETED:
            self.log_removal(found)
        delete_cohort(found)
        return Response(status=204)


urlpatterns = [path("academy/cohort/<str:cohort>", CohortView.as_view())]
