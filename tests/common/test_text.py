import pytest

from breathecode.common.text import has_invisible, one_line


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ana\r\nBcc: x@example.org", "Ana Bcc: x@example.org"),
        ("a\u2028b\u2029c\x85d\x0be\tf", "a b c d e f"),
        ("\u200b\ufeff Ana \u2060\u200c\u202c\u200f\u00ad", "Ana"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d💻 class", "👩\u200d💻 class"),
        ("a\x00b", "a b"),
        ("\u00a0a\u3000b ", "a b"),
        ("\u200b", ""),
        ("", ""),
    ],
)
def test_one_line(given, kept):
    """H11: no control character, no line or paragraph separator; joiners inside a word stay."""
    assert one_line(given) == kept


def test_invisible_characters_are_found():
    """H11: an address with an invisible character inside can be told."""
    assert has_invisible("an\u200ba@example.org")
    assert not has_invisible("ana@example.org")
