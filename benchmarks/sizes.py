"""How much of it: all, what fits into three minutes, or what a test can wait for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Numbers of classes, rounds, joins and mails."""

    generation: dict[int, int]  # classes of a time slot: rounds
    growth: tuple[int, ...]  # classes in all
    feed: int
    servers: int  # started one after the other, for lists
    rounds: int
    requests: int  # in a round
    joins: int
    batch: int  # classes that are due at once, where a batch of the task has as many
    reminders: int
    mails: int
    imported: int  # users
    worker_classes: int
    worker_rounds: int


FULL = Size(
    generation={24: 40, 730: 15, 50_000: 3}, growth=(1_000, 50_000, 1_000_000), feed=8_000, servers=3, rounds=5,
    requests=200, joins=1_500, batch=100, reminders=20_000, mails=5_000, imported=5_000,
    worker_classes=48_000, worker_rounds=5,
)  # fmt: skip
QUICK = Size(
    generation={24: 20, 730: 7, 50_000: 1}, growth=(1_000, 50_000), feed=8_000, servers=1, rounds=3, requests=100,
    joins=600, batch=40, reminders=2_000, mails=1_000, imported=5_000, worker_classes=24_000, worker_rounds=3,
)  # fmt: skip
TINY = Size(
    generation={24: 2}, growth=(200, 1_000), feed=20, servers=1, rounds=1, requests=5, joins=20, batch=4, reminders=20,
    mails=20, imported=20, worker_classes=4_800, worker_rounds=1,
)  # fmt: skip
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}
