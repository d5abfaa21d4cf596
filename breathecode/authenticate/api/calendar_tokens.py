"""How a calendar shows who reads it: with a token that opens calendars and nothing else (rule I2)."""

from django.utils.translation import gettext as _
from rest_framework.request import Request

from breathecode.authenticate.api.authentication import TokenAuthentication
from breathecode.authenticate.errors import AuthenticationRequired
from breathecode.authenticate.models import Token


class CalendarTokenInAddress(TokenAuthentication):
    """`?token=<key>`: calendar clients send no headers. No other token is taken from an address (rule H2)."""

    purposes = (Token.Purpose.CALENDAR,)

    def get_key(self, request: Request) -> str | None:
        return request.query_params.get("token") or None


class CalendarTokenInHeader(TokenAuthentication):
    """`Authorization: Token <key>` with a calendar token. Stands last: raises where there is no token at all."""

    purposes = (Token.Purpose.CALENDAR,)

    def get_key(self, request: Request) -> str | None:
        key = super().get_key(request)
        if key is None:
            raise AuthenticationRequired(
                _("Open this address with ?token= and a calendar token. POST /v1/auth/me/calendar-token makes one.")
            )
        return key
