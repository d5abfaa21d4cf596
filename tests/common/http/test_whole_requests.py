"""Clients that say nothing, or half of a request, beside others (rule O7)."""

import contextlib
import socket
import time

import pytest

from breathecode.common.http.whole_requests import MAX_BODY, PartOfRequest
from tests.support.servers import web_server

HEAD = b"POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def port(template):
    with web_server({**template.env, "CELERY_BROKER_URL": "", "WEB_THREADS": "2"}) as web:
        yield int(web.url.rpartition(":")[2])


@contextlib.contextmanager
def connections(port, count, sent=b""):
    """Connections that have sent this and wait."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(count)]
        for each in opened:
            each.sendall(sent)
        yield opened


def is_healthy(client):
    """Whether the answer that this connection gets is that of /healthz, read to its end."""
    answer = b""
    while b'"ok"}' not in answer and (data := client.recv(4096)):
        answer += data
    return answer.startswith(b"HTTP/1.1 200")


def seconds_of_a_request(port):
    began = time.monotonic()
    with connections(port, 1, HEALTH) as [client]:
        assert is_healthy(client)
    return time.monotonic() - began


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /healthz HT",
        HEAD,
        HEAD + b"Content-Length: 40\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "half a chunk"],
)
def test_clients_that_do_not_finish(port, sent):
    """O7: 200 of them hold no thread; gunicorn's own worker waits 5 seconds for each with its 2 threads."""
    with connections(port, 200, sent):
        assert seconds_of_a_request(port) < 5


def test_a_request_in_pieces(port):
    """O7: it is answered once its last piece has come."""
    with connections(port, 1) as [client]:
        for at in range(0, len(HEALTH), 7):
            client.sendall(HEALTH[at : at + 7])
            time.sleep(0.01)
        assert is_healthy(client)


def test_requests_that_follow_each_other(port):
    """O7: on one connection, the second half-sent with the first; each has its answer."""
    with connections(port, 1, HEALTH + HEALTH[:20]) as [client]:
        assert is_healthy(client)
        assert seconds_of_a_request(port) < 5
        client.sendall(HEALTH[20:])
        assert is_healthy(client)


def test_a_client_that_closes_its_side(port):
    """O7: what it asked before is answered."""
    with connections(port, 1, HEALTH) as [client]:
        client.shutdown(socket.SHUT_WR)
        assert is_healthy(client)


def test_a_client_that_waits_to_be_asked_for_its_body(port):
    """O7: as curl does with larger bodies."""
    body = b'{"email": "no@example.org", "password": "x"}'
    with connections(port, 1, HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)) as [client]:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        answer = b""
        while b"invalid-credentials" not in answer and (data := client.recv(4096)):
            answer += data
        assert b"invalid-credentials" in answer


@pytest.mark.parametrize(
    ("head", "body", "whole"),
    [
        (b"\r\n", b"", True),
        (b"Content-Length: 0\r\n\r\n", b"", True),
        (b"content-length:  3 \r\n\r\n", b"ab", False),
        (b"content-length:  3 \r\n\r\n", b"abc", True),
        (b"Content-Length: 99999999\r\n\r\n", b"x" * MAX_BODY, True),  # for the view to refuse
        (CHUNKED, b"3\r\nabc\r\n", False),
        (CHUNKED, b"3\r\nabc\r\n0\r\n\r\n", True),
        (CHUNKED, b"5\r\n0\r\n\r\n", False),  # the end of the data is no end of the chunks
        (CHUNKED, b"0\r\nTrailer: 1\r\n\r\n", True),
        (CHUNKED, b"zz\r\n", True),  # for the parser to refuse
    ],
)
def test_when_a_request_is_whole(head, body, whole):
    """O7: by its length or its last chunk."""
    part = PartOfRequest(greet=lambda: None)
    part.add(HEAD)
    assert not part.whole
    part.add(head + body)
    assert part.whole is whole
    assert part.take() == HEAD + head + body
    assert not part.whole
