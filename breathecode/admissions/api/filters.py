import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.common.api.filters import BooleanFilter, ChoiceListFilter, FilterSet, IdOrSlugListFilter, sort_filter

COHORT_FIELDS = (
    *("id", "slug", "name", "kickoff_date", "ending_date", "never_ends"),
    *("stage", "current_day", "created_at", "updated_at"),
)


class CohortFilter(FilterSet):
    stage = ChoiceListFilter(choices=Cohort.Stage.choices, help_text=_("A stage, or several with commas."))
    upcoming = BooleanFilter(method="by_upcoming", help_text=_("true: kickoff today (UTC) or later; false: before."))
    like = django_filters.CharFilter(method="by_likeness", max_length=150, help_text=_("Part of the name or slug."))
    syllabus = IdOrSlugListFilter(field_name="syllabus", help_text=_("Slugs or ids, with commas."))
    sort = sort_filter(*COHORT_FIELDS, syllabus="syllabus__slug")

    class Meta:
        model = Cohort
        fields: list[str] = []

    def by_upcoming(self, queryset: QuerySet[Cohort], name: str, value: bool) -> QuerySet[Cohort]:
        today = timezone.now().date()
        return queryset.filter(kickoff_date__gte=today) if value else queryset.filter(kickoff_date__lt=today)

    def by_likeness(self, queryset: QuerySet[Cohort], name: str, value: str) -> QuerySet[Cohort]:
        return queryset.filter(Q(name__icontains=value) | Q(slug__icontains=value))
