"""What a list of classes costs at the least: the same statements, the rows as dicts, orjson. Django has no part in it.

LISTING_SQL names a file with the statements that the product ran, the last of which reads the rows.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import psycopg

STATEMENTS: list[str] = json.loads(Path(os.environ["LISTING_SQL"]).read_text())
_local = threading.local()


def _connection() -> "psycopg.Connection[tuple[Any, ...]]":
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    found: psycopg.Connection[tuple[Any, ...]] = _local.connection
    return found


def _rows() -> bytes:
    with _connection().cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement.encode())
            rows = cursor.fetchall()
        names = [column.name for column in cursor.description or ()]
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], option=orjson.OPT_UTC_Z)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = b"{}" if environ["PATH_INFO"] == "/healthz" else _rows()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
