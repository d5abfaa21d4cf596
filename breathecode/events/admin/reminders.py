"""Reminders in the Django admin (rule R6)."""

from django.contrib import admin

from breathecode.common.admin import ReadOnlyAdmin, TimestampedAdmin
from breathecode.events.models import Announcement, ReminderPreference, ReminderSettings


@admin.register(ReminderSettings)
class ReminderSettingsAdmin(TimestampedAdmin):
    list_display = ("academy", "day_before", "quarter_hour_before")
    list_filter = ("day_before", "quarter_hour_before")
    list_select_related = ("academy",)
    search_fields = ("academy__name", "academy__slug")
    autocomplete_fields = ("academy",)


@admin.register(ReminderPreference)
class ReminderPreferenceAdmin(TimestampedAdmin):
    list_display = ("user", "day_before", "quarter_hour_before")
    list_filter = ("day_before", "quarter_hour_before")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    autocomplete_fields = ("user",)


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    """What people were told of classes: to be read."""

    list_display = ("id", "live_class", "kind", "starting_at", "announced_at", "corrected_at")
    list_filter = ("kind", "announced_at")
    list_select_related = ("live_class__cohort_time_slot__cohort",)
    search_fields = ("live_class__title", "live_class__cohort_time_slot__cohort__slug")
    ordering = ("-id",)
    show_full_result_count = False
