"""Schedule templates of a syllabus, and laying one over cohorts (rules P10, P11)."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.domain.queries import cohorts_not_deleted, syllabi_of_academy
from breathecode.admissions.errors import EmptyTimeSlot, InvalidTimeZone, TooManyClasses
from breathecode.admissions.models import Cohort, Syllabus
from breathecode.authenticate.api.base import AcademyView
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.serializers import OneLineField, StrictSerializer
from breathecode.common.api.views import by_id, by_id_or_slug
from breathecode.common.ids import parse_id, split_ids_and_slugs
from breathecode.common.models import lock
from breathecode.jobs.api.jobs import JobStartedSerializer, job_answer
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin
from breathecode.schedules.api.time_slots import HoursSerializer
from breathecode.schedules.domain.bulk import templates
from breathecode.schedules.domain.bulk.adding import Addition
from breathecode.schedules.errors import TemplateNameTaken
from breathecode.schedules.models import ScheduleTemplate

MAX_SLOTS = 50
MAX_COHORTS_NAMED = 500
# Of a time slot in which a field is missing.
DEFAULTS = {"timezone": "", "recurrent": True, "recurrency_type": "WEEKLY", "weekdays": [], "interval": 1}
ERRORS = (EmptyTimeSlot, InvalidTimeZone, TemplateNameTaken)


class TemplateSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    syllabus = serializers.CharField(source="syllabus.slug", read_only=True)
    name = OneLineField(max_length=150)
    slots = HoursSerializer(many=True, allow_empty=False)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def validate_slots(self, slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(slots) > MAX_SLOTS:
            sentence = _("A schedule template has at most {maximum} time slots.")
            raise serializers.ValidationError(sentence.format(maximum=MAX_SLOTS))
        return [{**DEFAULTS, **slot} for slot in slots]


class TemplateMixin(AcademyView):
    serializer_class: Any = TemplateSerializer

    def syllabus(self) -> Syllabus:
        found: Syllabus = by_id_or_slug(syllabi_of_academy(self.academy_id), self.kwargs["syllabus"])
        return found

    def template(self) -> ScheduleTemplate:
        of_syllabus = templates.templates_of_academy(self.academy_id).filter(syllabus=self.syllabus())
        found: ScheduleTemplate = by_id(of_syllabus, self.kwargs["template_id"])
        return found


class TemplateListView(TemplateMixin):
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    summaries = {"GET": "List the schedule templates of a syllabus.", "POST": "Create a schedule template."}
    filterset_class = sorting(ScheduleTemplate, "id", "name", "created_at", "updated_at")
    errors = {"POST": ERRORS}
    lists = True

    def get(self, request: Request, syllabus: str) -> Response:
        found = templates.templates_of_academy(self.academy_id)
        return self.list_response(found.filter(syllabus=self.syllabus()))

    def post(self, request: Request, syllabus: str) -> Response:
        template = ScheduleTemplate(syllabus=self.syllabus())
        return self.answer(templates.save_template(template, fields=self.read()), status=201)


class TemplateView(TemplateMixin):
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    summaries = {
        "GET": "Retrieve a schedule template.",
        "PUT": "Update a schedule template; cohorts that were given its time slots keep them as they are.",
        "DELETE": "Delete a schedule template; cohorts keep the time slots that they were given.",
    }
    errors = {"PUT": ERRORS}

    def get(self, request: Request, syllabus: str, template_id: int) -> Response:
        return self.answer(self.template())

    def put(self, request: Request, syllabus: str, template_id: int) -> Response:
        template = self.template()
        return self.answer(templates.save_template(template, fields=self.read(template)))

    def delete(self, request: Request, syllabus: str, template_id: int) -> Response:
        template = self.template()
        self.log_removal(template)
        templates.delete_template(template)
        return Response(status=204)


class CohortNameField(serializers.CharField):
    """A cohort's id or slug; numbers are taken as such."""

    default_error_messages = {"invalid": _("Enter a cohort's id or slug.")}


class CohortsSerializer(StrictSerializer):
    cohorts = serializers.ListField(
        child=CohortNameField(), allow_empty=False, max_length=MAX_COHORTS_NAMED, help_text=_("Ids or slugs.")
    )

    def validate_cohorts(self, names: list[str]) -> list[Cohort]:
        """One query, however many are named; each cohort once, in the order of their ids."""
        ids, slugs = split_ids_and_slugs(name for name in names if "\x00" not in name)
        found = cohorts_not_deleted(self.context["view"].academy_id).filter(Q(pk__in=ids) | Q(slug__in=slugs))
        cohorts = sorted(found, key=lambda cohort: cohort.pk)
        known = {str(cohort.pk) for cohort in cohorts} | {cohort.slug for cohort in cohorts}
        if unknown := [name for name in names if name not in known and str(parse_id(name)) not in known]:
            raise serializers.ValidationError(_("This academy has no cohort {name}.").format(name=unknown[0][:100]))
        return cohorts


class CohortAdditionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    created = serializers.IntegerField(help_text=_("Time slots that the cohort was given."))
    already_there = serializers.IntegerField(help_text=_("Time slots that the cohort has already."))


class TemplateResultSerializer(PlanAnswerSerializer):
    cohorts = CohortAdditionSerializer(many=True)


class TemplateApplyView(TemplateMixin, PlanMixin):
    """Gives cohorts the time slots of the template, all of them or none; for more than 20 by a job."""

    capabilities = {"POST": "crud_cohort"}
    serializer_class = CohortsSerializer
    summaries = {"POST": "Give cohorts the time slots of a schedule template; their live classes are built right away."}
    plan_serializers = {"POST": None}
    errors = {"POST": (TooManyClasses, *PLAN_ERRORS)}

    def get_serializer_class(self) -> Any:
        return self.serializer_class

    @extend_schema(
        parameters=PLAN_PARAMETERS,
        responses={200: TemplateResultSerializer, 201: TemplateResultSerializer, 202: JobStartedSerializer},
    )
    def post(self, request: Request, syllabus: str, template_id: int) -> Response:
        template, dry_run = self.template(), read_boolean(request, "dry_run")
        given = self.lay(template, self.read()["cohorts"], dry_run=dry_run)
        if self.job:
            return job_answer(self.job)
        rows = [
            {"id": c.pk, "slug": c.slug, "created": len(addition.created), "already_there": len(addition.known)}
            for c, addition in given.items()
        ]
        result = {"cohorts": rows, "plan": self.plan.as_json()}
        return Response(TemplateResultSerializer(result).data, status=200 if dry_run else 201)

    def lay(self, template: ScheduleTemplate, cohorts: list[Cohort], *, dry_run: bool) -> dict[Cohort, Addition]:
        user: Any = self.request.user
        with transaction.atomic():
            lock(Academy, self.academy_id)
            outcome = templates.lay_template(
                template,
                cohorts,
                academy_id=self.academy_id,
                by=user,
                now=timezone.now(),
                dry_run=dry_run,
                is_current=self.is_current(),
            )
        given: dict[Cohort, Addition] = self.settle(outcome)
        return given


urlpatterns = [
    path("syllabus/<str:syllabus>/template", TemplateListView.as_view()),
    path("syllabus/<str:syllabus>/template/<id:template_id>", TemplateView.as_view()),
    path("syllabus/<str:syllabus>/template/<id:template_id>/apply", TemplateApplyView.as_view()),
]
