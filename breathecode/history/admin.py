"""What was changed, in the Django admin: to be read (rules P8, R6)."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from breathecode.common.admin import RecordAdmin
from breathecode.history.models import Change

# As in the names of the admin's URLs.
_MODELS: dict[str, str] = {
    Change.Kind.LIVE_CLASS: "events_liveclass",
    Change.Kind.TIME_SLOT: "admissions_cohorttimeslot",
    Change.Kind.COHORT: "admissions_cohort",
    Change.Kind.HOLIDAY: "admissions_holiday",
    Change.Kind.ENROLMENT: "admissions_cohortuser",
    Change.Kind.MEMBER: "authenticate_academymember",
}


@admin.register(Change)
class ChangeAdmin(RecordAdmin):
    list_display = ("at", "what", "academy", "by", "through", "fields_changed")
    fields = ("at", "what", "academy", "by", "through", "fields_changed")
    readonly_fields = ("what", "fields_changed")
    list_filter = ("kind", "through", "academy", "at")
    list_select_related: ClassVar[tuple[str, ...]] = ("academy", "by")
    search_fields = ("=object_id", "^by__email")
    search_own = Q(kind__in=Change.Kind.values)  # the index of objects begins with their kind

    @admin.display(description=_("what"), ordering="object_id")
    def what(self, change: Change) -> str:
        """Leads to the form of the object, which may be gone: the admin then says so."""
        url = reverse(f"admin:{_MODELS[change.kind]}_change", args=[change.object_id])
        return format_html('<a href="{}">{} {}</a>', url, change.get_kind_display(), change.object_id)

    @admin.display(description=_("before and after"))
    def fields_changed(self, change: Change) -> str:
        lines = ((name.replace("_", " "), _shown(before), _shown(after)) for name, (before, after) in _pairs(change))
        return format_html_join(mark_safe("<br>"), "<b>{}</b>: {} → {}", lines)


def _pairs(change: Change) -> list[tuple[str, list[Any]]]:
    return sorted(change.changes.items())


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
