"""A network that loses a server: it passes TCP connections on, until they go mute without being closed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Passes connections to its port on to `target`, a port of 127.0.0.1.

    `vanish()` does what a machine that loses its power does to its clients: connections stay open and nothing comes
    any more. New ones are accepted and mute too, until `come_back()`; those from before stay mute.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._mute = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def vanish(self) -> None:
        self._mute.set()

    def come_back(self) -> None:
        self._mute = threading.Event()

    def close(self) -> None:
        for each in [self._listener, *self._sockets]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                mute = self._mute
                if mute.is_set():
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                self._sockets.append(server)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=(*pair, mute), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, mute: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            if not mute.is_set():
                sink.sendall(data)
    if not mute.is_set():
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def relay(target: int) -> Iterator[Relay]:
    passing = Relay(target)
    try:
        yield passing
    finally:
        passing.close()
