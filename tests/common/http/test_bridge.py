"""Bodies, slow clients and reloads, over raw sockets to the real server."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import threading
import time
import urllib.request
from urllib.parse import urlsplit

import pytest

from breathecode.common.http import bridge
from breathecode.common.http.bridge import MAX_BYTES
from tests.support.servers import web_server

pytestmark = pytest.mark.any_database

CREDENTIALS = json.dumps({"email": "admin@example.org", "password": "pass-word-9"}).encode()
FORM = b"email=admin%40example.org&password=wrong-one"


@pytest.fixture(scope="module")
def site(template):
    with web_server({**template.env, "CELERY_BROKER_URL": ""}) as server:
        yield server.url


def send(site, path, chunks, *, end=b"0\r\n\r\n", **headers):
    """Status and body of the answer to a POST of these chunks."""
    address = urlsplit(site)
    given = {"Host": address.netloc, "Transfer-Encoding": "chunked", "Connection": "close", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:  # the server need not read on after it has answered
            pass
    answer, _separator, content = received.partition(b"\r\n\r\n")
    return int(answer.split()[1]), content


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_json_body_in_chunks_is_read(site, size):
    """H5: however the client cuts it."""
    chunks = [CREDENTIALS[start : start + size] for start in range(0, len(CREDENTIALS), size)]
    status, content = send(site, "/v1/auth/login", chunks, Content_Type="application/json")
    assert status == 200, content
    assert json.loads(content)["email"] == "admin@example.org"


def test_a_body_of_no_bytes_is_an_empty_object(site):
    """H5: as one with `Content-Length: 0`."""
    status, content = send(site, "/v1/auth/login", [], Content_Type="application/json")
    assert (status, json.loads(content)["slug"]) == (400, "validation-error")


def test_the_limit_holds_for_chunks(site):
    """H3: 413 for more than one mebibyte; exactly that much is read."""
    limit = 1024 * 1024
    status, content = send(site, "/v1/auth/login", [b" " * 65536] * 16 + [b"x"], Content_Type="application/json")
    assert (status, json.loads(content)["slug"]) == (413, "payload-too-large")
    status, content = send(site, "/v1/auth/login", [b" " * (limit - 1), b"["], Content_Type="application/json")
    assert (status, json.loads(content)["slug"]) == (400, "malformed-json")


def test_a_form_in_chunks_is_read(site):
    """H3: it reaches the CSRF check of a page, which then says what is missing, and no further."""
    form = {"Content_Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    status, content = send(site, "/sign-in", [FORM], **form)
    assert (status, json.loads(content)["slug"]) == (403, "csrf-failed")


def test_a_file_in_chunks_is_read(site, template):
    """U4: a multipart import, previewed."""
    file = b"email\r\nnew@example.org\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n' + file + b"\r\n--b--\r\n"
    status, content = send(
        site,
        f"/v1/admissions/academy/cohort/{template.cohort}/user/import?dry_run=true",
        [part[:40], part[40:]],
        Content_Type="multipart/form-data; boundary=b",
        Authorization=f"Token {template.token}",
        Academy=template.academy,
    )
    assert status == 200, content
    assert json.loads(content)["created"] == 1


def test_a_chunk_of_no_size_is_refused(site):
    """H3: the web server answers 400 itself, and goes on serving."""
    status, _content = send(site, "/v1/auth/login", [], end=b"zz\r\n{}\r\n", Content_Type="application/json")
    assert status == 400
    assert send(site, "/v1/auth/login", [CREDENTIALS], Content_Type="application/json")[0] == 200


HALF_A_HEAD = b"POST /v1/auth/login HTTP/1.1\r\nHost: 127"
HALF_A_BODY = HALF_A_HEAD + b".0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
UNREAD = b"GET /v1/schema HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n" * 20
HELD = 500  # connections of each kind


@pytest.fixture
def many_sockets():
    """This process holds a client's end of each."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, HALF_A_BODY, UNREAD], ids=["silent", "head", "body", "unread"])
def test_clients_that_wait_hold_up_nobody(site, many_sockets, sent):
    """O1, O7: many more connections than threads send nothing, half a request, or read none of many answers."""
    address = urlsplit(site)
    with contextlib.ExitStack() as held:
        for _ in range(HELD if sent is not UNREAD else 20):
            connection = held.enter_context(socket.create_connection((address.hostname, address.port), timeout=20))
            connection.sendall(sent)
        for _ in range(5):
            assert send(site, "/v1/auth/login", [CREDENTIALS], Content_Type="application/json")[0] == 200


def test_a_client_that_leaves_in_the_middle_of_its_body(site):
    """H3: its request is dropped, and the server goes on."""
    address = urlsplit(site)
    for _ in range(8):  # twice as many as there are threads
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            connection.sendall(HALF_A_BODY)
    assert send(site, "/v1/auth/login", [CREDENTIALS], Content_Type="application/json")[0] == 200


def test_a_body_without_end_is_refused(site):
    """H3: 413, and no more of it is kept than the longest that a route takes."""
    address = urlsplit(site)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(HALF_A_BODY.replace(b"1000", b"10000000000"))
        with contextlib.suppress(ConnectionError):  # it need not read on after it has answered
            connection.sendall(b" " * 2 * MAX_BYTES)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def bridged(application, *, method="POST", receive):
    """What the bridge sends for one request."""
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", b"1000")]
    scope = {"type": "http", "method": method, "raw_path": b"/", "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1)}
    asyncio.run(bridge.WSGIBridge(application, threads=1, max_bytes=1000)(scope, receive, send))
    return sent


def test_a_body_that_takes_too_long(monkeypatch):
    """O7: 408, and what came of it no longer waits on disk."""
    monkeypatch.setattr(bridge, "BODY_SECONDS", 0.05)
    parts = [{"type": "http.request", "body": b"half", "more_body": True}]

    async def receive():
        return parts.pop() if parts else await asyncio.Event().wait()

    start, end = bridged(None, receive=receive)
    assert (start["status"], end["body"]) == (408, b"")


def test_an_answer_to_head_has_no_body():
    """O7: but the length that the body has."""

    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"four"]

    async def receive():
        return {"type": "http.request", "body": b""}

    start, end = bridged(application, method="HEAD", receive=receive)
    assert (start["headers"], end["body"], end["more_body"]) == ([(b"content-length", b"4")], b"", False)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_reload_under_load_loses_no_request(template):
    """O9: three reloads while clients connect, ask and leave; each gets its answer."""
    failed, done, ended = [], [], threading.Event()

    def ask(url):
        while not ended.is_set():
            try:
                with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
                    done.append(answer.status)
            except OSError as error:
                failed.append(error)

    env = {**template.env, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "WEB_CONCURRENCY": "2"}
    with web_server(env) as server:
        clients = [threading.Thread(target=ask, args=(server.url,)) for _ in range(6)]
        for client in clients:
            client.start()
        for number in range(1, 4):
            os.kill(server.pid, signal.SIGHUP)
            ready = 2 * (number + 1)
            server.process.wait_until(lambda: server.log().count("Worker ready") >= ready, seconds=60)  # noqa: B023
        count = len(done)
        while len(done) < count + 20 and not failed:
            time.sleep(0.05)
        ended.set()
        for client in clients:
            client.join()
    assert failed == []
