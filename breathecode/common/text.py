"""Text of one line: names, titles, reasons, e-mail addresses, URLs (rule H11)."""

import re
import unicodedata

# Python's white space, which includes U+0085, U+2028 and U+2029, and the other control characters (Cc).
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def one_line(value: str) -> str:
    """The text without line breaks and control characters: each run of them and of white space becomes one blank.

    Invisible characters (Unicode Cf) are stripped from both ends. Those inside a word stay: some scripts need joiners
    (U+200C, U+200D).
    """
    text = _BREAKS.sub(" ", value)
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while start < end and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def normalize_email(value: str) -> str:
    """An e-mail address as accounts store it: one line, in lower case."""
    return one_line(value).lower()


def has_invisible(value: str) -> bool:
    """Whether the text contains an invisible character (Unicode Cf)."""
    return any(unicodedata.category(char) == "Cf" for char in value)


def _is_blank(char: str) -> bool:
    return char == " " or unicodedata.category(char) == "Cf"
