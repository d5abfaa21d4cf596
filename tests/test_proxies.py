"""The product behind nginx and Caddy, as the samples of `deploy/` set them up (rule O3)."""

import contextlib
import json
import re
import socket
import urllib.parse

import pytest

from tests.support.proxies import HOST, Caddy, Nginx, proxy
from tests.support.servers import web_server

pytestmark = pytest.mark.any_database

MEETING = "https://zoom.us/j/1"
TEACHER = """
import datetime, json
from django.utils import timezone
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
cohort, now = Cohort.objects.get(), timezone.now()
user = User.objects.create_user("teacher@example.org")
CohortUser.objects.create(cohort=cohort, user=user, role="TEACHER")
slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600, timezone="UTC")
# Made by hand, so that it can be now; the slot's own classes lie ahead.
hour = datetime.timedelta(hours=1)
live_class = LiveClass.objects.create(cohort_time_slot=slot, starting_at=now - hour, ending_at=now + hour)
print(json.dumps([live_class.hash, sign_in(user=user)[0]]))
"""


@pytest.fixture(scope="module")
def site(template, databases):
    return template.copy(
        databases(template.database_url),
        PUBLIC_URL=f"https://{HOST}",
        ALLOWED_HOSTS=f"{HOST},localhost,127.0.0.1",
        TRUSTED_PROXY_COUNT="1",
        LOGIN_FAILURES_PER_ADDRESS="1",
        CELERY_BROKER_URL="",
    )


@pytest.fixture(scope="module")
def web(site):
    with web_server(site.env) as server:
        yield server


@pytest.fixture(scope="module", params=[Nginx, Caddy])
def front(request, web):
    with proxy(request.param, web.url) as server:
        yield server


@pytest.fixture(scope="module")
def live_class(site):
    """Its hash, and the token of its teacher."""
    return json.loads(site.python(TEACHER).stdout.splitlines()[-1])


def test_http_is_sent_to_https(front):
    """O3: to the same address, with its query; a line break in it begins no header."""
    for path in ("/calendar?week=2", "/a%0d%0aSet-Cookie:%20a=b"):
        answer = front.request("GET", path, https=False)
        assert answer.status in (301, 308)
        assert answer.headers["Location"] == f"https://{HOST}{path}"
        assert "Set-Cookie" not in answer.headers


def test_no_token_is_in_the_logs(front, live_class):
    """O4, J3: a join link leads to the meeting; neither its token, hash nor the meeting's address is written down."""
    hash_, token = live_class
    path = f"/v1/events/me/event/liveclass/join/{hash_}"
    front.request("GET", f"{path}?token={token}", https=False)
    answer = front.request("GET", f"{path}?token={token}", headers={"Referer": f"https://{HOST}/?token={token}"})
    assert (answer.status, answer.headers["Location"]) == (302, MEETING)
    front.request("GET", "/v1/auth/user/me", headers={"Authorization": f"Token {token}"})
    front.process.wait_until(lambda: "/v1/auth/user/me" in front.log())
    assert "/liveclass/join/..." in front.log()
    for secret in (token, hash_, MEETING):
        assert secret not in front.log()


def test_sign_in_on_a_page(front):
    """O3, O4: CSRF and session cookies are sent over https alone, and the form is accepted from there."""
    page = front.request("GET", "/sign-in")
    assert page.headers["Strict-Transport-Security"]
    cookie = page.headers["Set-Cookie"]
    assert "secure" in cookie.lower()
    form = {
        "csrfmiddlewaretoken": re.findall(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.body)[0].decode(),
        "email": "admin@example.org",
        "password": "pass-word-9",
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": cookie.partition(";")[0],
        "Origin": f"https://{HOST}",
    }
    answer = front.request("POST", "/sign-in", urllib.parse.urlencode(form).encode(), headers)
    assert answer.status in (302, 303)
    (session,) = [cookie for cookie in answer.headers.get_all("Set-Cookie", []) if "sessionid" in cookie]
    assert "secure" in session.lower()
    headers["Origin"] = "https://evil.example.org"
    assert front.request("POST", "/sign-in", urllib.parse.urlencode(form).encode(), headers).status == 403


def test_a_forged_address_is_not_believed(front):
    """O4: two wrong passwords "from" one address; were it believed, the second would be one too many."""
    for email in ("one@example.org", "two@example.org"):
        body = json.dumps({"email": email, "password": "wrong-one"}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "http",
        }
        answer = front.request("POST", "/v1/auth/login", body, headers)
        assert answer.status in (400, 401), answer.body


def test_metrics_are_not_public(front):
    """O9: Caddy keeps them from everybody, nginx from all but this machine."""
    assert front.request("GET", "/metrics").status == (404 if isinstance(front, Caddy) else 200)


def multipart(file: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    return head + file + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("size", "status", "slug"),
    [(1_000_000, 400, "validation-error"), (3_000_000, 413, "payload-too-large"), (17_000_000, 413, None)],
)
def test_large_files(front, site, size, status, slug):
    """H5: a file that may be imported reaches the program, which itself says what is too large, up to 16 MiB."""
    path = f"/v1/admissions/academy/cohort/{site.cohort}/user/import?dry_run=true"
    headers = {
        "Authorization": f"Token {site.token}",
        "Academy": str(site.academy),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    row = b"student@example.org,Ana," + b"x" * 1000 + b"\n"
    file = b"email,first_name,last_name\n" + row * (size // len(row))
    answer = front.request("POST", path, multipart(file), headers)
    assert answer.status == status, answer.body[:500]
    assert slug is None or json.loads(answer.body)["slug"] == slug


def is_ended(connection: socket.socket) -> bool:
    """Whether the proxy ends a connection, with or without a 408, before it is asked for anything."""
    try:
        return b" 200 " not in connection.recv(1000)
    except ConnectionResetError:
        return True


def test_slow_clients_hold_up_nobody(front):
    """O7: with 200 half requests open, others are answered, and the proxy ends the slow ones."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(front.connect()) for _ in range(200)]
        for connection in slow:
            connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())
        assert front.request("GET", "/healthz").status == 200
        assert all(is_ended(connection) for connection in slow)
