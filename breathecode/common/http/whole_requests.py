"""A gunicorn worker that gives a request to a thread once all of it has arrived (rule O7).

gunicorn's own gives a thread to each new connection, and the thread waits for the client: a few that say nothing, or
half of a request, hold all threads. Here they wait in the worker's poller, where they hold a socket and a buffer.
"""

import re
import time
from collections.abc import Callable
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

READ_SECONDS = 30.0  # from the connection, or the answer before, to the last byte of a request
STOP_SECONDS = 2.0
MAX_HEAD = 256 * 1024  # bytes
# Of a body. Larger ones are refused by the views, which read them from the socket themselves, at most to their limit.
MAX_BODY = 2 * 1024 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class PartOfRequest:
    """The bytes of a request that have arrived so far. `greet` is called once if the client waits to be asked."""

    def __init__(self, greet: Callable[[], None]) -> None:
        self.received = bytearray()
        self._greet = greet
        self._head = 0  # its length, once it is there

    def add(self, data: bytes) -> None:
        self.received += data
        if not self._head and (end := self.received.find(_END_OF_HEAD)) >= 0:
            self._head = end + len(_END_OF_HEAD)
            if _EXPECTS.search(self.received, 0, self._head):
                self._greet()

    def take(self) -> bytes:
        """All of it, to be parsed; what comes next is another request."""
        data = bytes(self.received)
        self.received.clear()
        self._head = 0
        return data

    @property
    def too_large(self) -> bool:
        return not self._head and len(self.received) > MAX_HEAD

    @property
    def whole(self) -> bool:
        if not self._head:
            return False
        body = len(self.received) - self._head
        if _CHUNKED.search(self.received, 0, self._head):
            return body > MAX_BODY or self._has_last_chunk()
        found = _LENGTH.search(self.received, 0, self._head)
        return body >= min(int(found[1]) if found else 0, MAX_BODY)

    def _has_last_chunk(self) -> bool:
        """Also true of chunks that are not well-formed: the parser refuses them."""
        at = self._head
        while (end := self.received.find(b"\r\n", at)) >= 0:
            try:
                size = int(self.received[at:end].partition(b";")[0], 16)
            except ValueError:
                return True
            if size <= 0:
                return size < 0 or self.received.find(_END_OF_HEAD, end) >= 0
            at = end + 2 + size + 2
        return False


class WholeRequestWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    _stops_at = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """Called with each new connection, and with a kept one that was answered or became readable."""
        if not hasattr(conn, "part"):
            conn.part = PartOfRequest(partial(_greet, conn.sock))
        if conn.parser:
            conn.part.add(conn.parser.unreader.take_buffered())
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + READ_SECONDS
        # Once in the order of their time-outs, which is that of `pending_conns`, and until it is whole or gone.
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))
        self.on_pending_socket_readable(conn, conn.sock)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        open_, whole = _read(conn), conn.part.whole  # after this line, `part` may be a thread's
        if open_ and not whole:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if whole:  # also from a client that has closed its side of the connection
            super().enqueue_req(conn)
        else:
            self.nr_conns -= 1
            conn.close()

    def murder_pending(self) -> None:
        """As gunicorn's; a worker that stops does not wait for requests that may never come."""
        if not self.alive:
            self._stops_at = self._stops_at or time.monotonic() + STOP_SECONDS
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, self._stops_at)
        super().murder_pending()

    def handle(self, conn: Any) -> Any:
        """On a thread: what was read is parsed first."""
        conn.data_ready = True
        conn.init()
        conn.parser.unreader.unread(conn.part.take())
        return super().handle(conn)


def _read(conn: Any) -> bool:
    """Reads what has arrived. False where nothing more will come, or where it is too much."""
    try:
        data = conn.sock.recv(65_536)
    except BlockingIOError:
        return True
    except OSError:
        return False
    conn.part.add(data)
    return bool(data) and not conn.part.too_large


def _greet(client: Any) -> None:
    """Asks for the body, for a client that waits for that (RFC 9110, 10.1.1)."""
    try:
        client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    except OSError:
        return  # the next read finds out
