"""How often somebody may open join links and feeds within a minute."""

import contextlib
import datetime
import http.client
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.test import Client

from breathecode.authenticate.domain.tokens import renew_calendar_token, sign_in
from breathecode.common import request_rates
from breathecode.common.cache_outages import CacheOutage
from breathecode.common.request_rates import JOINS
from breathecode.events.models import ClassJoin
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.product import until
from tests.support.queries import assert_num_queries
from tests.support.servers import web_server

pytestmark = pytest.mark.django_db
FEED = "/v1/events/ical/me"


@pytest.fixture(autouse=True)
def _not_paused(monkeypatch):
    monkeypatch.setattr(CacheOutage, "paused_until", 0.0)


@pytest.fixture
def link(clock, make_class):
    return f"/v1/events/me/event/liveclass/join/{make_class(start=0, remote_meeting_url='https://zoom.us/j/1').hash}"


def browser_of(user, accept="text/html"):
    return Client(headers={"Authorization": f"Token {sign_in(user=user)[0]}", "Accept": accept})


def test_the_joins_of_one_user(world, link, clock, settings):
    """J2: past the limit a page says how long to wait, for clients as JSON; a minute later they join again."""
    settings.JOINS_PER_MINUTE = 2
    student = browser_of(world.student)
    assert [student.get(link).status_code for _ in range(4)] == [302, 302, 429, 429]
    page = student.get(link, headers={"Accept-Language": "es"})
    assert page["Retry-After"] == "60"
    assert "Inténtalo de nuevo en 60 segundos" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    answer = browser_of(world.student, "application/json").get(link)
    assert (error(answer), answer["Retry-After"]) == ((429, "too-many-requests"), "60")
    assert browser_of(world.teacher).get(link).status_code == 302
    clock.shift(datetime.timedelta(minutes=1))
    assert student.get(link).status_code == 302
    assert ClassJoin.objects.filter(user=world.student).count() == 1


def test_what_is_no_join_does_not_count(world, make_class, clock, settings):
    """J3, J9: waiting at the countdown, a link preview and a link that leads nowhere leave the way open."""
    settings.JOINS_PER_MINUTE = 1
    student, start = browser_of(world.student), "/v1/events/me/event/liveclass/join/"
    running = start + make_class(start=0, remote_meeting_url="https://zoom.us/j/1").hash
    coming = start + make_class(start=3).hash
    assert [student.get(coming).status_code for _ in range(3)] == [200] * 3
    assert [student.head(running).status_code for _ in range(3)] == [200] * 3
    assert student.get(start + "ab" * 20).status_code == 404
    assert [student.get(running).status_code for _ in range(2)] == [302, 429]


def test_a_count_that_is_dropped_meanwhile(world, settings, monkeypatch, caplog):
    """J2: a cache that is full or was cleared works."""
    monkeypatch.setattr(caches["requests"], "add", lambda *arguments: False)
    JOINS.count(world.student.pk)
    assert "does not answer" not in caplog.text


def test_a_school_behind_one_address(world, link, settings):
    """J2: what one student uses up is not taken from the others of the same network."""
    settings.JOINS_PER_MINUTE = 1
    for user in (world.student, world.teacher, world.reviewer):
        assert browser_of(user).get(link, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_the_feeds_of_one_user(world, clock, make_class, settings):
    """I1: an unchanged feed counts like any other, and a refusal says when to ask again."""
    settings.FEEDS_PER_MINUTE = 2
    url = f"{FEED}?token={renew_calendar_token(user=world.student)}"
    client = Client()
    etag = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    refused = client.get(url)
    assert error(refused) == (429, "too-many-requests")
    assert refused["Retry-After"] == "60"
    assert Client().get(f"{FEED}?token={renew_calendar_token(user=world.teacher)}").status_code == 200


def test_no_limit(world, settings, monkeypatch):
    """O3: 0 counts nothing."""
    settings.JOINS_PER_MINUTE = 0
    monkeypatch.setattr(caches["requests"], "add", None)
    JOINS.count(world.student.pk)
    assert CacheOutage.paused_until == 0  # it did not fail either


def test_a_cache_that_is_gone(world, link, settings, caplog):
    """O6: joins go on, and wait for it once and not each time."""
    settings.CACHES = {
        name: {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
        for name in ("default", "requests")
    }
    settings.JOINS_PER_MINUTE = 1
    student = browser_of(world.student)
    assert [student.get(link).status_code for _ in range(3)] == [302] * 3
    assert caplog.text.count("the cache does not answer") == 1


def test_it_costs_no_statement(world):
    """Speed: counting is the cache's work."""
    with assert_num_queries(0):
        JOINS.count(world.student.pk)


def test_a_minute_has_a_key_of_its_own(clock, monkeypatch):
    """J2: which the cache drops after it."""
    kept: list[tuple[str, int]] = []

    def add(key, value, timeout):
        kept.append((key, timeout))
        return True

    monkeypatch.setattr(caches["requests"], "add", add)
    JOINS.count(7)
    clock.shift(request_rates.WINDOW)
    JOINS.count(7)
    minute = int(NOW.timestamp()) // 60
    assert kept == [(f"requests:join:7:{minute}", 60), (f"requests:join:7:{minute + 1}", 60)]


def status_of(url, token):
    with contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        connection.request("GET", FEED, headers={"Authorization": f"Token {token}"})
        return connection.getresponse().status


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_web_servers_count_together(template, databases, valkey):
    """I1: where they share a cache."""
    product = template.copy(databases(template.database_url), CACHE_URL=valkey.url, FEEDS_PER_MINUTE="30")
    with web_server(product.env) as one, web_server(product.env) as other:

        def is_refused_by_the_other():
            """Once one has refused; False where a minute ended in between."""
            until(lambda: status_of(one.url, product.token) == 429, seconds=100)
            return status_of(other.url, product.token) == 429

        assert is_refused_by_the_other() or is_refused_by_the_other()
