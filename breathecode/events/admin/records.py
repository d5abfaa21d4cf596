"""Joins, attendance, reminders, notices and calendar invitations in the Django admin (rule R6)."""

from typing import Any, ClassVar

from django.contrib import admin

from breathecode.common.admin import ModelAdmin, RecordAdmin, TimestampedAdmin
from breathecode.events.models import (
    AcademyAttendanceSettings,
    Attendance,
    AttendanceChange,
    CalendarInvitation,
    CalendarPreference,
    ClassJoin,
    ClassNotice,
    ReminderPreference,
    ReminderSettings,
)

COHORT = "live_class__cohort_time_slot__cohort"


class ClassRecordAdmin(RecordAdmin):
    """Of a class and a person."""

    list_select_related: ClassVar[tuple[str, ...]] = ("user", f"{COHORT}__academy")
    search_fields = ("user__email", "live_class__title", f"{COHORT}__name", f"{COHORT}__slug")

    @admin.display(ordering=f"{COHORT}__academy__name")
    def academy(self, record: Any) -> str:
        return str(record.live_class.cohort_time_slot.cohort.academy.name)


@admin.register(ClassJoin)
class ClassJoinAdmin(ClassRecordAdmin):
    list_display = ("user", "live_class", "academy", "joined_at", "starts_class")
    list_filter = ("starts_class", "joined_at", f"{COHORT}__academy")


@admin.register(Attendance)
class AttendanceAdmin(ClassRecordAdmin):
    """Written through the API, which keeps the cohort's log and the history in step (rule A4)."""

    list_display = ("user", "live_class", "academy", "status", "source", "recorded_by", "recorded_at")
    list_filter = ("status", "source", "recorded_at", f"{COHORT}__academy")
    list_select_related = ("user", "recorded_by", f"{COHORT}__academy")


@admin.register(AttendanceChange)
class AttendanceChangeAdmin(ClassRecordAdmin):
    list_display = ("user", "live_class", "academy", "from_status", "to_status", "source", "changed_by", "changed_at")
    list_filter = ("to_status", "source", "changed_at", f"{COHORT}__academy")
    list_select_related = ("user", "changed_by", f"{COHORT}__academy")


@admin.register(AcademyAttendanceSettings)
class AcademyAttendanceSettingsAdmin(ModelAdmin):
    list_display = ("academy", "mark_from_joins", "late_after_minutes")
    list_filter = ("mark_from_joins",)
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)
    ordering = ("academy__name",)


@admin.register(ReminderSettings)
class ReminderSettingsAdmin(TimestampedAdmin):
    list_display = ("academy", "day_before", "quarter_hour_before", "updated_at")
    list_filter = ("day_before", "quarter_hour_before")
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)
    ordering = ("academy__name",)


@admin.register(ReminderPreference)
class ReminderPreferenceAdmin(TimestampedAdmin):
    list_display = ("user", "day_before", "quarter_hour_before", "updated_at")
    list_filter = ("day_before", "quarter_hour_before")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__first_name", "user__last_name")
    autocomplete_fields = ("user",)
    ordering = ("user__email",)


@admin.register(ClassNotice)
class ClassNoticeAdmin(RecordAdmin):
    """Of a class that may be deleted by now, so its number is shown and not the class."""

    list_display = ("user", "cohort", "title", "starting_at", "cancelled", "channel", "mail_count", "sent_at")
    list_filter = ("channel", "cancelled", "sent_at", "cohort__academy")
    list_select_related = ("user", "cohort")
    search_fields = ("user__email", "title", "cohort__name", "cohort__slug", "=live_class_id")


@admin.register(CalendarPreference)
class CalendarPreferenceAdmin(TimestampedAdmin):
    list_display = ("user", "calendar_invitations", "updated_at")
    list_filter = ("calendar_invitations",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__first_name", "user__last_name")
    autocomplete_fields = ("user",)
    ordering = ("user__email",)


@admin.register(CalendarInvitation)
class CalendarInvitationAdmin(RecordAdmin):
    """A row that is forgotten would leave its class in somebody's calendar for ever."""

    list_display = ("user", "cohort", "title", "starting_at", "sequence", "withdrawn", "sent_at")
    list_filter = ("withdrawn", "sent_at", "cohort__academy")
    list_select_related = ("user", "cohort")
    search_fields = ("user__email", "title", "cohort__name", "cohort__slug")
