"""What every view does alike: known query parameters only, PUT as a partial update, pages for lists."""

import difflib
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.common.errors import NON_FIELD_ERRORS, NotFound, UnknownParameter, ValidationFailed
from breathecode.common.i18n.languages import choose_language


class ApiView(generics.GenericAPIView[Any]):
    """Base of all JSON views. `query_parameters` names what the route takes beside filters and paging (H7)."""

    http_method_names = ["get", "post", "put", "delete", "head"]
    query_parameters: ClassVar[tuple[str, ...]] = ()
    lists: ClassVar[bool] = False
    # For the schema: by method, what a route answers beside what every route of its kind may (see common.api.schema).
    errors: ClassVar[dict[str, tuple[type[APIException], ...]]] = {}
    access_errors: ClassVar[tuple[type[APIException], ...]] = ()
    security: ClassVar[tuple[str, ...]] = ()
    request_headers: ClassVar[tuple[OpenApiParameter, ...]] = ()
    summaries: ClassVar[dict[str, str]] = {}
    tags: ClassVar[tuple[str, ...]] = ()

    def known_parameters(self) -> set[str]:
        known = set(self.query_parameters)
        if self.lists and self.request.method in {"GET", "HEAD"}:
            filters = getattr(self, "filterset_class", None)
            known |= set(filters.base_filters if filters else ()) | set(self.paginator.parameters)  # type: ignore[union-attr]
        return known

    def perform_authentication(self, request: Request) -> None:
        """From here on, sentences are in the caller's own language where they have chosen one (rule V5)."""
        super().perform_authentication(request)
        choose_language(request._request, user=request.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if settings.UNKNOWN_INPUT == "refuse":
            self.refuse_unknown_parameters(request)

    def refuse_unknown_parameters(self, request: Request) -> None:
        """Raises `unknown-parameter` (rules H7, H10)."""
        known = self.known_parameters()
        for name in request.query_params:
            if name not in known:
                nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0)
                hint = " " + _("Did you mean {0}?").format(nearest[0]) if nearest else ""
                raise UnknownParameter(name=name[:100], hint=hint)

    def get_queryset(self) -> QuerySet[Any]:
        """Nothing: views ask `domain.queries`. The schema looks here for the model that the filters are about."""
        model = self.filterset_class._meta.model  # type: ignore[attr-defined]
        rows: QuerySet[Any] = model._default_manager.none()
        return rows

    def list_response(self, queryset: QuerySet[Any]) -> Response:
        """The page of `queryset` that the request asks for, after the view's declared filters."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def read(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The validated body; `instance=` makes it a partial update. Raises `validation-error` (rule H5)."""
        if self.request.data is None:  # `null`, for which DRF has a sentence of its own
            raise ValidationFailed({NON_FIELD_ERRORS: [_("Expected a JSON object.")]})
        serializer = self.get_serializer(*args, data=self.request.data, partial=bool(args), **kwargs)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, instance: Any, *, status: int = 200) -> Response:
        return Response(self.get_serializer(instance).data, status=status)


def by_id(queryset: QuerySet[Any], pk: int) -> Any:
    """The row with this id. Raises `not-found`, also for a number beyond any id."""
    if pk >= 2**63 or (row := queryset.filter(pk=pk).first()) is None:
        raise NotFound
    return row


def by_id_or_slug(queryset: QuerySet[Any], value: str, *, slug: str = "slug") -> Any:
    """The row with this id or slug (slugs are never all digits). Raises `not-found`."""
    lookup = Q(pk=int(value)) if value.isascii() and value.isdigit() and len(value) < 19 else Q(**{slug: value})
    if "\x00" in value or (row := queryset.filter(lookup).first()) is None:
        raise NotFound
    return row
