"""Serves the WSGI application over ASGI, so that none of its threads ever waits for a client.

A thread gets a request when its body has arrived, and is free when the answer is made: however slowly a client sends
and reads, it costs a socket and some memory, or disk for what is large.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Of a body. Above what any route takes: the answer to a file that is somewhat too large then reaches the browser.
MAX_BYTES = 16 * 1024 * 1024
BODY_SECONDS = 120  # in which a body has to arrive: what came of it waits on disk
_CLOSE = [(b"content-length", b"0"), (b"connection", b"close")]
IN_MEMORY_BYTES = 256 * 1024
CHUNK_BYTES = 64 * 1024


class WSGIBridge:
    """An ASGI application. `max_bytes` limits what is kept of a body; a longer one is left to the limit of its route.

    At most `threads` requests run at once; others wait, without a thread.
    """

    def __init__(self, application: Application, *, threads: int, max_bytes: int) -> None:
        self.application = application
        self.max_bytes = max_bytes
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        body = await self._read_body(receive)
        if body is None:
            await send({"type": "http.response.start", "status": HTTPStatus.REQUEST_TIMEOUT, "headers": _CLOSE})
            await send({"type": "http.response.body", "body": b""})
            return
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, partial(_run, self.application, scope, *body))
        with answer.body:
            await send(answer.start())
            for chunk, is_last in answer.chunks() if scope["method"] != "HEAD" else [(b"", True)]:
                await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})

    async def _read_body(self, receive: Receive) -> tuple[IO[bytes], int] | None:
        """The body and its length, at most `max_bytes` + 1; None where the client went away, or took too long."""
        body = _spooled()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                length = await self._copy_body(receive, body)
        except TimeoutError:
            length = None
        if length is None:
            body.close()
            return None
        body.seek(0)
        return body, length

    async def _copy_body(self, receive: Receive, body: IO[bytes]) -> int | None:
        """Its length; None where the client went away."""
        more, length = True, 0
        while more and length <= self.max_bytes:
            message = await receive()
            if message["type"] != "http.request":
                return None
            length += body.write(message.get("body", b"")[: self.max_bytes + 1 - length])
            more = message.get("more_body", False)
        return length


def _spooled() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)


@dataclass(slots=True)
class _Answer:
    """What the application said: complete, whether the client reads it or not."""

    body: IO[bytes] = field(default_factory=_spooled)
    length: int = 0
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self.write

    def write(self, chunk: bytes) -> None:
        self.length += self.body.write(chunk)

    def start(self) -> Message:
        headers = self.headers
        if self._has_length() and all(name != b"content-length" for name, _value in headers):
            headers = [*headers, (b"content-length", b"%d" % self.length)]
        return {"type": "http.response.start", "status": self.status, "headers": headers}

    def _has_length(self) -> bool:
        """Not an empty body, which may be that of a HEAD: its length is what the GET would have."""
        return self.length > 0 and self.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

    def chunks(self) -> Iterator[tuple[bytes, bool]]:
        """Each with whether it is the last one; an empty one where there is no body."""
        self.body.seek(0)
        left = self.length
        while left > CHUNK_BYTES:
            left -= CHUNK_BYTES
            yield self.body.read(CHUNK_BYTES), False
        yield self.body.read(left), True


def _run(application: Application, scope: Message, body: IO[bytes], length: int) -> _Answer:
    """In a thread. Raises what the application raises."""
    answer = _Answer()
    with body:
        parts = application(_environ(scope, body, length), answer.start_response)
        try:
            for part in parts:
                answer.write(part)
        finally:
            getattr(parts, "close", lambda: None)()
    return answer


def _environ(scope: Message, body: IO[bytes], length: int) -> Environ:
    """As PEP 3333 has it."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"].partition(b"?")[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str((scope.get("client") or ("",))[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"])
    environ["CONTENT_LENGTH"] = str(length)
    return environ


def _add_headers(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """A header that comes several times is joined as RFC 9110 says, a cookie as RFC 9113 does."""
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
