from django.contrib import admin

from breathecode.calendars.models import CalendarInvitation, CalendarPreference
from breathecode.common.admin import RecordAdmin, TimestampedAdmin


@admin.register(CalendarPreference)
class CalendarPreferenceAdmin(TimestampedAdmin):
    list_display = ("user", "calendar_invitations", "updated_at")
    list_filter = ("calendar_invitations",)
    list_select_related = ("user",)
    search_fields = ("^user__email", "^user__first_name", "^user__last_name")
    autocomplete_fields = ("user",)
    ordering = ("user__email",)


@admin.register(CalendarInvitation)
class CalendarInvitationAdmin(RecordAdmin):
    """Read-only: without the row, the class would stay in the user's calendar."""

    list_display = ("user", "cohort", "title", "starting_at", "withdrawn", "sent_at")
    list_filter = ("withdrawn", "sent_at", "cohort__academy")
    list_select_related = ("user", "cohort")
    exclude = ("hash", "sequence")
    search_fields = ("^user__email", "^cohort__name", "^cohort__slug")
