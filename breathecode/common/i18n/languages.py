"""The product's languages: which one a language code means, and which one a response is in (rule V5)."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header


def supported_language(*codes: str | None) -> str:
    """The first of these codes that the product supports, as the product's own code; otherwise English.

    Codes may be spelt in any way: `es-MX`, `es_MX` and `ES` all mean `es`. Empty and unknown codes are skipped.
    """
    for code in codes:
        found = _variant(code)
        if found is not None:
            return found
    return settings.LANGUAGE_CODE


def _variant(code: str | None) -> str | None:
    if not code:
        return None
    try:
        return translation.get_supported_language_variant(code.strip().replace("_", "-").lower())
    except LookupError:
        return None


def validate_language(code: str) -> None:
    """Raises ValidationError for a language that the product does not support."""
    if _variant(code) is None:
        known = ", ".join(code for code, _name in settings.LANGUAGES)
        raise ValidationError(
            _("%(value)s is not a supported language. Supported languages: %(known)s."),
            "invalid",
            {"value": code, "known": known},
        )


def requested_language(request: HttpRequest) -> str | None:
    """The preferred supported language of `Accept-Language`; None if the header names none (rule V5)."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    for code, quality in accepted:
        if code == "*":
            return None
        if quality > 0 and (found := _variant(code)):
            return found
    return None


def choose_language(request: HttpRequest, *, user: Any = None, fallbacks: Sequence[str | None] = ()) -> None:
    """Activates the user's language, else that of `Accept-Language`, a fallback, or English (rule V5).

    `LanguageMiddleware` deactivates it after the request. Errors are translated when they are rendered, so an error
    that was raised earlier is in this language too.
    """
    own = getattr(user, "language", None)
    translation.activate(supported_language(own, requested_language(request), *fallbacks))


def in_english(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For a view whose response must be in English for everyone, although its texts are translatable."""

    @functools.wraps(view)
    def english(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Stays active after the view, since the response is rendered later. LanguageMiddleware deactivates it.
        translation.activate("en")
        return view(request, *args, **kwargs)

    return english


class LanguageField(models.CharField):  # type: ignore[type-arg]
    """A language code, stored as the product's own code: `es-MX`, `es_MX` and `ES` are stored as `es`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 16, "validators": [validate_language], **kwargs})

    def clean(self, value: Any, model_instance: Any) -> Any:
        """For forms. Raises ValidationError."""
        cleaned = super().clean(value, model_instance)
        return _variant(cleaned) or cleaned
