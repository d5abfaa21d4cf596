"""Cross-origin requests (rule H9)."""

from typing import Any

from corsheaders import middleware as cors
from django.conf import settings
from django.http import HttpRequest


class CorsMiddleware(cors.CorsMiddleware):
    """Lets the origins of `CORS_ALLOWED_ORIGINS` call the API from a browser (rule H9).

    The library answers every preflight; here, a preflight of another origin is handled as an ordinary request.
    """

    def check_preflight(self, request: HttpRequest) -> Any:
        response = super().check_preflight(request)
        return response if request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS else None
