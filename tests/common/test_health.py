"""`/healthz` and `/readyz` (rule O1)."""

import pytest
import tzdata
from django.core.cache import cache
from django.db import connection

from breathecode.common import health

ZONE_DATA = {"time_zone_data": tzdata.IANA_VERSION}  # the newest that is installed (G16)
ALL_WELL = {"database": "ok", "cache": "ok", "broker": "ok"}


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_healthz_needs_nothing_but_the_process(client, path):
    """O1: no database, no cache: pytest would fail this test at a query."""
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_readyz_names_its_parts(client, path):
    """O1: database, cache and broker answer."""
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok", "parts": ALL_WELL, **ZONE_DATA})


@pytest.mark.django_db
def test_readyz_says_which_part_fails(client, monkeypatch):
    """O1: 503, and the part by name, not its address."""

    def down(*args, **kwargs):
        raise ConnectionError("redis://user:hunter2@cache:6379")

    monkeypatch.setattr(type(cache._connections[cache._alias]), "set", down)  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "detail": "Not ready: cache.",
        "slug": "not-ready",
        "parts": {**ALL_WELL, "cache": "failing"},
        **ZONE_DATA,
    }
    assert b"hunter2" not in response.content


@pytest.mark.django_db
def test_readyz_notices_a_cache_that_forgets(client, settings):
    """O1: answering is not enough."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert client.get("/readyz").json()["detail"] == "Not ready: cache."


@pytest.mark.django_db
def test_readyz_notices_a_database_that_is_down(client, monkeypatch):
    """O1: and everything else is still asked."""

    def down():
        raise ConnectionError("no route to the database")

    monkeypatch.setattr(connection, "cursor", down)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["parts"]) == (503, {**ALL_WELL, "database": "failing"})


@pytest.mark.django_db
def test_readyz_asks_the_real_broker(client, monkeypatch, valkey):
    """O1: a broker that runs is ok; the same one stopped is failing."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", valkey.url)  # where Celery looks first
    assert client.get("/readyz").json()["parts"] == ALL_WELL
    valkey.stop()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["detail"]) == (503, "Not ready: broker.")


def test_every_part_of_the_product_is_asked():
    """O1: the three that the rule names."""
    assert set(health.CHECKS) == {"database", "cache", "broker"}
