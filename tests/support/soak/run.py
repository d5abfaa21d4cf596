"""One soak from start to end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.daily_use import DailyUse
from tests.support.soak.checks import MIB, grown, memory_of, problems
from tests.support.soak.drills import OTHERS, REPLACING, run_drills
from tests.support.soak.load import Load, Seen
from tests.support.soak.site import Site, site

SAMPLE = 1.0  # seconds


@dataclass
class Result:
    """What a soak found: `problems` is empty where all is well; `memory` has bytes by process, see `memory_of`."""

    seen: Seen
    drills: list[str]
    memory: dict[str, tuple[int, int]]
    problems: list[str]
    mails: int

    def text(self) -> str:
        """The figures, for a terminal."""
        memory = ", ".join(f"{name}: {a / MIB:.0f} to {b / MIB:.0f}" for name, (a, b) in self.memory.items())
        return "\n".join(
            [
                f"answered: {dict(self.seen.answered)}",
                f"503 with Retry-After, asked again: {dict(self.seen.retried)}; longest wait {self.seen.slowest:.1f} s",
                f"classes by hand: {len(self.seen.classes)}; joins: {len(self.seen.joins)}; mails: {self.mails}",
                f"drills: {', '.join(self.drills)}",
                f"memory of each process, MiB: {memory}",
                *(f"PROBLEM: {problem}" for problem in self.problems),
            ]
        )


@contextmanager
def _sampled(running: Site) -> Iterator[list[dict[str, int]]]:
    """Looks at the memory of each process while the block runs, and once more at its end."""
    samples, over = [running.memory()], threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE):
            samples.append(running.memory())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()
        samples.append(running.memory())


def soak(*, seconds: float, pause: float) -> Result:
    """Load for `seconds`, with a drill every `pause` seconds; then waits until all is done and looks.

    In the second half no drill replaces processes, so that these show whether they grow.
    """
    with site() as running:
        load = Load(running, DailyUse(running.product, running.web.url))
        # Drills in this thread, since Linux ends what a thread started together with the thread.
        with load:
            done = run_drills(running, (*REPLACING, *OTHERS), seconds=seconds / 2, pause=pause)
            load.warm_up()
            with _sampled(running) as samples:
                done += run_drills(running, OTHERS, seconds=seconds / 2, pause=pause)
        memory = memory_of(samples)
        found = [*problems(running, load.seen, drills=done), *grown(memory)]
        return Result(load.seen, done, memory, found, len(running.mails.messages))
