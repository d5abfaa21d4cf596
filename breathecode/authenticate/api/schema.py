"""Authentication and the Academy header in the OpenAPI schema (rules H2, H4)."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from breathecode.authenticate import errors
from breathecode.common.errors import ApiError
from breathecode.common.ids import MAX_ID

SIGNED_IN_ERRORS: tuple[type[ApiError], ...] = (errors.AuthenticationRequired, errors.InvalidToken, errors.ExpiredToken)
ACADEMY_ERRORS: tuple[type[ApiError], ...] = (
    errors.AcademyHeaderRequired,
    errors.InvalidAcademyHeader,
    *SIGNED_IN_ERRORS,
    errors.NotAcademyMember,
    errors.MissingCapability,
)
ACADEMY_HEADER = OpenApiParameter(
    "Academy",
    {"type": "integer", "minimum": 1, "maximum": MAX_ID},
    OpenApiParameter.HEADER,
    required=True,
    description="The academy's id. The caller must be a member of this academy.",
)

SECURITY_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token <key>`, with the key returned by POST /v1/auth/login.",
    },
    "token_in_address": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "A token's key, for URLs that browsers or calendars open without sending headers.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session cookie of a signed-in browser.",
    },
}


def add_security_schemes(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    result.setdefault("components", {})["securitySchemes"] = SECURITY_SCHEMES
    return result
