"""What the apps' admins share."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

admin.site.site_header = admin.site.site_title = "Live Classes"

# Generic to the type checker alone.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class TimestampedAdmin(ModelAdmin):
    """Shows when a row was created and last changed, and skips the count of the whole table."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")
    # A URL typed without a scheme is taken as https.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leaves the read-only fields out of the form for a new row, which has no values for them."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name not in self.readonly_fields]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Writes only the fields changed on the form: others may have changed since this request read the row."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields={*columns.intersection(form.changed_data), "updated_at"} if change else None)


class DeletesOneByOne(ModelAdmin):
    """The bulk action calls `delete()` for each row, for models that override it."""

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for row in queryset.order_by("pk"):
                row.delete()


class RecordAdmin(ModelAdmin):
    """Read-only: for records of what happened, and for rows whose rules only the API checks.

    Deactivate a user who appears in such records instead of deleting them.
    """

    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
