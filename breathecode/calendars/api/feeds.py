"""Calendar feeds, one class as a file, and the token that opens them (rules I1 to I4)."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import PersonalView
from breathecode.authenticate.api.calendar_tokens import CalendarTokenInAddress, TokenInHeader
from breathecode.authenticate.domain.tokens import renew_calendar_token
from breathecode.calendars.domain.access import class_open_to, cohorts_named, feed_urls
from breathecode.calendars.domain.feed import Feed, class_file, current_feed, own_feed
from breathecode.calendars.errors import TooManyCohorts
from breathecode.common.api.serializers import StrictSerializer
from breathecode.common.errors import TooManyRequests
from breathecode.common.request_rates import FEEDS

CALENDAR_TYPE = "text/calendar; charset=utf-8"
FEED_SCHEMA: dict[str, Any] = {
    "parameters": [
        OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of your cached copy."),
    ],
    "responses": {(200, "text/calendar"): OpenApiTypes.STR, 304: None},
}


class AnyAccept(BaseContentNegotiation):
    """Calendar clients accept `text/calendar`, which no renderer of an error is: the header decides nothing here."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class CalendarView(PersonalView):
    content_negotiation_class = AnyAccept
    query_parameters = ("token",)
    security = ("token_in_address", "token")
    authentication_classes = (CalendarTokenInAddress, TokenInHeader)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        user: Any = request.user
        FEEDS.count(user.pk)

    def known_etags(self) -> set[str]:
        """What the client has. Compared weakly, as RFC 9110 wants it for If-None-Match: proxies weaken ETags."""
        return {etag.removeprefix("W/") for etag in parse_etags(self.request.headers.get("If-None-Match", ""))}

    def feed_response(self, feed: Feed, *, filename: str) -> HttpResponse:
        response = HttpResponse(status=304) if feed.text is None else HttpResponse(feed.text)
        if feed.text is None:
            del response["Content-Type"]
        else:
            response["Content-Type"] = CALENDAR_TYPE
            response["Content-Disposition"] = f'inline; filename="{filename}"'
        response["ETag"] = feed.etag
        # Stored by the client only, and revalidated each time: a class may be cancelled at any minute.
        response["Cache-Control"] = "private, no-cache"
        return response


class MyFeedView(CalendarView):
    """All classes of the caller."""

    errors = {"GET": (TooManyRequests,)}
    summaries = {"GET": "Get the calendar of the caller's classes."}

    @extend_schema(**FEED_SCHEMA)
    def get(self, request: Request) -> HttpResponse:
        user: Any = request.user
        feed = own_feed(user, now=timezone.now(), known_etags=self.known_etags())
        return self.feed_response(feed, filename="live-classes.ics")


class CohortFeedView(CalendarView):
    """The classes of the cohorts in the URL (comma-separated ids or slugs), if the caller may see all of them."""

    errors = {"GET": (TooManyCohorts, TooManyRequests)}
    summaries = {"GET": "Get the calendar of one or more cohorts."}

    @extend_schema(**FEED_SCHEMA)
    def get(self, request: Request, names: str) -> HttpResponse:
        cohorts = cohorts_named(request.user, names.split(","))  # type: ignore[arg-type]
        feed = current_feed(cohorts, now=timezone.now(), known_etags=self.known_etags())
        return self.feed_response(feed, filename="live-classes.ics")


class ClassFileView(CalendarView):
    """A single class, to import into a calendar."""

    errors = {"GET": (TooManyRequests,)}
    summaries = {"GET": "Download a class as a calendar file."}

    @extend_schema(**FEED_SCHEMA)
    def get(self, request: Request, live_class_id: int) -> HttpResponse:
        classes = class_open_to(request.user, live_class_id)  # type: ignore[arg-type]
        feed = class_file(classes, known_etags=self.known_etags())
        return self.feed_response(feed, filename=f"liveclass-{live_class_id}.ics")


class FeedUrlsSerializer(serializers.Serializer[Any]):
    me = serializers.URLField()
    cohorts = serializers.URLField(allow_null=True)


class CalendarTokenSerializer(StrictSerializer):
    token = serializers.CharField(read_only=True)
    urls = FeedUrlsSerializer(read_only=True)


class CalendarTokenView(PersonalView):
    """Creates a token for the caller's calendar feeds and revokes the previous one."""

    serializer_class = CalendarTokenSerializer
    summaries = {"POST": "Create a calendar token; the previous one is revoked."}

    @extend_schema(request=None, responses={201: CalendarTokenSerializer})
    def post(self, request: Request) -> Response:
        self.read()
        user: Any = request.user
        key = renew_calendar_token(user=user)
        answer = self.answer({"token": key, "urls": feed_urls(user, key=key)}, status=201)
        answer["Cache-Control"] = "no-store"
        return answer
