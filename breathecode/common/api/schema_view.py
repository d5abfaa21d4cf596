"""`/v1/schema`: generated once, since that takes half a second of CPU time (rule O1)."""

import functools
import hashlib
import threading
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from breathecode.common.i18n.languages import supported_language

_one_at_a_time = threading.Lock()


@functools.lru_cache(maxsize=16)
def _made(language: str, renderer: type[BaseRenderer], media_type: str) -> tuple[bytes, str]:
    """The schema in a language (its texts are translatable) and a format, and its ETag."""
    with translation.override(language):
        return _make(renderer, media_type)


def _make(renderer: type[BaseRenderer], media_type: str) -> tuple[bytes, str]:
    generator: Any = SpectacularAPIView.generator_class(urlconf=SpectacularAPIView.urlconf)
    schema = generator.get_schema(request=None, public=True)
    content: Any = renderer().render(schema, media_type, {})
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class SchemaView(SpectacularAPIView):
    """The response is the same for every client; with a matching `If-None-Match` it is a 304 without a body."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        language = supported_language(request.query_params.get("lang"), translation.get_language())
        with _one_at_a_time:  # the first requests must not generate it in parallel
            kind: Any = type(renderer)  # classes are hashable, although the type checker disagrees
            content, etag = _made(language, kind, renderer.media_type)
        plain: HttpRequest = request._request
        response = HttpResponse(content, content_type=f"{renderer.media_type}; charset=utf-8", headers={"ETag": etag})
        found: Any = get_conditional_response(plain, etag=etag, response=response)
        return found  # type: ignore[no-any-return]
