from django.contrib import admin

from breathecode.common.admin import TimestampedAdmin
from breathecode.reminders.models import ReminderPreference, ReminderSettings


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
    search_fields = ("^user__email", "^user__first_name", "^user__last_name")
    autocomplete_fields = ("user",)
    ordering = ("user__email",)
