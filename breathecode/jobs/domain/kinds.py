"""The kinds of jobs. The app that carries a kind out registers it in `AppConfig.ready()` (rule P10)."""

from collections.abc import Callable, Mapping

from breathecode.jobs.models import Job

# Does the unit with this number (from 0) in the caller's transaction; returns numbers to add to the job's result.
# Raises an ApiError where the job cannot be completed; any other exception means that the unit is tried again.
DoUnit = Callable[[Job, int], Mapping[str, int] | None]

_kinds: dict[str, DoUnit] = {}


def register(kind: str, do_unit: DoUnit) -> None:
    """Makes `kind` known to all processes that load the app."""
    _kinds[kind] = do_unit


def unit_of(kind: str) -> DoUnit:
    """Raises KeyError for a kind that no app registered."""
    return _kinds[kind]
