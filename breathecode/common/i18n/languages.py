"""Which of the product's languages serves a language code, and which one a request is answered in (rule V5)."""

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
    """The first of these codes that the product has texts in, as its own code; else English.

    Codes in any spelling: `es-MX`, `es_MX` and `ES` are all served by `es`. Empty and unknown ones are passed over.
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
    """Raises ValidationError for a code that no language of the product serves."""
    if _variant(code) is None:
        known = ", ".join(code for code, _name in settings.LANGUAGES)
        raise ValidationError(
            _("%(value)s is not a supported language. Supported languages: %(known)s."),
            "invalid",
            {"value": code, "known": known},
        )


def requested_language(request: HttpRequest) -> str | None:
    """The best of `Accept-Language` that the product has texts in; None where the header names none (rule V5)."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    for code, quality in accepted:
        if code == "*":
            return None
        if quality > 0 and (found := _variant(code)):
            return found
    return None


def choose_language(request: HttpRequest, *, user: Any = None, fallbacks: Sequence[str | None] = ()) -> None:
    """Activates the reader's language: the user's own, else `Accept-Language`, else a fallback, else English (rule V5).

    `LanguageMiddleware` ends it with the request. Sentences of errors are rendered afterwards, so one that was raised
    earlier is in this language too.
    """
    own = getattr(user, "language", None)
    translation.activate(supported_language(own, requested_language(request), *fallbacks))


def in_english(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For what is one and the same for everybody: the API's schema, whose texts are translatable too."""

    @functools.wraps(view)
    def english(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Not only while the view runs: it is rendered after that. LanguageMiddleware ends it.
        translation.activate("en")
        return view(request, *args, **kwargs)

    return english


class LanguageField(models.CharField):  # type: ignore[type-arg]
    """A language code, kept as the product's own code: `es-MX`, `es_MX` and `ES` are stored as `es`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 16, "validators": [validate_language], **kwargs})

    def clean(self, value: Any, model_instance: Any) -> Any:
        """For forms. Raises ValidationError."""
        cleaned = super().clean(value, model_instance)
        return _variant(cleaned) or cleaned
