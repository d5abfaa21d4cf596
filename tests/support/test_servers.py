"""The servers that other tests stand on: each starts, answers a real round trip, leaves no process behind."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import redis

from tests.support import postgres as postgres_module
from tests.support import servers
from tests.support.processes import ROOT, Process

pytestmark = pytest.mark.any_database

TINY_CELERY = """
from celery import Celery
import os
app = Celery("tiny", broker=os.environ["CELERY_BROKER_URL"], backend=os.environ["CELERY_BROKER_URL"])
app.conf.broker_connection_retry_on_startup = True

@app.task(name="pid")
def pid():
    return os.getpid()
"""

TINY_WEB = """
async def application(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": scope["path"].encode()})
"""


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def group_is_gone(group: int, *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        members = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        if not any(is_alive(pid) for pid in members if _group(pid) == group):
            return True
        time.sleep(0.05)
    return False


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "school@example.org", to, "Übung ✓"
    message.set_content("Hello")
    return message


def postmaster_pid(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int").fetchone()
    assert row is not None
    return int(row[0])


def test_postgres_answers_in_utc_and_leaves_no_process():
    with servers.postgres() as url:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT 1 + 1, current_setting('TimeZone'), lower('Ñ')").fetchone()
            assert row == (2, "UTC", "ñ")
            pid = postmaster_pid(connection)
        assert is_alive(pid)
    assert group_is_gone(pid)


def test_postgres_runs_from_a_checkout_that_other_users_cannot_enter(monkeypatch):
    monkeypatch.setattr(postgres_module, "_open_to_all", lambda path: path == Path("/tmp"))
    with servers.postgres() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_with_postgres_runs_the_command_and_returns_its_exit_code():
    script = (
        "import os, sys, psycopg; c = psycopg.connect(os.environ['DATABASE_URL']); "
        "sys.exit(c.execute('SELECT 40 + 2').fetchone()[0])"
    )
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "tests.support.with_postgres", sys.executable, "-c", script]
    assert subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 42


def test_valkey_can_be_stopped_and_started_on_the_same_port():
    with servers.valkey() as server:
        first = server.pid
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
            server.stop()
            assert group_is_gone(first)
            with pytest.raises(redis.ConnectionError):
                client.ping()
            server.start()
            assert client.ping()
        last = server.pid
    assert group_is_gone(last)


def test_smtp_sink_keeps_what_it_accepts_and_refuses_whom_it_is_told(smtp_sink):
    smtp_sink.refuse.add("gone@example.org")
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        client.send_message(letter("ana@example.org"))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.send_message(letter("gone@example.org"))
    assert smtp_sink.recipients == ["ana@example.org"]
    assert smtp_sink.messages[0]["Subject"] == "Übung ✓"
    assert smtp_sink.messages[0].get_content() == "Hello\n"


def test_smtp_sink_can_be_stopped_and_started_on_the_same_port(smtp_sink):
    smtp_sink.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", smtp_sink.port)
    smtp_sink.start()
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        client.send_message(letter("ana@example.org"))
    assert smtp_sink.recipients == ["ana@example.org"]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_celery_worker_runs_tasks_and_leaves_no_process(tmp_path, valkey, end):
    (tmp_path / "tiny_celery.py").write_text(TINY_CELERY)
    env = {"CELERY_BROKER_URL": valkey.url, "PYTHONPATH": str(tmp_path)}
    with servers.celery_worker(
        env, "--concurrency=1", "--without-mingle", "--without-gossip", app="tiny_celery"
    ) as worker:
        ask = "import tiny_celery; print(tiny_celery.pid.delay().get(timeout=20))"
        answer = subprocess.run(
            [sys.executable, "-c", ask], env={**os.environ, **env}, capture_output=True, text=True, check=True
        )
        child = int(answer.stdout)
        assert _group(child) == worker.pid != child
        getattr(worker, end)()
        assert not worker.running
        assert group_is_gone(worker.pid)
        assert "ready" in worker.log()


def test_web_server_answers_and_leaves_no_process(tmp_path):
    (tmp_path / "tiny_web.py").write_text(TINY_WEB)
    env = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "PYTHONPATH": str(tmp_path)}
    with (
        servers.web_server(env, app="tiny_web") as server,
        urllib.request.urlopen(f"{server.url}/some/page", timeout=5) as answer,
    ):
        assert answer.read() == b"/some/page"
    assert group_is_gone(server.pid)


def test_web_server_refuses_a_port_that_is_taken(tmp_path):
    """At once, with a sentence that names the way out."""
    (tmp_path / "tiny_web.py").write_text(TINY_WEB)
    env = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "PYTHONPATH": str(tmp_path)}
    with servers.web_server(env, app="tiny_web") as server:
        port = int(server.url.rpartition(":")[2])
        second = subprocess.run(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "tiny_web"],
            env={**os.environ, **env, "PORT": str(port)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert second.returncode == 1
    assert f"Cannot serve on 127.0.0.1:{port}: Address already in use." in second.stderr


def test_a_server_that_cannot_start_says_why():
    server = servers.web_server({"CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}, app="tiny_missing")
    with pytest.raises(servers.ServerError, match="No module named 'tiny_missing'"):
        server.__enter__()


def test_servers_end_when_the_test_run_is_killed(tmp_path):
    script = (
        "import time, psycopg\n"
        "from tests.support import servers\n"
        "from tests.support.test_servers import postmaster_pid\n"
        "with servers.postgres() as url, servers.valkey() as valkey:\n"
        "    with psycopg.connect(url) as connection:\n"
        "        print('pids', postmaster_pid(connection), valkey.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    # For what a killed run leaves; not tmp_path, which is closed to the user that PostgreSQL runs as.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        log = tmp_path / "log"
        run = Process([sys.executable, "-c", script], log=log, env={**os.environ, "TMPDIR": folder})
        run.wait_until(lambda: "pids " in run.log() and run.log().endswith("\n"))
        pids = [int(pid) for pid in run.log().split()[1:]]
        run.kill()
        assert [group_is_gone(pid) for pid in pids] == [True, True]


def test_chromium_path_names_the_browser_or_what_is_missing(monkeypatch, tmp_path):
    browser = tmp_path / "my-browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(browser))
    assert servers.chromium_path() == str(browser)
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(servers.ServerError, match="browser tests need Chromium"):
        servers.chromium_path()
