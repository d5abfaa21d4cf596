from functools import reduce
from operator import or_

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.common.api.datetimes import DateOrDateTimeFilter
from breathecode.common.api.filters import BooleanFilter, FilterSet, IdListFilter, IdOrSlugListFilter, sort_filter
from breathecode.feedback.models import HIGHEST, LOWEST, Answer, Survey

_COHORT = "live_class__cohort"


_ANSWER_FIELDS = ("id", "survey", "score", "comment", "answered_at")
_ANSWER_PATHS = {
    "live_class": "survey__live_class",
    "cohort": f"survey__{_COHORT}__slug",
    "user": "user__email",
    "teacher": "teacher__email",
    "expires_at": "expires_at",
}


class SurveyFilter(FilterSet):
    cohort = IdOrSlugListFilter(field_name=_COHORT, help_text=_("Comma-separated slugs or ids."))
    live_class = IdListFilter(field_name="live_class")
    created_at__gte = DateOrDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_at__lte = DateOrDateTimeFilter(field_name="created_at", lookup_expr="lte")
    sort = sort_filter(
        *("id", "live_class", "language", "created_at", "expires_at", "people_asked", "people_answered", "average"),
        cohort=f"{_COHORT}__slug",
        starting_at="live_class__starting_at",
    )

    class Meta:
        model = Survey
        fields: list[str] = []


class AnswerFilter(FilterSet):
    survey = IdListFilter(field_name="survey")
    live_class = IdListFilter(field_name="survey__live_class")
    cohort = IdOrSlugListFilter(field_name=f"survey__{_COHORT}", help_text=_("Comma-separated slugs or ids."))
    user = IdListFilter(field_name="user")
    teacher = IdListFilter(field_name="teacher")
    answered = BooleanFilter(
        method="by_answered", help_text=_("true: only answered questions. false: only unanswered questions.")
    )
    status = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ("PENDING", "ANSWERED", "EXPIRED")],
        method="by_status",
        help_text=_("PENDING: can still be answered. EXPIRED: was not answered in time."),
    )
    like = django_filters.CharFilter(
        method="by_text", help_text=_("Matches part of the user's name or e-mail address, or of the comment.")
    )
    score__gte = django_filters.NumberFilter(field_name="score", lookup_expr="gte", min_value=LOWEST, max_value=HIGHEST)
    score__lte = django_filters.NumberFilter(field_name="score", lookup_expr="lte", min_value=LOWEST, max_value=HIGHEST)
    answered_at__gte = DateOrDateTimeFilter(field_name="answered_at", lookup_expr="gte")
    answered_at__lte = DateOrDateTimeFilter(field_name="answered_at", lookup_expr="lte")
    sort = sort_filter(*_ANSWER_FIELDS, **_ANSWER_PATHS)

    class Meta:
        model = Answer
        fields: list[str] = []

    def by_answered(self, queryset: QuerySet[Answer], name: str, value: bool) -> QuerySet[Answer]:
        return queryset.filter(answered_at__isnull=not value)

    def by_status(self, queryset: QuerySet[Answer], name: str, value: str) -> QuerySet[Answer]:
        if value == "ANSWERED":
            return queryset.filter(Answer.ANSWERED)
        lookup = "expires_at__gt" if value == "PENDING" else "expires_at__lte"
        return queryset.exclude(Answer.ANSWERED).filter(**{lookup: timezone.now()})

    def by_text(self, queryset: QuerySet[Answer], name: str, value: str) -> QuerySet[Answer]:
        fields = ("comment", "user__email", "user__first_name", "user__last_name")
        return queryset.filter(reduce(or_, (Q(**{f"{field}__icontains": value}) for field in fields)))


class MyAnswerFilter(FilterSet):
    survey = IdListFilter(field_name="survey")
    answered = BooleanFilter(field_name="answered_at", lookup_expr="isnull", exclude=True)
    sort = sort_filter(*_ANSWER_FIELDS, **_ANSWER_PATHS)

    class Meta:
        model = Answer
        fields: list[str] = []
