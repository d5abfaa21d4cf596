"""Lists of live classes: declared here, decided in `domain.queries`."""

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.common.api.views import ApiView
from breathecode.events.api.filters import LiveClassFilter
from breathecode.events.api.serializers import LiveClassSerializer
from breathecode.events.domain.queries import classes_of_academy, classes_of_person
from breathecode.events.domain.rows import as_dicts, read_rows
from breathecode.events.models import LiveClass


class LiveClassListMixin(ApiView):
    serializer_class = LiveClassSerializer
    filterset_class = LiveClassFilter
    lists = True

    def rows_response(self, classes: QuerySet[LiveClass]) -> Response:
        """One query for the page and one for its count, however many rows (rule H8)."""
        found = self.filter_queryset(classes).order_by("-starting_at", "-id")
        return self.get_paginated_response(as_dicts(self.paginate_queryset(read_rows(found)) or ()))


class MyLiveClassListView(LiveClassListMixin, PersonalView):
    """The caller's own classes (rule L7)."""

    default_limit = settings.OWN_LIST_DEFAULT_LIMIT

    @extend_schema(responses=LiveClassSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.rows_response(classes_of_person(request.user))  # type: ignore[arg-type]


class AcademyLiveClassListView(LiveClassListMixin, AcademyView):
    capabilities = {"GET": "start_or_end_class"}

    @extend_schema(responses=LiveClassSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self.rows_response(classes_of_academy(self.academy_id))
