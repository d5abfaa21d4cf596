"""Live classes over HTTP: declared here, decided in `domain`."""

from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.authentication import TokenAuthentication
from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.authenticate.models import User
from breathecode.common.api.filters import sorting
from breathecode.common.api.renderers import dumps
from breathecode.common.api.views import ApiView
from breathecode.common.db.prepared import RowQuery
from breathecode.events import errors
from breathecode.events.api import examples, serializers
from breathecode.events.api.filters import AcademyLiveClassFilter, LiveClassFilter
from breathecode.events.domain import lifecycle, writing
from breathecode.events.domain.lists.cache import LiveClassCache, list_fingerprint_of_token_owner
from breathecode.events.domain.lists.rows import as_dict, read_detail, rows_of_academy, rows_of_user
from breathecode.events.domain.makeups import makeup_moments
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.domain.staffing.substitutes import possible_substitutes
from breathecode.events.domain.staffing.warnings import warnings_of_class
from breathecode.events.models import LiveClass


class LiveClassListMixin(ApiView):
    lists = True

    def rows_response(self, classes: RowQuery) -> Response:
        """One query for the page, and one for the count of a list that goes on, however many rows (rule H8)."""
        found: Any = self.filter_queryset(classes)  # type: ignore[arg-type]  # what filters do to querysets
        public_url = settings.PUBLIC_URL
        return self.get_paginated_response([as_json(row, public_url) for row in self.paginate_queryset(found) or ()])


@lru_cache(maxsize=4096)
def as_json(row: tuple[Any, ...], public_url: str) -> orjson.Fragment:
    """The object of a row. All students of a cohort read the same rows, again and again: each is written once."""
    return orjson.Fragment(dumps(as_dict(row, public_url)))


class FingerprintAuthentication(TokenAuthentication):
    """Reads with the token what the caller's list depends on: `request.auth.list_fingerprint`."""

    extra_annotations = {"list_fingerprint": list_fingerprint_of_token_owner}


class MyLiveClassListView(LiveClassListMixin, PersonalView):
    """The caller's classes (rule L7), cached in `LiveClassCache` until one of them changes (rule O2)."""

    authentication_classes = (FingerprintAuthentication,)
    serializer_class = serializers.LiveClassSerializer
    filterset_class = LiveClassFilter
    default_limit = settings.OWN_LIST_DEFAULT_LIMIT
    summaries = {"GET": "List the caller's live classes."}

    @extend_schema(responses=serializers.LiveClassSerializer(many=True), examples=[examples.ROW])
    def get(self, request: Request) -> Response:
        caller: Any = request.auth
        cache = LiveClassCache()
        address = request.build_absolute_uri()  # its host and its parameters stand in the Link header
        key = cache.key(user_id=caller.user_id, address=address)
        fingerprint = cache.fingerprint(
            user_id=caller.user_id, list_fingerprint=caller.list_fingerprint, address=address
        )
        if kept := cache.get(key, fingerprint):
            content, headers = kept
            return HttpResponse(content, headers=headers)  # type: ignore[return-value]  # rendered already
        response = self.rows_response(rows_of_user.bind(caller.user_id))
        response.add_post_render_callback(lambda done: cache.put(key, fingerprint, (done.content, dict(done.headers))))
        return response


class AcademyLiveClassListView(LiveClassListMixin, AcademyView):
    capabilities = {"GET": "start_or_end_class", "POST": "start_or_end_class"}
    serializer_class = serializers.LiveClassCreationSerializer
    filterset_class = AcademyLiveClassFilter
    errors = {
        "POST": (
            errors.CohortTimeSlotNotFound,
            errors.StartedAtOnCreation,
            errors.EndedAtOnCreation,
            errors.EndingAtBeforeStartingAt,
            errors.ClassTooLong,
            errors.LiveClassAlreadyExists,
            errors.NotATeacher,
            errors.NotCancelled,
            errors.AlreadyReplaced,
        )
    }
    summaries = {"GET": "List the academy's live classes.", "POST": "Create a live class outside the schedule."}

    @extend_schema(responses=serializers.LiveClassSerializer(many=True), examples=[examples.ROW])
    def get(self, request: Request) -> Response:
        return self.rows_response(rows_of_academy.bind(self.academy_id))

    @extend_schema(
        responses={201: serializers.LiveClassChangedSerializer},
        examples=[examples.CREATION, examples.MAKEUP_CREATION, examples.CHANGED],
    )
    def post(self, request: Request) -> Response:
        live_class = writing.create_class(academy_id=self.academy_id, fields=self.read())
        detail = read_detail(classes_of_academy(self.academy_id), live_class.pk)
        return Response({**detail, "warnings": warnings_of_class(live_class)}, status=201)


