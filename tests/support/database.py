"""The database of the running tests, for programs that a test starts beside itself."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection


def database_url() -> str:
    """DATABASE_URL of the tests' own database."""
    options = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{options['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**options)


def in_threads(jobs: Iterable[Callable[[], Any]]) -> list[Any]:
    """Runs the jobs at once, each on a database connection of its own; what each returned, or raised, in order."""
    jobs = list(jobs)
    results: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(number: int) -> None:
        try:
            start.wait(timeout=30)
            results[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001  (the test looks at it)
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    assert not any(thread.is_alive() for thread in threads), "a job hangs"
    return results
