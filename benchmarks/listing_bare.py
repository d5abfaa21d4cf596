"""What a list of classes costs at the least: the same statements and orjson, in a WSGI function that knows no Django.

LISTING_SQL names a file with the statements that the product ran, the last of which reads the rows. `/rows` answers
these as flat dicts; `/same` the product's own answer, made of the rows by the product's own function.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django
import orjson
import psycopg

django.setup()  # `as_dict` stands among models; requests do not pass through Django

from breathecode.events.domain.lists.rows import as_dict  # noqa: E402

STATEMENTS: list[str] = json.loads(Path(os.environ["LISTING_SQL"]).read_text())
_local = threading.local()


def _connection() -> "psycopg.Connection[tuple[Any, ...]]":
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    found: psycopg.Connection[tuple[Any, ...]] = _local.connection
    return found


def _rows() -> tuple[list[str], list[tuple[Any, ...]]]:
    with _connection().cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement.encode())
            rows = cursor.fetchall()
        return [column.name for column in cursor.description or ()], rows


def _flat() -> Any:
    names, rows = _rows()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _same() -> Any:
    return [as_dict(row, os.environ["PUBLIC_URL"]) for row in _rows()[1]]


ANSWERS: dict[str, Callable[[], Any]] = {"/healthz": dict, "/rows": _flat, "/same": _same}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = orjson.dumps(ANSWERS[environ["PATH_INFO"]](), option=orjson.OPT_UTC_Z)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
