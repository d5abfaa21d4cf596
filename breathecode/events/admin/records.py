"""Joins and notices in the Django admin (rule R6)."""

from typing import Any, ClassVar

from django.contrib import admin

from breathecode.common.admin import RecordAdmin
from breathecode.events.models import ClassJoin, ClassNotice

COHORT = "live_class__cohort"
ACADEMY = "live_class__academy"


class ClassRecordAdmin(RecordAdmin):
    """Of a class and a person."""

    list_select_related: ClassVar[tuple[str, ...]] = ("user", "live_class__cohort", ACADEMY)
    search_fields = ("^user__email", f"^{COHORT}__name", f"^{COHORT}__slug")

    @admin.display(ordering=f"{ACADEMY}__name")
    def academy(self, record: Any) -> str:
        return str(record.live_class.academy.name)


@admin.register(ClassJoin)
class ClassJoinAdmin(ClassRecordAdmin):
    list_display = ("user", "live_class", "academy", "joined_at", "starts_class")
    list_filter = ("starts_class", "joined_at", ACADEMY)


@admin.register(ClassNotice)
class ClassNoticeAdmin(RecordAdmin):
    """Of a class that may be deleted by now, so its number is shown and not the class."""

    list_display = ("user", "cohort", "title", "starting_at", "cancelled", "channel", "mail_count", "sent_at")
    list_filter = ("channel", "cancelled", "sent_at", "cohort__academy")
    list_select_related = ("user", "cohort")
    exclude = ("hash",)
    search_fields = ("^user__email", "^cohort__name", "^cohort__slug", "=live_class_id")
