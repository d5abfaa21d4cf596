"""What a list of classes costs at the least: the same statements and orjson, in a WSGI function that knows no Django.

LISTING_SQL names a file with the statements that the product ran for each list. The one that reads the rows is the one
with the most columns; each answer is made of the rows by the product's own function.
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

from django.conf import settings  # noqa: E402

from breathecode.common.http.bridge import WSGIBridge  # noqa: E402
from breathecode.events.domain.lists.rows import as_dict  # noqa: E402

STATEMENTS: dict[str, list[str]] = json.loads(Path(os.environ["LISTING_SQL"]).read_text())
LIMITS = {"own": settings.OWN_LIST_DEFAULT_LIMIT, "counted": 20, "academy": settings.LIST_DEFAULT_LIMIT}
_local = threading.local()


def _connection() -> "psycopg.Connection[tuple[Any, ...]]":
    if not hasattr(_local, "connection"):
        # The statements hold the values of one user. Kept prepared they would be planned once for these, which no
        # function can do that serves many.
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=None)
    found: psycopg.Connection[tuple[Any, ...]] = _local.connection
    return found


def _rows(name: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    columns = 0
    with _connection().cursor() as cursor:
        for statement in STATEMENTS[name]:
            cursor.execute(statement.encode())
            rows, width = cursor.fetchall(), len(cursor.description or ())
            if width > columns and ' FROM "events_liveclass"' in statement:
                found, columns = rows, width
    return found[: LIMITS[name]]


def _list(name: str) -> Any:
    return [as_dict(row, os.environ["PUBLIC_URL"]) for row in _rows(name)]


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    name = environ["PATH_INFO"].strip("/")
    body = orjson.dumps(_list(name) if name in STATEMENTS else {}, option=orjson.OPT_UTC_Z)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


# Behind the same bridge as the product, so that both servers read and write alike.
application = WSGIBridge(bare, threads=4, max_bytes=1024)
