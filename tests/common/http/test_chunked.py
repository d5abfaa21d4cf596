"""Bodies with `Transfer-Encoding: chunked`, sent over a raw socket to the real server."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.support.servers import web_server

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
