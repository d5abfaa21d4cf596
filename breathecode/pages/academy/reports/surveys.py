"""`/academy/<slug>/cohorts/<slug>/surveys`: what the students said (rules V1 to V6, S5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from breathecode.common.ids import parse_id
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.queries import with_results
from breathecode.feedback.domain.results import (
    QuestionResult,
    Scores,
    answers_about,
    comments_among,
    question_results,
    scores_by_week,
)
from breathecode.feedback.models import Answer, Survey
from breathecode.pages.academy.cohorts.base import CohortPage
from breathecode.pages.forms import PageForm

PAGE_SIZE = 25
CLASS = "class"


class AboutForm(PageForm):
    """Which comments: those about the classes, or about one teacher."""

    about = forms.ChoiceField(label=_("Comments on"), required=False)

    def __init__(self, given: Mapping[str, str], *, results: Sequence[QuestionResult]) -> None:
        super().__init__(given)
        fields: dict[str, Any] = self.fields
        teachers = [(str(line.teacher_id), line.teacher) for line in results if line.teacher_id is not None]
        fields["about"].choices = [("", _("Everything")), (CLASS, _("The classes")), *teachers]


class CohortSurveysView(CohortPage):
    http_method_names = ["get", "head"]
    capability = "read_survey"
    tab = "cohort-surveys"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        classes = classes_of_academy(self.academy.pk).filter(cohort=self.cohort).order_by()
        chosen = self._chosen_class(classes)
        results = question_results(answers_about(classes))
        form = AboutForm(request.GET.dict(), results=results)
        is_valid = form.is_valid()
        about = form.cleaned_data["about"] if is_valid else ""
        answers = answers_about(classes.filter(pk=chosen.pk) if chosen else classes)
        context = {
            "total": Scores.total(scores_by_week(classes)),
            "results": results,
            "page": self._surveys(),
            "query": urlencode(_given(about=about, comments=request.GET.get("comments"), **_of(chosen))),
            "form": form,
            "chosen": chosen,
            "comments": self._comments(answers, about=about),
            "comments_query": urlencode(_given(about=about, page=request.GET.get("page"), **_of(chosen))),
        }
        return self.page("pages/academy/reports/surveys.html", context, status=200 if is_valid else 400)

    def _chosen_class(self, classes: QuerySet[LiveClass]) -> LiveClass | None:
        """The one class whose comments are asked for. Raises Http404."""
        given = self.request.GET.get("class", "")
        if not given:
            return None
        found = classes.filter(pk=parse_id(given) or 0).select_related("cohort_time_slot").first()
        if found is None:
            raise Http404
        return found

    def _surveys(self) -> Page[Survey]:
        surveys = Survey.objects.filter(live_class__cohort=self.cohort).select_related("live_class__cohort_time_slot")
        newest = with_results(surveys).order_by("-live_class__starting_at", "-id")
        return Paginator(newest, PAGE_SIZE).get_page(self.request.GET.get("page"))

    def _comments(self, answers: QuerySet[Answer], *, about: str) -> Page[Answer]:
        if about:
            answers = answers.filter(teacher=None if about == CLASS else int(about))
        return Paginator(comments_among(answers), PAGE_SIZE).get_page(self.request.GET.get("comments"))


def _of(chosen: LiveClass | None) -> dict[str, Any]:
    return {"class": chosen.pk} if chosen else {}


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
