"""A child process for a test: its output in a file, its whole group ended on demand or with the test run."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
_GUARD = Path(__file__).with_name("die_with_parent.py")


class ServerError(RuntimeError):
    """A server did not start, or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, below those the kernel lends to outgoing connections.

    So a server that is stopped and started again finds its port free. Not from `random`: its seed is the same
    in every parallel test process.
    """
    for _ in range(200):
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerError("No free port on 127.0.0.1.")


class Process:
    """One run of a command, as the leader of a process group."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        user: str = "",
        death_signal: int = signal.SIGTERM,
    ) -> None:
        guard = [sys.executable, "-I", "-S", str(_GUARD), str(int(death_signal)), str(os.getpid()), user]
        self._log = log
        with log.open("ab") as output:
            self._popen = self._spawn([*guard, *map(str, command)], output, env, cwd)
        self.pid = self._popen.pid

    @staticmethod
    def _spawn(
        command: list[str], output: IO[bytes], env: Mapping[str, str] | None, cwd: Path
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Return once `ready()` is true; ServerError when the process ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running:
                raise ServerError(f"It ended with code {self._popen.returncode}:\n{self.log()[-4000:]}")
            if time.monotonic() > deadline:
                raise ServerError(f"Not ready after {seconds} s:\n{self.log()[-4000:]}")
            time.sleep(0.02)

    def stop(self, how: int = signal.SIGTERM, *, seconds: float = 20) -> None:
        """Ask it to end; what is still there after `seconds`, children included, is killed."""
        if self.running:
            self._popen.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the whole group, at once."""
        with suppress(ProcessLookupError):  # the group may be empty already
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
