from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from breathecode.common.errors import MalformedJson, PayloadTooLarge


class OrjsonParser(BaseParser):
    """JSON bodies (rule H5). Refuses NaN, infinities, lone surrogates and deep nesting, which `json` accepts."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge(limit=limit)
        try:
            return orjson.loads(raw)
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise MalformedJson(reason=str(error).rstrip(".")) from error
