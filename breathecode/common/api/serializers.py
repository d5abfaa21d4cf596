"""Serializers that refuse unknown fields (rule H5), and fields that several apps share."""

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from breathecode.common.dates import validate_plausible_date
from breathecode.common.db.fields import HttpUrlValidator, clean_line, validate_no_invisible
from breathecode.common.errors import UnknownField
from breathecode.common.i18n.languages import supported_language, validate_language
from breathecode.common.i18n.time_zones import validate_timezone

MAX_DEPTH = 100  # levels of objects and arrays in a JSON field


class StrictMixin(serializers.BaseSerializer[Any]):
    """Refuses unknown fields by name. Ignores read-only ones, so that a client may PUT back what it received.

    With `UNKNOWN_INPUT=ignore`, unknown fields are ignored too (rule H10).
    """

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Expected a JSON object.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and settings.UNKNOWN_INPUT == "refuse":
            unknown = sorted(str(name) for name in set(data) - set(self.fields))  # type: ignore[attr-defined]
            if unknown:
                raise UnknownField(names=", ".join(name[:100] for name in unknown[:10]))
        return super().to_internal_value(data)


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    pass


class StrictModelSerializer(StrictMixin, serializers.ModelSerializer[Any]):
    pass


class OneLineField(serializers.CharField):
    """Text of one line (rule H11). Lengths count after white space and invisible characters at the ends are gone."""

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(clean_line(data))


class HttpUrlField(OneLineField):
    """An http or https URL; other schemes (javascript:, file:) are refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 500)
        super().__init__(**kwargs)
        self.validators.append(HttpUrlValidator())


class OptionalUrlField(HttpUrlField):
    """An optional URL: null in responses, "" in the database; both are accepted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_null": True, "allow_blank": True, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        value = super().run_validation(data)
        return "" if value is None else value

    def to_representation(self, value: Any) -> Any:
        return value or None


class TimeZoneField(OneLineField):
    """An IANA time zone name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, validators=[validate_timezone], **kwargs)


class LanguageField(serializers.CharField):
    """A supported language, spelt in any way and stored as the product's own code (`es-MX`: `es`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=16, validators=[validate_language], **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        code = super().run_validation(data)
        return supported_language(code) if isinstance(code, str) and code else code


class EmailAddressField(OneLineField, serializers.EmailField):
    """An e-mail address as accounts store it: in lower case, at most 254 characters, none of them invisible (H11)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254, **kwargs})
        self.validators.append(validate_no_invisible)

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).lower()


class PlausibleDateField(serializers.DateField):
    """A date that a schedule can hold. Raises `validation-error` before 2000 and after 2199."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(validate_plausible_date)


class DateOrDatetimeField(PlausibleDateField):
    """A date or a datetime. The serializer, which knows the time zone, converts a datetime to a date (rule R4)."""

    def to_internal_value(self, value: Any) -> datetime.date:
        if isinstance(value, str) and len(value) > len("YYYY-MM-DD"):
            return serializers.DateTimeField().to_internal_value(value)
        return super().to_internal_value(value)


def depth_exceeds(data: Any, maximum: int) -> bool:
    """Whether objects and arrays are nested more than `maximum` levels deep. Not recursive itself."""
    level = [data]
    for _depth in range(maximum):
        level = [
            item
            for outer in level
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(item, dict | list) for item in level)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JsonObjectField(serializers.JSONField):
    """A JSON object of at most `max_bytes` of compact UTF-8 JSON, without NUL, which PostgreSQL cannot store."""

    default_error_messages = {
        "not_an_object": _("Expected a JSON object."),
        "too_large": _("The JSON must not be larger than {limit} bytes."),
        "too_deep": _("The JSON must not be nested more than {limit} levels deep."),
        "nul": _("Null characters are not allowed."),
    }

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        self.max_bytes = max_bytes
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        # The database's JSON encoder is recursive and would fail on data that the parser accepts.
        if depth_exceeds(data, MAX_DEPTH):
            self.fail("too_deep", limit=MAX_DEPTH)
        raw = orjson.dumps(data)
        if len(raw) > self.max_bytes:
            self.fail("too_large", limit=self.max_bytes)
        if b"\\u0000" in raw:
            self.fail("nul")
        return data
