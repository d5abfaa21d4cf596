"""Who reads a calendar: any API token in the header, a calendar token there or in the address (rule I2)."""

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


class TokenInHeader(TokenAuthentication):
    """`Authorization: Token <key>`, with an API token or a calendar token.

    Comes after `CalendarTokenInAddress`: where both are given, the address decides. Raises
    `authentication-required`, with a hint for users who copy URLs, if there is neither.
    """

    purposes = (Token.Purpose.SIGN_IN, Token.Purpose.CALENDAR)

    def get_key(self, request: Request) -> str | None:
        key = super().get_key(request)
        if key is None and request.method in {"GET", "HEAD"}:  # any other method is refused as such (rule H3)
            raise AuthenticationRequired(
                _("Open this URL with ?token= and a calendar token. Create one with POST /v1/auth/me/calendar-token.")
            )
        return key
