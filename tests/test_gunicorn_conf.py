"""The web server's settings, as the environment sets them, and its reloads."""

from __future__ import annotations

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT
from tests.support.servers import WebServer, web_server

pytestmark = pytest.mark.any_database

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


TWO = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "WEB_CONCURRENCY": "2"}


def count(server: WebServer, words: str) -> int:
    return server.log().count(words)


def children(server: WebServer) -> set[str]:
    return set(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split())


def fewest_that_served(log: str) -> int:
    """How many workers were ready, and not yet ending, at the worst moment since the first reload."""
    start, _hang_up, rest = log.partition("Hang up")
    serving = [start.count("Worker ready")]
    for event in re.findall("Worker (ready|shutting down)", rest):
        serving.append(serving[-1] + (1 if event == "ready" else -1))
    return min(serving)


def reload(server: WebServer, *, exited: int) -> None:
    """Returns when the old workers are gone, and `exited` have been in all."""
    before = children(server)
    os.kill(server.pid, signal.SIGHUP)
    server.process.wait_until(lambda: count(server, "Worker exiting") == exited, seconds=100)
    server.process.wait_until(lambda: not children(server) & before, seconds=100)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_old_workers_serve_until_the_new_ones_have_booted(template, tmp_path):
    """O9: on HUP, as many as before are ready at every moment; afterwards the old ones are gone."""
    with web_server({**template.env, **TWO, "TMPDIR": str(tmp_path)}) as server:
        for exited in (2, 4):
            reload(server, exited=exited)
            assert len(children(server)) == 2
        assert fewest_that_served(server.log()) == 2
        assert list(tmp_path.glob("breathecode-metrics-*"))
        server.stop()
    assert list(tmp_path.glob("breathecode-metrics-*")) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_new_worker_that_is_killed_while_it_boots_is_replaced(template):
    """O9: the old worker serves until the one in its place is ready."""
    with web_server({**template.env, "CELERY_BROKER_URL": ""}) as server:
        (old,) = children(server)
        os.kill(server.pid, signal.SIGHUP)
        server.process.wait_until(lambda: len(children(server)) == 2)
        (killed,) = children(server) - {old}
        os.kill(int(killed), signal.SIGKILL)
        server.process.wait_until(lambda: len(children(server) - {old, killed}) == 1, seconds=100)
        server.process.wait_until(lambda: not children(server) & {old, killed}, seconds=100)
        assert len(children(server)) == 1
        assert fewest_that_served(server.log()) == 1


# As systemd starts it: the socket is file 3, and LISTEN_PID this process.
ACTIVATED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "breathecode.asgi"])
"""


@contextmanager
def started_with(listener: socket.socket, env: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-c", ACTIVATED, str(listener.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[listener.fileno()])
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_requests_wait_during_a_restart_with_a_socket_of_systemd(template):
    """O9: the address stays open while no web server runs, and the next one answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        env = {**os.environ, **template.env, "CELERY_BROKER_URL": "", "PUBLIC_URL": f"http://{host}", "BIND": host}
        env |= {"DJANGO_SETTINGS_MODULE": "breathecode.settings.base", "ALLOWED_HOSTS": "127.0.0.1"}
        with started_with(listener, env), urllib.request.urlopen(f"http://{host}/healthz", timeout=100) as answer:
            assert answer.status == 200
        with socket.create_connection(listener.getsockname(), timeout=100) as waiting:
            waiting.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            with started_with(listener, env):
                assert waiting.recv(100).startswith(b"HTTP/1.1 200")
