"""What was changed, in the Django admin: to be read (rules P8, R6)."""

from typing import ClassVar

from django.contrib import admin

from breathecode.common.admin import RecordAdmin
from breathecode.history.models import Change


@admin.register(Change)
class ChangeAdmin(RecordAdmin):
    list_display = ("at", "kind", "object_id", "cohort_id", "academy", "by", "through", "changes")
    list_filter = ("kind", "through", "academy", "at")
    list_select_related: ClassVar[tuple[str, ...]] = ("academy", "by")
    search_fields = ("=object_id", "=cohort_id", "by__email")
