"""The web server's settings, as the environment sets them."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from tests.support.processes import ROOT

NAMES = ("BIND", "PORT", "WEB_CONCURRENCY", "CELERY_BROKER_URL")


@pytest.fixture
def load(monkeypatch):
    def load(**environment: str) -> dict[str, Any]:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        # Set, so that nothing is made for it, and put back afterwards.
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    return load


def test_defaults_are_one_process_on_this_machine_only(load):
    """O3: without a variable, one process that only this machine reaches."""
    conf = load()
    assert (conf["bind"], conf["workers"]) == ("127.0.0.1:8000", 1)
    assert (conf["worker_class"], conf["reuse_port"], conf["accesslog"]) == ("asgi", False, None)


def test_a_broker_allows_more_processes(load):
    """O3: `WEB_CONCURRENCY`, 2 by default where there is a broker."""
    broker = "redis://127.0.0.1:6379/0"
    assert load(CELERY_BROKER_URL=broker)["workers"] == 2
    assert load(CELERY_BROKER_URL=broker, WEB_CONCURRENCY="5")["workers"] == 5


def test_several_processes_without_a_broker_are_refused(load):
    """O3: each would have a queue of its own."""
    with pytest.raises(SystemExit, match="WEB_CONCURRENCY=2 needs CELERY_BROKER_URL"):
        load(WEB_CONCURRENCY="2")


def test_bind_overrides_the_port(load):
    """O3: `BIND` takes the place of `PORT`."""
    assert load(PORT="9000")["bind"] == "127.0.0.1:9000"
    assert load(PORT="9000", BIND="0.0.0.0:80")["bind"] == "0.0.0.0:80"


@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY"])
@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_wrong_number_stops_the_start_with_a_sentence(load, name, value):
    """O3: the sentence names the variable and the value."""
    with pytest.raises(SystemExit, match=f"{name} must be a whole number from 1 on, not '{value}'"):
        load(**{name: value})
