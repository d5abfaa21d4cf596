"""Masks keys in logs (rule O4). A mistyped or truncated link contains most of a key, whatever its path."""

import logging
import re
from collections.abc import Callable
from typing import Any

MASK = "…"
# Our keys are 40 hexadecimal digits; half of one must not be logged either.
_HEX = re.compile(r"[0-9a-fA-F]{20,}")
# Signed values and tokens of other services: long, with capitals, small letters and digits, unlike slugs.
# Looked for in two steps: lookaheads would read a long path again from each of its characters.
_LONG = re.compile(r"[\w:=.~+-]{20,}", re.ASCII)
_MIXED = [re.compile(kind) for kind in ("[A-Z]", "[a-z]", "[0-9]")]
# Any value of a parameter that holds a key, including a mistyped one.
_AFTER_NAME = re.compile(r"((?:token|key|password|secret)=)[^&\s\"']+", re.IGNORECASE)
_WHOLE_KEY = re.compile(r"[0-9a-fA-F]{40,}")
# Ids that the product writes itself, for searching the logs.
_IDS = frozenset({"request_id", "task_id", "timestamp", "logger", "task"})


def mask_path(path: str) -> str:
    """A requested path, with everything that looks like a key masked."""
    return _AFTER_NAME.sub(rf"\1{MASK}", _LONG.sub(_mask_mixed, _HEX.sub(MASK, path)))


def _mask_mixed(match: re.Match[str]) -> str:
    return MASK if all(kind.search(match[0]) for kind in _MIXED) else match[0]


def mask_text(text: str) -> str:
    """Any other text, such as a traceback, with whole keys masked: names in code may be long too."""
    return _AFTER_NAME.sub(rf"\1{MASK}", _WHOLE_KEY.sub(MASK, text))


def mask_event(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor that masks all texts of a log line."""
    # Django's messages contain paths, and its records contain the request.
    of_django = str(event.get("logger", "")).startswith("django.")
    masks = {"path": mask_path, "request": mask_path, "event": mask_path if of_django else mask_text}
    return {
        name: value if name in _IDS else _masked(value, masks.get(name, mask_text)) for name, value in event.items()
    }


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {name: _masked(item, mask) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item, mask) for item in value]
    return mask(value if isinstance(value, str) else repr(value))


class MaskKeys(logging.Filter):
    """For loggers with their own handlers: gunicorn's logs the path of a request that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_path(record.getMessage()), ()
        return True
