"""Which of the product's languages serves a language code."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _


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
            _("%(value)s is not a supported language; supported are %(known)s."),
            "invalid",
            {"value": code, "known": known},
        )
