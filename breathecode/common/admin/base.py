"""What the apps' admins share."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from breathecode.common.admin.choices import widget_for
from breathecode.common.admin.filters import BoundedRelatedFilter
from breathecode.common.admin.lists import BoundedPaginator, search
from breathecode.common.errors import ApiError
from breathecode.common.models import lock

admin.site.site_title = "Live Classes"
# Django's admin shows and reads UTC, and says so nowhere.
admin.site.site_header = _("Live Classes: times are in UTC unless a zone is named")
# Django's links to all rows, which are thousands of academies.
admin.FieldListFilter.register(
    lambda field: isinstance(field, models.ForeignKey), BoundedRelatedFilter, take_priority=True
)

# What a search looks at, where it looks at beginnings.
BEGINNINGS = _("The beginning of a name, a slug or an e-mail address; or a whole number or key.")

# Generic to the type checker alone.
if TYPE_CHECKING:
    DjangoModelAdmin = admin.ModelAdmin[Any]
else:
    DjangoModelAdmin = admin.ModelAdmin


class ListAdmin(DjangoModelAdmin):
    """Lists, searches and counts at a cost that does not grow with the table; time zones and languages as choices.

    `search_own`: a further condition of the columns of its own table that are searched (see `lists.search`).
    """

    show_full_result_count = False
    list_per_page = 50
    paginator = BoundedPaginator
    search_own: ClassVar[Q | None] = None

    def __init__(self, model: type[models.Model], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if not self.search_help_text and any(field.startswith("^") for field in self.search_fields):
            self.search_help_text = BEGINNINGS  # type: ignore[misc]  # a class variable to django-stubs alone

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        fields = self.get_search_fields(request)
        return search(queryset, fields=fields, text=search_term, own=self.search_own), False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        if widget := widget_for(db_field):
            kwargs["widget"] = widget
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[arg-type]


class RecordedHistory(ListAdmin):
    """For models whose changes are recorded (rule P8): the button "History" shows them, whoever made them.

    Without the permission to see them it shows Django's own list, of what was done in the admin.
    """

    recorded_as: ClassVar[str]  # the kind of its changes

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not request.user.has_perm("history.view_change"):
            return super().history_view(request, object_id, extra_context)
        query = urlencode({"kind__exact": self.recorded_as, "object_id": object_id})
        return HttpResponseRedirect(f"{reverse('admin:history_change_changelist')}?{query}")


class TimestampedAdmin(ListAdmin):
    """Shows when a row was created and last changed."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")
    # A URL typed without a scheme is taken as https.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

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


class RecordAdmin(ListAdmin):
    """Read-only: for records of what happened, and for rows whose rules only the API checks.

    Deactivate a user who appears in such records instead of deleting them.
    """

    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
