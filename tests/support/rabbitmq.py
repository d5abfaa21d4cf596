"""A RabbitMQ server for a test: Debian's package, on ports and in a folder of its own, on 127.0.0.1 alone."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import Process, ServerError, free_port

# The program behind the package's wrapper, which would change the user.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 120


class RabbitMQ:
    """Can be killed and started again on the same port; what it kept on disk is there again."""

    def __init__(self, folder: Path, *, epmd_port: int) -> None:
        self.folder, self.epmd_port = folder, epmd_port
        self.port, self.distribution_port = free_port(), free_port()
        self.process: Process | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        log = self.folder / "rabbitmq.log"
        self.process = Process([PROGRAM], log=log, env=self._environment(), cwd=self.folder)
        self.process.wait_until(self._answers, seconds=START_SECONDS)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),  # the cookie lies there
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODENAME": f"test-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
        }

    def _answers(self) -> bool:
        """Does it speak AMQP? A wrong header is answered with the right one."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x00\x00")
                return connection.recv(8).startswith(b"AMQP")
        except OSError:
            return False


@contextmanager
def rabbitmq() -> Iterator[RabbitMQ]:
    """Raises `ServerError` where RabbitMQ is not installed."""
    epmd = shutil.which("epmd")
    if not PROGRAM.exists() or epmd is None:
        raise ServerError("These tests need RabbitMQ: `make rabbitmq` installs Debian's package rabbitmq-server.")
    folder = Path(tempfile.mkdtemp(prefix="breathecode-rabbitmq-"))
    port = free_port()
    names = Process([epmd, "-address", "127.0.0.1", "-port", str(port)], log=folder / "epmd.log")
    server = RabbitMQ(folder, epmd_port=port)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        names.kill()
        shutil.rmtree(folder, ignore_errors=True)
