"""Where `Cohort.history_log` is read: `attendance`, which lies above this app, registers the function (rule A4)."""

from collections.abc import Callable
from typing import Any

# By ISO date, oldest first: the entries of the document's format.
HistoryLog = dict[str, dict[str, Any]]
HistoryLogReader = Callable[[int], HistoryLog]

_readers: list[HistoryLogReader] = []


def register_history_log_reader(reader: HistoryLogReader) -> None:
    """`reader` returns the log of the cohort with this id. The one registered last is used."""
    _readers[:] = [reader]


def read_history_log(cohort_id: int) -> HistoryLog:
    """Raises RuntimeError where no app has registered a reader."""
    if not _readers:
        raise RuntimeError("No reader of history_log is registered: is breathecode.attendance installed?")
    return _readers[0](cohort_id)
