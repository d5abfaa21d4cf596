"""Surveys over the API (rule S5); the page that attendees answer on is in `pages`."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.common.api.filters import sorting
from breathecode.common.api.views import by_id
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.errors import LiveClassNotFound
from breathecode.feedback.api import examples, serializers
from breathecode.feedback.api.filters import AnswerFilter, MyAnswerFilter, SurveyFilter
from breathecode.feedback.domain import queries, writing
from breathecode.feedback.domain.answers import change_answer
from breathecode.feedback.domain.survey_mails import queue_survey_by_hand
from breathecode.feedback.errors import ClassEndedTooLongAgo, ClassNotEnded, NobodyToAsk, SurveyExpired
from breathecode.feedback.models import SurveyTemplate


class SettingsView(AcademyView):
    capabilities = {"GET": "read_survey", "PUT": "crud_survey"}
    serializer_class = serializers.FeedbackSettingsSerializer
    summaries = {"GET": "Retrieve the academy's feedback settings.", "PUT": "Update the academy's feedback settings."}

    def get(self, request: Request) -> Response:
        return self.answer(queries.settings_of_academy(self.academy_id))

    def put(self, request: Request) -> Response:
        return self.answer(writing.save_settings(academy_id=self.academy_id, fields=self.read()))


class TemplateListView(AcademyView):
    capabilities = {"GET": "read_survey", "POST": "crud_survey"}
    serializer_class = serializers.SurveyTemplateSerializer
    filterset_class = sorting(SurveyTemplate, "id", "name", "created_at", "updated_at")
    summaries = {"GET": "List the academy's survey templates.", "POST": "Create a survey template."}
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(queries.templates_of_academy(self.academy_id))

    @extend_schema(responses={201: serializers.SurveyTemplateSerializer})
    def post(self, request: Request) -> Response:
        template = SurveyTemplate(academy_id=self.academy_id)
        return self.answer(writing.save_template(template, fields=self.read()), status=201)


class TemplateView(AcademyView):
    capabilities = {"GET": "read_survey", "PUT": "crud_survey"}
    serializer_class = serializers.SurveyTemplateSerializer
    summaries = {"GET": "Retrieve a survey template.", "PUT": "Update a survey template."}

    def template(self) -> SurveyTemplate:
        found: SurveyTemplate = by_id(queries.templates_of_academy(self.academy_id), self.kwargs["template_id"])
        return found

    def get(self, request: Request, template_id: int) -> Response:
        return self.answer(self.template())

    def put(self, request: Request, template_id: int) -> Response:
        template = self.template()
        return self.answer(writing.save_template(template, fields=self.read(template)))


class SurveyListView(AcademyView):
    capabilities = {"GET": "read_survey", "POST": "crud_survey"}
    serializer_class = serializers.SurveySerializer
    summaries = {
        "GET": "List surveys with their response rates and averages.",
        "POST": "Send the survey of a class to the attendees who have not received it yet.",
    }
    errors = {"POST": (LiveClassNotFound, ClassNotEnded, ClassEndedTooLongAgo, NobodyToAsk)}
    filterset_class = SurveyFilter
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(queries.surveys_of_academy(self.academy_id))

    @extend_schema(
        request=serializers.SurveyRequestSerializer,
        responses={201: serializers.SurveySerializer},
        examples=[examples.REQUEST, examples.SURVEY],
    )
    def post(self, request: Request) -> Response:
        serializer = serializers.SurveyRequestSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        sent = queue_survey_by_hand(
            live_class_id=serializer.validated_data["live_class"],
            within=classes_of_academy(self.academy_id),
            now=timezone.now(),
        )
        return self.answer(by_id(queries.surveys_of_academy(self.academy_id), sent.pk), status=201)


class SurveyView(AcademyView):
    capabilities = {"GET": "read_survey"}
    serializer_class = serializers.SurveyDetailSerializer
    summaries = {"GET": "Retrieve a survey."}

    def get(self, request: Request, survey_id: int) -> Response:
        survey = by_id(queries.surveys_of_academy(self.academy_id), survey_id)
        answers = queries.answers_of_academy(self.academy_id).filter(survey=survey)
        survey.teachers = queries.teacher_averages(answers)
        return self.answer(survey)


class ReportView(AcademyView):
    """Averages and response rates by cohort and by teacher, of the answers that match the filters."""

    capabilities = {"GET": "read_survey"}
    serializer_class = serializers.ReportSerializer
    summaries = {"GET": "Retrieve averages and response rates by cohort and by teacher."}
    filterset_class = AnswerFilter
    query_parameters = tuple(name for name in AnswerFilter.base_filters if name != "sort")

    def get(self, request: Request) -> Response:
        answers = self.filter_queryset(queries.answers_of_academy(self.academy_id))
        report = {"cohorts": queries.cohort_averages(answers), "teachers": queries.teacher_averages(answers)}
        return self.answer(report)


class AnswerListView(AcademyView):
    capabilities = {"GET": "read_survey"}
    serializer_class = serializers.AnswerSerializer
    summaries = {"GET": "List the answers to the academy's surveys."}
    filterset_class = AnswerFilter
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(queries.answers_of_academy(self.academy_id))


class MyAnswerListView(PersonalView):
    serializer_class = serializers.AnswerSerializer
    summaries = {"GET": "List the caller's answers."}
    filterset_class = MyAnswerFilter
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(queries.answers_of_user(request.user))  # type: ignore[arg-type]


class MyAnswerView(PersonalView):
    serializer_class = serializers.AnswerSerializer
    errors = {"PUT": (SurveyExpired,)}
    summaries = {"PUT": "Answer a question, or change the answer while the survey is open."}

    def put(self, request: Request, answer_id: int) -> Response:
        mine: Any = queries.answers_of_user(request.user)  # type: ignore[arg-type]
        fields = self.read(by_id(mine, answer_id))
        with transaction.atomic():
            answer = by_id(mine.select_for_update(of=("self",)), answer_id)
            change_answer(answer, fields=fields, closes_at=answer.expires_at, now=timezone.now())
        return self.answer(answer)
