"""Several callers at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Runs the actions on threads that begin together; answers or raised errors, in the order of the actions."""
    results: list[Any] = [None] * len(actions)
    gate = threading.Barrier(len(actions))

    def run(index: int) -> None:
        try:
            gate.wait(timeout=10)
            results[index] = actions[index]()
        except Exception as error:  # noqa: BLE001  (the test looks at whatever it is)
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a caller still waits"
    return results