class AcademyLiveClassMixin(AcademyView):
    """One class of the academy in the header."""

    access_errors = (*AcademyView.access_errors, errors.LiveClassNotFound)

    def classes(self) -> QuerySet[LiveClass]:
        return classes_of_academy(self.academy_id)

    def live_class_id(self) -> int:
        return int(self.kwargs["live_class_id"])

    def live_class(self) -> LiveClass:
        """With its cohort. Raises `not-found`."""
        classes = self.classes().select_related("cohort__academy")
        live_class = classes.filter(pk=self.live_class_id()).first()
        if live_class is None:
            raise errors.LiveClassNotFound
        return live_class

    def detail(self) -> Response:
        return Response(read_detail(self.classes(), self.live_class_id()))

    def changed(self, live_class: LiveClass, *, times: bool) -> Response:
        """The class with `warnings`, which a change of its times may lead to (rule P6)."""
        detail = read_detail(self.classes(), live_class.pk)
        return Response({**detail, "warnings": warnings_of_class(live_class) if times else []})

    def lifecycle_arguments(self) -> dict[str, Any]:
        """Where the class runs: the class, its academy's classes, and the time. Raises `not-found` before the body."""
        if not self.classes().filter(pk=self.live_class_id()).exists():
            raise errors.LiveClassNotFound
        return {"live_class_id": self.live_class_id(), "within": self.classes(), "now": timezone.now()}


class AcademyLiveClassView(AcademyLiveClassMixin):
    capabilities = dict.fromkeys(("GET", "PUT", "DELETE"), "start_or_end_class")
    serializer_class = serializers.LiveClassChangeSerializer
    errors = {
        "PUT": (
            errors.OnlyStartedAt,
            errors.StartedAtAlreadySet,
            errors.StartedAtNotNow,
            errors.StartedAtNotSet,
            errors.EndedAtAlreadySet,
            errors.EndedAtBeforeStartedAt,
            errors.EndedAtTooSoon,
            errors.EndedAtTooOld,
            errors.EndedAtInTheFuture,
            errors.ClassAlreadyStarted,
            errors.ClassHasEnded,
            errors.ClassCancelled,
            errors.EndingAtBeforeStartingAt,
            errors.ClassTooLong,
            errors.LiveClassAlreadyExists,
            errors.NotATeacher,
            errors.ReasonWithoutMove,
        ),
        "DELETE": (errors.CannotDeleteGenerated, errors.ClassStartedConflict),
    }
    summaries = {
        "GET": "Retrieve a live class.",
        "PUT": "Update a live class: start, end, move or rename it, or set its meeting URL.",
        "DELETE": "Delete a class that was created by hand and has not started.",
    }

    @extend_schema(responses=serializers.LiveClassDetailSerializer, examples=[examples.DETAIL])
    def get(self, request: Request, live_class_id: int) -> Response:
        return self.detail()

    @extend_schema(responses=serializers.LiveClassChangedSerializer, examples=[*examples.CHANGES, examples.CHANGED])
    def put(self, request: Request, live_class_id: int) -> Response:
        place, fields = self.lifecycle_arguments(), self.read()
        live_class = writing.change_class(**place, fields=fields)
        return self.changed(live_class, times=bool(fields.keys() & {"starting_at", "ending_at", "teacher_id"}))

    def delete(self, request: Request, live_class_id: int) -> Response:
        removed = LiveClass(pk=self.live_class_id())
        lifecycle.delete_class(removed.pk, within=self.classes())
        self.log_removal(removed)
        return Response(status=204)


class CancelView(AcademyLiveClassMixin):
    capabilities = {"POST": "start_or_end_class"}
    serializer_class = serializers.CancellationSerializer
    errors = {"POST": (errors.ClassStartedConflict, errors.ClassHasEnded)}
    summaries = {"POST": "Cancel a class that has not started."}

    @extend_schema(
        responses=serializers.LiveClassDetailSerializer, examples=[examples.CANCELLATION, examples.CANCELLED]
    )
    def post(self, request: Request, live_class_id: int) -> Response:
        place = self.lifecycle_arguments()
        lifecycle.cancel_class(**place, **self.read())
        return self.detail()


class SubstituteListView(AcademyLiveClassMixin):
    """Who could teach a class (rule P4)."""

    capabilities = {"GET": "start_or_end_class"}
    serializer_class = serializers.SubstituteSerializer
    filterset_class = sorting(User, "id", "email", "first_name", "last_name", same_syllabus="same_syllabus")
    lists = True
    summaries = {"GET": "Members who may start classes and have none at that time, those of the same syllabus first."}

    @extend_schema(responses=serializers.SubstituteSerializer(many=True), examples=[examples.SUBSTITUTE])
    def get(self, request: Request, live_class_id: int) -> Response:
        return self.list_response(possible_substitutes(self.live_class()))


class MakeupListView(AcademyLiveClassMixin):
    """When a class could be made up for (rule P5)."""

    capabilities = {"GET": "start_or_end_class"}
    serializer_class = serializers.MakeupSerializer
    summaries = {"GET": "Up to three moments for a make-up class, at which its teachers and students are free."}

    @extend_schema(responses=serializers.MakeupSerializer(many=True), examples=[examples.MAKEUP])
    def get(self, request: Request, live_class_id: int) -> Response:
        moments = makeup_moments(self.live_class(), now=timezone.now())
        return Response([{"starting_at": start, "ending_at": end} for start, end in moments])


class RestoreView(AcademyLiveClassMixin):
    capabilities = {"POST": "start_or_end_class"}
    serializer_class = serializers.EmptySerializer
    summaries = {"POST": "Restore a cancelled class."}

    @extend_schema(responses=serializers.LiveClassChangedSerializer, examples=[examples.CHANGED])
    def post(self, request: Request, live_class_id: int) -> Response:
        place = self.lifecycle_arguments()
        self.read()
        return self.changed(lifecycle.restore_class(**place), times=True)
