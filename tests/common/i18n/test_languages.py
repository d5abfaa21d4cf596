import pytest
from django.core.exceptions import ValidationError

from breathecode.common.i18n.languages import supported_language, validate_language


@pytest.mark.parametrize("code", ["es", "ES", "es-MX", "es_MX", "es-419", " es-cl "])
def test_spelling_does_not_matter(code):
    """V5: a language is served however its code is written."""
    assert supported_language(code) == "es"
    validate_language(code)


@pytest.mark.parametrize("codes", [(), ("",), (None,), ("de",), ("x" * 600,), ("\x00",)])
def test_what_we_lack_is_english(codes):
    """V5: without a language of ours, texts are English."""
    assert supported_language(*codes) == "en"


def test_the_first_that_we_have():
    """V5: the person's language comes before the cohort's, and one that we lack is passed over."""
    assert supported_language("de", "", "es", "en") == "es"


def test_unsupported_language_is_refused():
    """V5: a language that the product lacks is refused where it is set."""
    with pytest.raises(ValidationError):
        validate_language("de")
