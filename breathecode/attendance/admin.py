"""Attendance in the Django admin (rule R6). The roll of a class is inside the class, to be read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from breathecode.attendance.models import AcademyAttendanceSettings, Attendance, AttendanceChange, CohortDay, DayMark
from breathecode.common.admin import ListAdmin, RecordAdmin
from breathecode.common.admin.inlines import ReadInline
from breathecode.events.admin.classes import LiveClassAdmin
from breathecode.events.admin.records import ACADEMY, ClassRecordAdmin


class RollInline(ReadInline):
    """Called on the page of the class, which keeps the cohort's log and the history in step (rule A4)."""

    model = Attendance
    fk_name = "live_class"
    fields = ("user", "status", "source", "joined_at", "recorded_by", "recorded_at")
    verbose_name_plural = _("roll (the first 100)")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        return super().get_queryset(request).select_related("user", "recorded_by")


LiveClassAdmin.inlines = [RollInline]


@admin.register(Attendance)
class AttendanceAdmin(ClassRecordAdmin):
    """Written through the API, which keeps the cohort's log and the history in step (rule A4)."""

    list_display = ("user", "live_class", "academy", "status", "source", "recorded_by", "recorded_at")
    list_filter = ("status", "source", "recorded_at", ACADEMY)
    list_select_related = ("user", "recorded_by", "live_class__cohort", ACADEMY)


@admin.register(AttendanceChange)
class AttendanceChangeAdmin(ClassRecordAdmin):
    list_display = ("user", "live_class", "academy", "from_status", "to_status", "source", "changed_by", "changed_at")
    list_filter = ("to_status", "source", "changed_at", ACADEMY)
    list_select_related = ("user", "changed_by", "live_class__cohort", ACADEMY)


@admin.register(CohortDay)
class CohortDayAdmin(RecordAdmin):
    """Written through the API: the cohort counts its days (rule A4)."""

    list_display = ("day", "cohort", "current_module", "updated_at")
    list_filter = ("day", "cohort__academy")
    list_select_related = ("cohort",)
    search_fields = ("^cohort__name", "^cohort__slug")


@admin.register(DayMark)
class DayMarkAdmin(RecordAdmin):
    list_display = ("user", "cohort_day", "attended")
    list_filter = ("attended", "cohort_day__day", "cohort_day__cohort__academy")
    list_select_related = ("user", "cohort_day")
    search_fields = ("^user__email", "^cohort_day__cohort__name", "^cohort_day__cohort__slug")


@admin.register(AcademyAttendanceSettings)
class AcademyAttendanceSettingsAdmin(ListAdmin):
    list_display = ("academy", "mark_from_joins", "late_after_minutes")
    list_filter = ("mark_from_joins",)
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)
    ordering = ("academy__name",)
