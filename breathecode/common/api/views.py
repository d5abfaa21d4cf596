"""The base of all API views: known query parameters only, PUT as a partial update, pages for lists."""

import difflib
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import generics
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.common.errors import NON_FIELD_ERRORS, NotFound, UnknownParameter, ValidationFailed
from breathecode.common.i18n.languages import choose_language
from breathecode.common.ids import id_or_slug


class ApiView(generics.GenericAPIView[Any]):
    """Base of all JSON views. `query_parameters`: those other than filters and pagination (rule H7)."""

    http_method_names = ["get", "post", "put", "delete", "head"]
    query_parameters: ClassVar[tuple[str, ...]] = ()
    lists: ClassVar[bool] = False
    # For the schema: by method, the errors other than those that every route of its kind has (see common.api.schema).
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
        """Activates the language that the user has chosen, if any (rule V5)."""
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
        """Empty: views use `domain.queries`. The schema finds the model of the filters here."""
        model = self.filterset_class._meta.model  # type: ignore[attr-defined]
        rows: QuerySet[Any] = model._default_manager.none()
        return rows

    def list_response(self, queryset: QuerySet[Any]) -> Response:
        """The page of `queryset` that the request asks for, after the view's declared filters."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def read(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The validated body; `instance=` makes it a partial update. Raises `validation-error` (rule H5)."""
        if self.request.data is None:  # `null`, for which DRF has a message of its own
            raise ValidationFailed({NON_FIELD_ERRORS: [_("Expected a JSON object.")]})
        serializer = self.get_serializer(*args, data=self.request.data, partial=bool(args), **kwargs)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, instance: Any, *, status: int = 200) -> Response:
        return Response(self.get_serializer(instance).data, status=status)


def by_id(queryset: QuerySet[Any], pk: int) -> Any:
    """The row with this id. Raises `not-found`."""
    row = queryset.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def by_id_or_slug(queryset: QuerySet[Any], name: str) -> Any:
    """The row with this id or slug. Raises `not-found`."""
    row = queryset.filter(id_or_slug(name)).first()
    if row is None:
        raise NotFound
    return row
