"""Takes keys out of what is logged (rule O4): a link that was mistyped or cut holds most of one, wherever it leads."""

import logging
import re
from collections.abc import Callable
from typing import Any

MASK = "…"
# Ours are 40 hexadecimal digits; half of one is as good as told.
_HEX = re.compile(r"[0-9a-fA-F]{20,}")
# Signed ones, others' tokens: long, with capitals and digits, which slugs and file names do not mix.
# Looked for in two steps: lookaheads would read a long path again from each of its characters.
_LONG = re.compile(r"[\w:=.~+-]{20,}", re.ASCII)
_MIXED = [re.compile(kind) for kind in ("[A-Z]", "[a-z]", "[0-9]")]
# Whatever stands where a route expects one, also with a slip in it.
_AFTER_NAME = re.compile(r"((?:token|key|password|secret)=)[^&\s\"']+", re.IGNORECASE)
_WHOLE_KEY = re.compile(r"[0-9a-fA-F]{40,}")
# Written by the product itself; they are made to be searched for.
_IDS = frozenset({"request_id", "task_id", "timestamp", "logger", "task"})


def mask_path(path: str) -> str:
    """A path that somebody asked for, without what looks like a key in it."""
    return _AFTER_NAME.sub(rf"\1{MASK}", _LONG.sub(_mask_mixed, _HEX.sub(MASK, path)))


def _mask_mixed(match: re.Match[str]) -> str:
    return MASK if all(kind.search(match[0]) for kind in _MIXED) else match[0]


def mask_text(text: str) -> str:
    """Any other text, a traceback too: whole keys alone, since names in code are long as well."""
    return _AFTER_NAME.sub(rf"\1{MASK}", _WHOLE_KEY.sub(MASK, text))


def mask_event(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A processor of structlog: every text of a line, whoever logged it."""
    # What Django logs names paths in its sentences, and hands the request over beside them.
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
    """For loggers with handlers of their own: gunicorn's names the path of a request that it fails of."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_path(record.getMessage()), ()
        return True
