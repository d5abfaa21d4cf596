"""Who joined and who was there, in the Django admin (rule R6): to be read, neither made nor changed."""

from django.contrib import admin

from breathecode.common.admin import ModelAdmin, ReadOnlyAdmin
from breathecode.events.models import AcademyAttendanceSettings, Attendance, AttendanceChange, ClassJoin

_ACADEMY = "live_class__cohort_time_slot__cohort__academy"


class EvidenceAdmin(ReadOnlyAdmin):
    """Marks are made by the roll call and by joins, along with their history and the cohort's log."""

    list_select_related = ("user", _ACADEMY)
    search_fields = ("user__email", "live_class__title", "live_class__cohort_time_slot__cohort__slug")

    @admin.display(ordering=f"{_ACADEMY}__name")
    def academy(self, row: ClassJoin | Attendance | AttendanceChange) -> str:
        return row.live_class.cohort_time_slot.cohort.academy.name


@admin.register(ClassJoin)
class ClassJoinAdmin(EvidenceAdmin):
    """Evidence for attendance (rule J8). It goes with its person."""

    list_display = ("user", "live_class", "academy", "joined_at", "starts_class")
    list_filter = ("starts_class", "joined_at", _ACADEMY)


@admin.register(Attendance)
class AttendanceAdmin(EvidenceAdmin):
    list_display = ("user", "live_class", "academy", "status", "source", "joined_at", "recorded_at")
    list_filter = ("status", "source", _ACADEMY)


@admin.register(AttendanceChange)
class AttendanceChangeAdmin(EvidenceAdmin):
    list_display = ("user", "live_class", "academy", "from_status", "to_status", "source", "changed_at")
    list_filter = ("to_status", "source", _ACADEMY)


@admin.register(AcademyAttendanceSettings)
class AcademyAttendanceSettingsAdmin(ModelAdmin):
    list_display = ("academy", "mark_from_joins", "late_after_minutes")
    list_filter = ("mark_from_joins",)
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
