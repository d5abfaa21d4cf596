"""What periodic tasks have to look at: the cohorts and users that changed since they last did (decision 17).

A task reads its rows, compares what they name with what it wrote last, and deletes the rows of those where it finds
nothing to do. A row that is visible names a change that is visible, so the comparison sees it; a change made meanwhile
adds a row of its own, which stays. What is due is still read from the database as it is: a row says only where.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from breathecode.common.models import PendingCheck

Task = PendingCheck.Task
BATCH_SIZE = 200  # cohorts or users in one comparison
MAX_ROWS = 50_000  # read at once
ROWS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """Cohorts, or users, that a task compares at once, and the rows that name each of them."""

    kind: Literal["cohort", "user"]
    rows: dict[int, list[int]]

    def within(self, *, cohort: str = "cohort", user: str = "user") -> dict[str, Collection[int]]:
        """A condition for `filter()`; the arguments are the lookup paths of the cohort and the user."""
        return {f"{cohort if self.kind == 'cohort' else user}__in": sorted(self.rows)}

    def ids_in(self, pairs: Iterable[tuple[int, int]]) -> set[int]:
        """Those of the scope that pairs of the ids of a user and a cohort name."""
        return {(user_id if self.kind == "user" else cohort_id) for user_id, cohort_id in pairs}


def scopes(task: PendingCheck.Task) -> Iterator[Scope]:
    """All that the task has to look at, in batches, what has waited longest first. One statement."""
    found: dict[Literal["cohort", "user"], dict[int, list[int]]] = {
        "cohort": defaultdict(list),
        "user": defaultdict(list),
    }
    rows = PendingCheck.objects.filter(task=task).order_by("pk").values_list("pk", "cohort_id", "user_id")
    for pk, cohort_id, user_id in rows[:MAX_ROWS]:
        if cohort_id is not None:
            found["cohort"][cohort_id].append(pk)
        elif user_id is not None:
            found["user"][user_id].append(pk)
    batches = [
        Scope(kind, dict(items[start : start + BATCH_SIZE]))
        for kind, by_id in found.items()
        for items in [list(by_id.items())]  # in the order of their oldest rows, as these were read
        for start in range(0, len(items), BATCH_SIZE)
    ]
    yield from sorted(batches, key=lambda scope: min(rows[0] for rows in scope.rows.values()))


def settle(scope: Scope, *, unfinished: Collection[int] = ()) -> int:
    """Deletes the rows of the scope, but one for each cohort or user that is to be looked at again; returns how many.

    It is the newest, so that those that changed before have their turn first.
    """
    done = [pk for id_, rows in scope.rows.items() for pk in (rows[:-1] if id_ in unfinished else rows)]
    parts = (done[start : start + ROWS_PER_STATEMENT] for start in range(0, len(done), ROWS_PER_STATEMENT))
    return sum(PendingCheck.objects.filter(pk__in=part).delete()[0] for part in parts)


def check_users(task: PendingCheck.Task, user_ids: Iterable[int]) -> None:
    """Has the task look at these users, with the caller's transaction."""
    PendingCheck.objects.bulk_create([PendingCheck(task=task, user_id=pk) for pk in user_ids], batch_size=1000)
