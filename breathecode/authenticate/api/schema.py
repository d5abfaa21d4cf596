from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from breathecode.authenticate.api.authentication import TokenAuthentication

# A view's own subclass reads more with the token; to a client it is the same way in.
set_override(TokenAuthentication, "suppress_collision_warning", True)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers its subclasses
    """How to sign in, for the API's schema (rule H2)."""

    target_class = TokenAuthentication
    match_subclasses = True
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token <key>, with the key that POST /v1/auth/login answers.",
        }
