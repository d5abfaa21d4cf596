from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.api.filters import AccountStatusFilter, UserLikeFilter
from breathecode.authenticate.models import User
from breathecode.common.api.filters import (
    BooleanFilter,
    ChoiceListFilter,
    FilterSet,
    IdListFilter,
    IdOrSlugListFilter,
    sort_filter,
)

COHORT_FIELDS = (
    *("id", "slug", "name", "kickoff_date", "ending_date", "never_ends"),
    *("stage", "current_day", "created_at", "updated_at"),
)


class CohortFilter(FilterSet):
    stage = ChoiceListFilter(choices=Cohort.Stage.choices, help_text=_("A stage, or a comma-separated list of stages."))
    upcoming = BooleanFilter(
        method="by_upcoming", help_text=_("true: the kickoff date is today (UTC) or later. false: it is earlier.")
    )
    like = django_filters.CharFilter(
        method="by_likeness", max_length=150, help_text=_("Matches part of the name or slug.")
    )
    syllabus = IdOrSlugListFilter(field_name="syllabus", help_text=_("Comma-separated slugs or ids."))
    sort = sort_filter(*COHORT_FIELDS, syllabus="syllabus__slug")

    class Meta:
        model = Cohort
        fields: list[str] = []

    def by_upcoming(self, queryset: QuerySet[Cohort], name: str, value: bool) -> QuerySet[Cohort]:
        today = timezone.now().date()
        return queryset.filter(kickoff_date__gte=today) if value else queryset.filter(kickoff_date__lt=today)

    def by_likeness(self, queryset: QuerySet[Cohort], name: str, value: str) -> QuerySet[Cohort]:
        return queryset.filter(Q(name__icontains=value) | Q(slug__icontains=value))


class CohortUserFilter(FilterSet):
    """The people of one cohort (rule R3)."""

    like = UserLikeFilter("user")
    role = ChoiceListFilter(choices=CohortUser.Role.choices, help_text=_("A role, or a comma-separated list of roles."))
    educational_status = ChoiceListFilter(
        choices=CohortUser.EducationalStatus.choices, help_text=_("A status, or a comma-separated list of statuses.")
    )
    sort = sort_filter("id", "role", "educational_status", "created_at", user="user__email")

    class Meta:
        model = CohortUser
        fields: list[str] = []


class AcademyCohortUserFilter(CohortUserFilter):
    """The people of all cohorts (rule U7)."""

    cohorts = IdOrSlugListFilter(field_name="cohort", help_text=_("Comma-separated slugs or ids of cohorts."))
    roles = ChoiceListFilter(field_name="role", choices=CohortUser.Role.choices, help_text=_("Alias of role."))
    users = IdListFilter(field_name="user", help_text=_("Comma-separated user ids."))
    sort = sort_filter("id", "role", "educational_status", "created_at", user="user__email", cohort="cohort__slug")


class StudentFilter(FilterSet):
    """By what they are in the cohorts of this academy; what they are elsewhere is not looked at (rule U7)."""

    like = UserLikeFilter()
    status = AccountStatusFilter()
    role = ChoiceListFilter(
        choices=CohortUser.Role.choices,
        method="in_cohorts",
        help_text=_("Only students who also have this role in one of the academy's cohorts."),
    )
    educational_status = ChoiceListFilter(
        choices=CohortUser.EducationalStatus.choices,
        method="in_cohorts",
        help_text=_("The educational status in any of the student's cohorts."),
    )
    cohorts = IdOrSlugListFilter(method="in_named_cohorts", help_text=_("Comma-separated slugs or ids."))
    sort = sort_filter("id", "email", "first_name", "last_name")

    class Meta:
        model = User
        fields: list[str] = []

    def in_cohorts(self, queryset: QuerySet[User], name: str, value: list[str]) -> QuerySet[User]:
        return self._among(queryset, self._memberships().filter(**{f"{name}__in": value}))

    def in_named_cohorts(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        by_name = IdOrSlugListFilter(field_name="cohort")
        return self._among(queryset, by_name.filter(self._memberships(), value))

    def _memberships(self) -> QuerySet[CohortUser]:
        request: Any = self.request
        academy_id = request.parser_context["view"].academy_id
        return CohortUser.objects.filter(cohort__academy_id=academy_id)

    def _among(self, queryset: QuerySet[User], memberships: QuerySet[CohortUser]) -> QuerySet[User]:
        return queryset.filter(pk__in=memberships.values("user_id"))
