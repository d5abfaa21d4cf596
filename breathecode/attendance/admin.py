from django.contrib import admin

from breathecode.attendance.models import AcademyAttendanceSettings, Attendance, AttendanceChange
from breathecode.common.admin import ModelAdmin
from breathecode.events.admin.records import ACADEMY, ClassRecordAdmin


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


@admin.register(AcademyAttendanceSettings)
class AcademyAttendanceSettingsAdmin(ModelAdmin):
    list_display = ("academy", "mark_from_joins", "late_after_minutes")
    list_filter = ("mark_from_joins",)
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)
    ordering = ("academy__name",)
