"""The web server as a real process while database, cache or broker say nothing, or one is not migrated (O6)."""

import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from tests.support.product import Product, until
from tests.support.relay import relay
from tests.support.servers import web_server

pytestmark = pytest.mark.django_db(transaction=True)
PROMISED = 2.0  # seconds within which an answer comes, whatever hangs
BUSY = 2.0  # seconds more, of a machine that does much else; the best of a few requests keeps the promise itself
LIST = "/v1/events/academy/event/liveclass"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def get(url, **headers):
    """Status, headers, body and seconds of a GET."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode(), time.monotonic() - began
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode(), time.monotonic() - began


def in_time(ask):
    """What `ask` returns, called a few times: each within a busy machine's limit, and one within the promised one."""
    answers = [ask() for _ in range(3)]
    seconds = [answer[-1] for answer in answers]
    assert max(seconds) < PROMISED + BUSY
    assert min(seconds) < PROMISED
    return answers[0]


def test_a_database_that_is_not_migrated(databases):
    """O6: no request can be answered, so /readyz says so, and why."""
    product = Product(databases(), CELERY_BROKER_URL="")
    with web_server(product.env) as web:
        status, answer, _ = in_time(lambda: product.call(web.url, "GET", "/readyz"))
    assert (status, answer["slug"], answer["parts"]["database"]) == (503, "not-ready", "not-migrated")


def test_cache_and_broker_that_say_nothing(template, databases):
    """O6: /readyz is degraded, with their names, and soon; requests are answered."""
    with relay(9) as network:
        network.vanish()
        mute = f"redis://127.0.0.1:{network.port}"
        product = template.copy(
            databases(template.database_url), CACHE_URL=f"{mute}/1", CELERY_BROKER_URL=f"{mute}/0"
        )  # fmt: skip
        with web_server(product.env) as web:
            status, answer, _ = in_time(lambda: product.call(web.url, "GET", "/readyz"))
            assert (status, answer["status"]) == (200, "degraded")
            assert answer["parts"] == {
                "database": "ok", "cache": "failing", "broker": "failing", "beat": "never-ran", "mail": "ok",
            }  # fmt: skip
            assert product.call(web.url, "GET", LIST)[0] == 200


if connection.vendor == "postgresql":  # SQLite has no connection that could be lost

    @contextmanager
    def behind_a_network(template, databases):
        """A product that reaches its database through a network that can fail, and its web server."""
        url = urlsplit(databases(template.database_url))
        with relay(url.port) as network:
            host = f"{url.netloc.rpartition(':')[0]}:{network.port}"
            away = template.copy(urlunsplit(url._replace(netloc=host)), CELERY_BROKER_URL="redis://127.0.0.1:1/0")
            with web_server({**away.env, "WEB_THREADS": "4"}) as web:
                yield network, away, web, urlunsplit(url)

    def test_a_database_that_says_nothing(template, databases):
        """O6: 503 with Retry-After within two seconds: an error for the API, a page for a person; then all is well."""
        with behind_a_network(template, databases) as (network, product, web, _):
            assert product.call(web.url, "GET", LIST)[0] == 200
            network.vanish()  # also the connections that lie in the pool
            status, answer, _ = in_time(lambda: product.call(web.url, "GET", "/readyz"))
            assert (status, answer["parts"]["database"]) == (503, "failing")
            status, answer, _ = in_time(lambda: product.call(web.url, "GET", LIST))
            assert (status, answer["slug"]) == (503, "database-unavailable")
            status, headers, page, _ = in_time(
                lambda: get(f"{web.url}/", Accept=BROWSER, Cookie="sessionid=" + 32 * "a")
            )
            assert (status, headers["Retry-After"], headers.get_content_type()) == (503, "5", "text/html")
            assert "Not available right now" in page
            network.come_back()
            until(lambda: product.call(web.url, "GET", LIST)[0] == 200, seconds=30)
            until(lambda: product.call(web.url, "GET", "/readyz")[0] == 200, seconds=30)

    def while_it_waits(product, web, method, body=None):
        """The answer to a request whose connection is cut while its statement waits for a lock."""
        answers = []
        with psycopg.connect(product.database_url) as locking:
            locking.execute("LOCK TABLE admissions_cohort, events_liveclass IN ACCESS EXCLUSIVE MODE")
            path = LIST if method == "GET" else f"/v1/admissions/academy/cohort/{product.cohort}"
            asking = threading.Thread(target=lambda: answers.append(product.call(web.url, method, path, body)))
            asking.start()
            with psycopg.connect(product.database_url, autocommit=True) as admin:
                cut = (
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                until(lambda: admin.execute(cut).fetchall() != [], seconds=60)
            # Its second try, if there is one, waits here too.
        asking.join(timeout=60)
        return answers[0]

    def test_a_connection_that_breaks_while_it_is_read(product):
        """O6: what only reads is asked again, so that the client notices nothing."""
        with web_server({**product.env, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}) as web:
            assert product.call(web.url, "GET", LIST)[0] == 200
            status, answer, _ = while_it_waits(product, web, "GET")
        assert (status, type(answer)) == (200, list)

    def test_a_connection_that_breaks_while_it_is_written(product):
        """O6: nobody knows whether a write was carried out, so it is 503 and not repeated."""
        with web_server({**product.env, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}) as web:
            assert product.call(web.url, "GET", LIST)[0] == 200
            status, answer, _ = while_it_waits(product, web, "PUT", {"name": "Other"})
            assert (status, answer["slug"]) == (503, "database-unavailable")
            assert product.rows("SELECT name FROM admissions_cohort") == [("Web",)]
