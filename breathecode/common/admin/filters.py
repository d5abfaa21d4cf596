"""Filters of the admin by rows of another table, of which there may be thousands: academies."""

from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.http import HttpRequest

from breathecode.common.ids import parse_id

MAX_CHOICES = 100  # links of one filter; where there are more rows, their number is typed


class BoundedRelatedFilter(RelatedFieldListFilter):
    """Links to filter by a related row; where there are more than `MAX_CHOICES`, a field for its id (rule R6)."""

    template = "admin/bounded_filter.html"
    many = False  # whether there is a field in place of the links

    def __init__(self, field: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, request, *args, **kwargs)
        left_out = {*self.expected_parameters(), "p", "e"}  # a page of another list, and an error
        self.kept = [(name, value) for name, values in request.GET.lists() for value in values if name not in left_out]

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        rows = field.remote_field.model._default_manager
        first = list(rows.order_by("pk")[: MAX_CHOICES + 1])
        self.many = len(first) > MAX_CHOICES
        if self.many:
            chosen = [pk for value in self.lookup_val or () if (pk := parse_id(value)) is not None]
            first = list(rows.filter(pk__in=chosen))
        return sorted(((row.pk, str(row)) for row in first), key=lambda choice: choice[1].casefold())

    def has_output(self) -> bool:
        return self.many or super().has_output()
