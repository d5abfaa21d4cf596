"""Jobs in the Django admin: to be read (rules P10, R6)."""

from typing import ClassVar

from django.contrib import admin

from breathecode.common.admin import RecordAdmin
from breathecode.jobs.models import Job


@admin.register(Job)
class JobAdmin(RecordAdmin):
    list_display = ("id", "kind", "academy", "state", "done", "total", "created_by", "created_at", "finished_at")
    list_filter = ("state", "kind", "academy", "created_at")
    list_select_related: ClassVar[tuple[str, ...]] = ("academy", "created_by")
    search_fields = ("=id", "^created_by__email")
    exclude = ("arguments",)  # may hold personal data
