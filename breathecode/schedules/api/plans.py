"""What the routes that change schedules do alike: `dry_run`, `If-Match`, and the plan in the answer (rules P1, P2)."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView
from breathecode.common.api.pagination import read_boolean
from breathecode.common.errors import InvalidParameter
from breathecode.events.schedule.kept import KeptReason
from breathecode.jobs.models import Job
from breathecode.schedules.domain.changes import change_schedules
from breathecode.schedules.domain.outcomes import Outcome
from breathecode.schedules.domain.plans import SchedulePlan
from breathecode.schedules.domain.schedules import Scope
from breathecode.schedules.errors import PlanOutdated

PLAN_ERRORS: tuple[type[APIException], ...] = (InvalidParameter, PlanOutdated)
PLAN_PARAMETERS = [
    OpenApiParameter("dry_run", bool, description="If true, return the plan only and save nothing."),
    OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        description="The version of a plan, in quotes. If the plan has changed since, 412 `plan-outdated` is returned.",
    ),
]


class SpanSerializer(serializers.Serializer[Any]):
    starting_at = serializers.DateTimeField()
    ending_at = serializers.DateTimeField()


class ClassIdSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()


class MoveSerializer(ClassIdSerializer):
    to = SpanSerializer()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": SpanSerializer()}  # a keyword, which no attribute can be named


class CancellationSerializer(ClassIdSerializer):
    reason = serializers.CharField(allow_blank=True)


class DeletionSerializer(SpanSerializer):
    id = serializers.IntegerField()


class KeptClassSerializer(ClassIdSerializer):
    reason = serializers.ChoiceField(choices=[reason.value for reason in KeptReason])


class PlanTotalsSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    moved = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    restored = serializers.IntegerField()
    deleted = serializers.IntegerField()
    kept = serializers.IntegerField()
    past = serializers.IntegerField(
        help_text=_("Past classes that no longer match the schedule; they are not changed.")
    )


class PlanSerializer(serializers.Serializer[Any]):
    """Each list in order of time, and at most 500 long; `totals` counts all."""

    version = serializers.CharField()
    created = SpanSerializer(many=True)
    moved = MoveSerializer(many=True)
    cancelled = CancellationSerializer(many=True)
    restored = ClassIdSerializer(many=True)
    deleted = DeletionSerializer(many=True)
    kept = KeptClassSerializer(
        many=True, help_text=_("Upcoming classes that no longer match the schedule and are kept.")
    )
    totals = PlanTotalsSerializer()
    warnings = serializers.ListField(child=serializers.CharField())


class PlanAnswerSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()


class WithPlanMixin(serializers.Serializer[Any]):
    """Adds the plan of the change to an object; the view holds it. A dry run answers the plan without the object."""

    plan = serializers.SerializerMethodField()
    always_answered = ("plan",)

    @extend_schema_field(PlanSerializer)
    def get_plan(self, instance: models.Model) -> dict[str, Any]:
        plan: SchedulePlan = self.context["view"].plan
        return plan.as_json()


class PlanMixin(AcademyView):
    """A view of which the methods in `plan_serializers` change schedules; the serializers derive from WithPlanMixin.

    None stands for a method whose answer is the plan alone.
    """

    plan_serializers: ClassVar[dict[str, type[WithPlanMixin] | None]] = {}
    plan: SchedulePlan
    job: Job | None = None

    def known_parameters(self) -> set[str]:
        return super().known_parameters() | ({"dry_run"} if self.request.method in self.plan_serializers else set())

    def get_serializer_class(self) -> Any:
        return self.plan_serializers.get(self.request.method or "") or super().get_serializer_class()

    def change(self, change: Callable[[], Any], *, scope: Scope, dry_run: bool | None = None, **options: Any) -> Any:
        """Calls `change` and builds what it leads to; returns what it returned (see `change_schedules`).

        A dry run, by default what the request asks for, saves nothing: the answer is `planned()` then.
        """
        if dry_run is None:
            dry_run = read_boolean(self.request, "dry_run")
        result, self.plan = change_schedules(
            change, scope=scope, now=timezone.now(), dry_run=dry_run, is_current=self.is_current(), **options
        )
        return result

    def is_current(self) -> Callable[[str], bool] | None:
        """Whether a plan has the version that `If-Match` names; None without the header."""
        header = self.request.headers.get("If-Match")
        return None if header is None else partial(matches, header)

    def settle(self, outcome: Outcome) -> Any:
        """Keeps the plan and the job for the answer; returns what the change returned."""
        if outcome.plan:
            self.plan = outcome.plan
        self.job = outcome.job
        return outcome.result

    def planned(self) -> Response:
        """The plan alone: of a dry run, and of a deletion."""
        return Response({"plan": self.plan.as_json()})

    def answer_change(self, find: Callable[[], models.Model], *, status: int = 200) -> Response:
        """The changed object, as `find` returns it, with the plan; of a dry run the plan alone."""
        if read_boolean(self.request, "dry_run"):
            return self.planned()
        return self.answer(find(), status=status)


def matches(header: str, version: str) -> bool:
    """Whether `If-Match` names this version, by the strong comparison of RFC 9110: `W/"…"` never does.

    `*` means: whatever is there. What cannot be read names no version, so that nothing is saved unchecked.
    """
    etags = parse_etags(header)
    return etags == ["*"] or f'"{version}"' in etags
