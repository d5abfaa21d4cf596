"""Syllabi, cohorts, who is in them and closed dates in the Django admin (rule R6). Time slots: see events.admin."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.domain.cohorts import save_cohort
from breathecode.admissions.domain.holidays import delete_holiday, save_holiday
from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod, Holiday, Syllabus, SyllabusVersion
from breathecode.admissions.signals import cohort_schedule_changing
from breathecode.authenticate.admin import InvitingAdmin
from breathecode.authenticate.models import Academy, User
from breathecode.common.admin import DomainAdmin, ListAdmin, RecordedHistory, TimestampedAdmin, errors_of_field
from breathecode.common.admin.inlines import ReadInline, changelist_link


@admin.register(Syllabus)
class SyllabusAdmin(TimestampedAdmin):
    list_display = ("name", "slug", "academy", "created_at")
    list_filter = ("academy",)
    list_select_related = ("academy",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("academy",)
    ordering = ("academy__name", "slug")


@admin.register(SyllabusVersion)
class SyllabusVersionAdmin(TimestampedAdmin):
    list_display = ("syllabus", "version", "status", "academy", "created_at")
    list_filter = ("status", "syllabus__academy")
    list_select_related = ("syllabus__academy",)
    search_fields = ("syllabus__name", "syllabus__slug")
    autocomplete_fields = ("syllabus",)
    ordering = ("syllabus__slug", "-version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyllabusVersion]:
        # Half a megabyte a version has no place in a list; Django reads it for the one that is opened.
        versions: QuerySet[SyllabusVersion] = super().get_queryset(request).select_related("syllabus__academy")
        return (
            versions
            if request.resolver_match and "object_id" in request.resolver_match.kwargs
            else versions.defer("json")
        )

    @admin.display(ordering="syllabus__academy__name")
    def academy(self, version: SyllabusVersion) -> str:
        return version.syllabus.academy.name


class CohortForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the type checker alone
    def _post_clean(self) -> None:
        """As the API: rule T7, once the form's dates are on the instance."""
        super()._post_clean()  # type: ignore[misc]
        if self.instance.pk and not self.errors and self.instance.stage != Cohort.Stage.DELETED:
            with errors_of_field(self, None):
                cohort_schedule_changing.send(sender=Cohort, cohort=self.instance)


class PeopleInline(ReadInline):
    """Who is in the cohort, and a row to add somebody; the others are edited on their own forms."""

    model = CohortUser
    fk_name = "cohort"
    extra = 1
    fields = ("user", "role", "educational_status")
    autocomplete_fields = ("user",)
    verbose_name_plural = _("users (the first 100)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CohortUser]:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("admissions.add_cohortuser")


@admin.register(Cohort)
class CohortAdmin(RecordedHistory, DomainAdmin):
    """`schedules.admin` adds the time slots to the form."""

    form = CohortForm
    inlines: ClassVar[list[Any]] = [PeopleInline]
    recorded_as = "cohort"
    list_display = (
        "name", "academy", "stage", "kickoff_date", "ending_date", "never_ends", "zone", "current_day",
    )  # fmt: skip
    list_filter = ("stage", "never_ends", "academy", "language", "kickoff_date")
    list_select_related = ("academy",)
    search_fields = ("name", "slug", "academy__name")
    autocomplete_fields = ("academy", "syllabus", "syllabus_version")
    readonly_fields = ("current_day", "more", "created_at", "updated_at")
    ordering = ("-kickoff_date", "-id")

    @admin.display(description=_("time zone"))
    def zone(self, cohort: Cohort) -> str:
        return cohort.effective_timezone

    @admin.display(description=_("more about it"))
    def more(self, cohort: Cohort) -> str:
        """Where the rows are that do not fit on the form."""
        lists = (
            ("events_liveclass", _("All classes"), {"cohort__id__exact": cohort.pk, "when": "all"}),
            ("admissions_cohortuser", _("All users"), {"cohort__id__exact": cohort.pk}),
            ("admissions_holiday", _("Holidays"), {"cohort__id__exact": cohort.pk}),
            ("attendance_cohortday", _("Attendance log"), {"cohort__id__exact": cohort.pk}),
        )
        links = ((changelist_link(model, text, **filters),) for model, text, filters in lists)
        return format_html_join(" · ", "{}", links)

    def write(self, row: Cohort, fields: dict[str, Any]) -> None:
        save_cohort(row, fields=fields)


@admin.register(CohortUser)
class CohortUserAdmin(InvitingAdmin, RecordedHistory, TimestampedAdmin):
    recorded_as = "enrolment"
    list_display = ("user", "cohort", "academy", "role", "educational_status", "created_at")
    list_filter = ("role", "educational_status", "cohort__academy", "cohort__stage")
    list_select_related = ("user", "cohort__academy")
    search_fields = ("^user__email", "^user__first_name", "^user__last_name", "^cohort__name", "^cohort__slug")
    autocomplete_fields = ("user", "cohort")
    ordering = ("-id",)

    @admin.display(ordering="cohort__academy__name")
    def academy(self, part: CohortUser) -> str:
        return part.cohort.academy.name

    def invitations(self, rows: QuerySet[CohortUser]) -> Iterable[tuple[User, Academy, str]]:
        parts = rows.select_related("user", "cohort__academy")
        return ((part.user, part.cohort.academy, part.cohort.language) for part in parts)


@admin.register(EnrolmentPeriod)
class EnrolmentPeriodAdmin(ListAdmin):
    """The dates can be corrected here: an enrolment that was entered late begins with the first class attended."""

    list_display = ("user", "cohort", "academy", "since", "until")
    list_filter = ("since", "until", "cohort__academy")
    list_select_related = ("user", "cohort__academy")
    search_fields = ("^user__email", "^user__first_name", "^user__last_name", "^cohort__name", "^cohort__slug")
    autocomplete_fields = ("user", "cohort")
    ordering = ("-id",)

    @admin.display(ordering="cohort__academy__name")
    def academy(self, period: EnrolmentPeriod) -> str:
        return period.cohort.academy.name


@admin.register(Holiday)
class HolidayAdmin(RecordedHistory, DomainAdmin):
    recorded_as = "holiday"
    list_display = ("name", "starts_on", "ends_on", "academy", "cohort")
    list_filter = ("academy", "starts_on")
    list_select_related = ("academy", "cohort")
    search_fields = ("name", "cohort__name", "cohort__slug")
    autocomplete_fields = ("academy", "cohort")
    ordering = ("-starts_on", "-id")

    def write(self, row: Holiday, fields: dict[str, Any]) -> None:
        save_holiday(row, fields=fields)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        delete_holiday(obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        for holiday in queryset.order_by("pk"):
            delete_holiday(holiday)
