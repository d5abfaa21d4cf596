"""What a form offers to choose from."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import PersonalView
from breathecode.common.i18n.time_zones import TIME_ZONES


class TimeZoneListView(PersonalView):
    """The values that every `timezone` of this API accepts."""

    summaries = {"GET": "List the IANA time zone names."}

    @extend_schema(responses={200: {"type": "array", "items": {"type": "string"}, "example": ["Europe/Madrid"]}})
    def get(self, request: Request) -> Response:
        return Response(sorted(TIME_ZONES))
