"""`/academy/<slug>/reports`: attendance and survey scores over time (rules V1 to V6, A5, S5)."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from breathecode.admissions.domain.queries import cohorts_not_deleted
from breathecode.admissions.models import Cohort
from breathecode.attendance.domain.report import rate
from breathecode.attendance.domain.weekly import attendance_by_week
from breathecode.authenticate.models import User
from breathecode.events.domain.periods import classes_on_days, teachers_of_academy
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.results import QuestionResult, answers_about, question_results, scores_by_week
from breathecode.pages import http
from breathecode.pages.academy.reports import files
from breathecode.pages.academy.reports.charts import Chart, Series, attendance_chart, scores_chart
from breathecode.pages.academy.reports.figures import NOTHING, Figures, Weeks
from breathecode.pages.academy.reports.filters import WEEK, ReportFilter

PAGE_SIZE = 50
MAX_TEACHERS = 50


class CohortFigures(NamedTuple):
    cohort: Cohort
    figures: Figures


class ReportPage(http.AcademyPage):
    """What the page and its files share. Scores are read where the reader may read surveys."""

    http_method_names = ["get", "head"]
    capability = "read_cohort_log"
    section = "reports"

    @property
    def may_read_scores(self) -> bool:
        return "read_survey" in self.capabilities

    @cached_property
    def cohorts(self) -> list[Cohort]:
        return list(cohorts_not_deleted(self.academy.pk).order_by("name", "id"))

    @cached_property
    def form(self) -> ReportFilter:
        today = timezone.now().astimezone(ZoneInfo(self.academy.timezone)).date()
        teachers: list[User] = list(teachers_of_academy(self.academy.pk))
        return ReportFilter(self.request.GET.dict(), today=today, cohorts=self.cohorts, teachers=teachers)

    def classes(self) -> QuerySet[LiveClass]:
        mondays, cohort = self.form.mondays, self.form.chosen_cohort
        return classes_on_days(
            self.academy.pk,
            first=mondays[0],
            last=mondays[-1] + WEEK - datetime.timedelta(days=1),
            cohort_id=cohort.pk if cohort else None,
            teacher_id=self.form.teacher_id,
        )

    def weeks(self) -> Weeks:
        classes = self.classes()
        found = Weeks(attendance_by_week(classes))
        if self.may_read_scores:
            found.scores = scores_by_week(classes, teacher_id=self.form.teacher_id)
        return found

    def by_cohort(self, weeks: Weeks) -> list[CohortFigures]:
        """Those with any figure, by name."""
        found = weeks.by_cohort()
        return [CohortFigures(cohort, found[cohort.pk]) for cohort in self.cohorts if cohort.pk in found]


class ReportsView(ReportPage):
    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        if not self.form.is_valid():
            return self._page({"form": self.form}, status=400)
        weeks = self.weeks()
        by_week = [(monday, weeks.by_week().get(monday, NOTHING)) for monday in self.form.mondays]
        context = {
            "form": self.form,
            "query": self.form.query,
            "query_of_teacher": self.form.with_(teacher=""),
            "total": weeks.total(),
            "weeks": by_week[::-1],
            "charts": list(self._charts(by_week)),
            "page": Paginator(self.by_cohort(weeks), PAGE_SIZE).get_page(request.GET.get("page")),
            **self._teachers(),
        }
        return self._page(context)

    def _page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        context["may_read_scores"] = self.may_read_scores
        return self.page("pages/academy/reports/overview.html", context, status=status)

    def _charts(self, weeks: list[tuple[datetime.date, Figures]]) -> Iterator[Chart]:
        mondays = [monday for monday, _figures in weeks]
        tallies = [figures.attendance for _monday, figures in weeks]
        if any(tally.expected for tally in tallies):
            on_time = [rate(tally.present, tally.expected) for tally in tallies]
            yield attendance_chart(
                mondays, on_time=on_time, late=[rate(tally.late, tally.expected) for tally in tallies]
            )
        scores = [figures.scores for _monday, figures in weeks]
        if any(score.class_scores or score.teacher_scores for score in scores):
            of_classes = Series("of-class", _("Classes"), [score.class_average for score in scores])
            of_teachers = Series("of-teacher", _("Teachers"), [score.teacher_average for score in scores])
            yield scores_chart(mondays, [of_classes, of_teachers])

    def _teachers(self) -> dict[str, Any]:
        """Those with the most scores."""
        if not self.may_read_scores:
            return {}
        found: list[QuestionResult] = question_results(answers_about(self.classes()))
        scored = [line for line in found if line.teacher_id and line.scores and self._is_shown(line)]
        shown = sorted(scored, key=lambda line: -line.scores)[:MAX_TEACHERS]
        return {"teachers": shown, "more_teachers": len(scored) - len(shown)}

    def _is_shown(self, line: QuestionResult) -> bool:
        return self.form.teacher_id in (None, line.teacher_id)


class ReportsFileView(ReportPage):
    """The figures by cohort and week as `.csv` or `.xlsx`."""

    def get(self, request: HttpRequest, academy_slug: str, suffix: str) -> HttpResponseBase:
        if suffix not in files.SUFFIXES or not self.form.is_valid():
            raise Http404
        rows = files.rows_of(self.weeks(), cohorts=self.cohorts, with_scores=self.may_read_scores)
        return files.as_file(rows, suffix=suffix, name=f"{self.academy.slug}-reports")
