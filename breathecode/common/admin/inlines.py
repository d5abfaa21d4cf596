"""Related rows inside the form of an object."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

MAX_SHOWN = 100  # rows; each sends two fields with the form, and Django takes 1,000 of them

# Generic to the type checker alone.
if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ReadInline(TabularInline):
    """The first `MAX_SHOWN` rows of the object, in their order, to be read; each leads to its own form."""

    extra = 0
    can_delete = False
    show_change_link = True
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        match = request.resolver_match
        if match is None or "object_id" not in match.kwargs:
            return rows.none()
        of_object = self.model._default_manager.filter(**{self.fk_name or "": unquote(match.kwargs["object_id"])})
        return rows.filter(pk__in=of_object.order_by(*self.ordering).values("pk")[:MAX_SHOWN])

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def changelist_link(model: str, text: object, **filters: Any) -> str:
    """A link to the list of these rows; `model` as in the names of the admin's URLs."""
    url = reverse(f"admin:{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), text)
