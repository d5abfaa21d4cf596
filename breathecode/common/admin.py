"""What the apps' admins share."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from breathecode.common.errors import ApiError
from breathecode.common.models import lock

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


class DomainAdmin(TimestampedAdmin):
    """For models that are written by functions of the domain, as in the API."""

    def write(self, row: Any, fields: dict[str, Any]) -> None:
        """Writes these fields of the row, which is as it is stored; or the new row, which has them already."""
        raise NotImplementedError

    def lock(self, row: Any) -> None:
        """Takes the locks of a change of the row, in their order."""
        lock(self.model, row.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Writes what was changed on the form alone, onto the row as it is then."""
        if not change:
            self.write(obj, {})
            return
        self.lock(obj)
        stored = self.model._default_manager.get(pk=obj.pk)
        self.write(stored, {name: form.cleaned_data[name] for name in form.changed_data})


@contextlib.contextmanager
def errors_of_field(form: Any, name: str | None) -> Iterator[None]:
    """Shows an error of the domain on its own fields of the form, else on this one (None: on the form itself)."""
    try:
        yield
    except ApiError as error:
        by_field: Mapping[Any, list[str]] = error.errors or {name: [str(error.detail)]}
        for field, sentences in by_field.items():
            form.add_error(field, sentences)


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
