"""What one call costs: CPU of this process, the clock, statements, and the most memory so far."""

import gc
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Milliseconds a call: CPU (median), and on the clock."""

    cpu_ms: float
    p50_ms: float
    p99_ms: float

    def fields(self) -> dict[str, float]:
        return {"cpu_ms": self.cpu_ms, "p50_ms": self.p50_ms, "p99_ms": self.p99_ms}


def cost_of(action: Callable[[], Any], *, times: int) -> Cost:
    return costs_of({"": action}, times=times)[""]


def costs_of(actions: dict[str, Callable[[], Any]], *, times: int) -> dict[str, Cost]:
    """The actions take turns, so that a busy machine slows them alike."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in actions}
    for _time in range(times):
        for name, action in actions.items():
            gc.collect()
            cpu, begun = time.process_time(), time.perf_counter()
            action()
            spent[name].append((time.process_time() - cpu, time.perf_counter() - begun))
    return {name: _cost(pairs) for name, pairs in spent.items()}


def _cost(pairs: list[tuple[float, float]]) -> Cost:
    clock = [seconds for _cpu, seconds in pairs]
    return Cost(statistics.median(cpu for cpu, _seconds in pairs) * 1000, *percentiles(clock))


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000


def statements_of(action: Callable[[], Any]) -> int:
    """How many SQL statements it takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


def peak_mb() -> float:
    """The most memory that this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def computed_seconds(task: Path) -> float:
    """What a process, or a thread, of `/proc` has computed so far; 0 where it has ended.

    The scheduler counts in nanoseconds, where `stat` counts in hundredths.
    """
    try:
        return int((task / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0
