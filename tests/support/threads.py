"""Two callers at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def together(*calls: Callable[[], Result]) -> list[Result]:
    """Runs each call on a thread and a connection of its own, all let go at once; their results in order."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        try:
            gate.wait(timeout=50)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in calls]]


def meanwhile(call: Callable[[], Result]) -> Result:
    """What another worker does while the caller's transaction is open; on SQLite, which has one writer, within it."""
    return together(call)[0] if connection.vendor == "postgresql" else call()
