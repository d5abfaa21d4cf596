"""`/healthz` and `/readyz` (rules O1, O6)."""

from datetime import timedelta

import pytest
import tzdata
from django.core.cache import cache
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from model_bakery import baker

from breathecode.celery import app
from breathecode.common.observability import beat, health
from breathecode.common.tasks import record_periodic_run
from breathecode.notify.models import OutgoingMail

ZONE_DATA = {"time_zone_data": tzdata.IANA_VERSION}  # the newest that is installed (G16)
ALL_WELL = {"database": "ok", "cache": "ok", "broker": "ok", "beat": "ok", "mail": "ok"}


@pytest.fixture
def beating(db):
    """The periodic tasks have just run."""
    record_periodic_run()


@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_healthz_needs_nothing_but_the_process(client, path):
    """O1: no database, no cache: pytest would fail this test at a query."""
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("beating")
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_readyz_names_its_parts(client, path):
    """O1: database, cache and broker answer, and periodic tasks run."""
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok", "parts": ALL_WELL, **ZONE_DATA})


@pytest.mark.usefixtures("beating")
def test_readyz_says_which_part_fails(client, monkeypatch):
    """O6: requests are answered without a cache, so 200; the part by name, not its address."""

    def down(*args, **kwargs):
        raise ConnectionError("redis://user:hunter2@cache:6379")

    monkeypatch.setattr(type(cache._connections[cache._alias]), "set", down)  # type: ignore[attr-defined]
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "parts": {**ALL_WELL, "cache": "failing"}, **ZONE_DATA}
    assert b"hunter2" not in response.content


@pytest.mark.usefixtures("beating")
def test_readyz_notices_a_cache_that_forgets(client, settings):
    """O1: answering is not enough."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert client.get("/readyz").json()["parts"]["cache"] == "failing"


@pytest.mark.usefixtures("beating")
def test_readyz_notices_a_database_that_is_down(client, monkeypatch):
    """O6: 503 with the names; the others are still checked, except for the beat, which the database would answer."""

    def down():
        raise ConnectionError("no route to the database")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", down)
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "detail": "Not ready: database.",
        "slug": "not-ready",
        "parts": {**ALL_WELL, "database": "failing", "beat": "unknown", "mail": "unknown"},
        **ZONE_DATA,
    }


@pytest.mark.usefixtures("beating")
def test_readyz_asks_the_real_broker(client, monkeypatch, valkey):
    """O1: a broker that runs is ok; the same one stopped is failing."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", valkey.url)  # where Celery looks first
    assert client.get("/readyz").json()["parts"] == ALL_WELL
    valkey.stop()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["parts"]) == (200, {**ALL_WELL, "broker": "failing"})


@pytest.mark.usefixtures("beating")
def test_a_database_that_lacks_a_migration(client):
    """O6: 503, since many requests would fail; one with more than this code knows is ready (an upgrade beside it)."""
    recorder = MigrationRecorder(connection)
    recorder.record_applied("events", "9999_of_the_next_release")
    assert client.get("/readyz").status_code == 200
    app_label, name = max(key for key in recorder.applied_migrations() if key[0] == "jobs")
    recorder.record_unapplied(app_label, name)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["detail"]) == (503, "Not ready: database.")
    assert response.json()["parts"] == {**ALL_WELL, "database": "not-migrated", "beat": "unknown", "mail": "unknown"}


@pytest.mark.usefixtures("beating")
def test_mails_that_are_not_sent(client, world):
    """O6: mail that has waited for a quarter of an hour makes the product degraded; its queue is kept."""
    mail = baker.make(OutgoingMail, state="QUEUED", next_try_at=timezone.now() - timedelta(minutes=14))
    assert client.get("/readyz").json()["parts"]["mail"] == "ok"
    OutgoingMail.objects.filter(pk=mail.pk).update(next_try_at=timezone.now() - timedelta(minutes=16))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["parts"]["mail"]) == (200, "degraded", "waiting")


def beat_state(client):
    answer = client.get("/readyz").json()
    return answer["status"], answer["parts"]["beat"]


def beat_age(client):
    lines = client.get("/metrics").content.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("breathecode_periodic_run_age_seconds "))


@pytest.mark.django_db
def test_a_beat_that_never_ran(client):
    """O1: told apart from one that fell silent; the gauge is infinite, so an alert on a limit sees it."""
    assert beat_state(client) == ("degraded", "never-ran")
    assert beat_age(client) == float("inf")


@pytest.mark.django_db
@pytest.mark.parametrize(("interval", "limit"), [(60, 180), (1, 30)])
def test_a_beat_that_is_silent(client, settings, interval, limit):
    """O1: three sweeps without a run, and half a minute at least."""
    settings.SWEEP_INTERVAL_SECONDS = interval
    now = timezone.now()
    beat.record_run(now=now - timedelta(seconds=limit - 5))
    assert beat_state(client) == ("ok", "ok")
    beat.record_run(now=now - timedelta(seconds=limit + 1))
    assert beat_state(client) == ("degraded", "silent")
    assert limit < beat_age(client) < limit + 60
    record_periodic_run()
    assert beat_state(client) == ("ok", "ok")


def test_the_beat_records_its_runs(settings):
    """O1: by a periodic task of its own, each sweep; a worker sends it as it starts."""
    entry = app.conf.beat_schedule[record_periodic_run.name]
    assert entry["schedule"] == settings.SWEEP_INTERVAL_SECONDS


def test_every_part_of_the_product_is_asked():
    """O1: the parts that the rule names, and the beat; only the database is needed to answer (O6)."""
    assert {*health.CHECKS, *health.REMOTE_CHECKS} == {"database", "cache", "broker", "beat", "mail"}
    assert {"database"} == health.REQUIRED
