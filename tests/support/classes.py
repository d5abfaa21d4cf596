"""What the tests of classes share: a fixed hour, and classes placed around it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from breathecode.events.models import LiveClass

NOW = datetime.datetime(2025, 3, 5, 18, 30, tzinfo=datetime.UTC)


@pytest.fixture
def clock():
    """Wednesday 5 March 2025, 13:30 in New York: half an hour before the document's class of that day ends its wait."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def make_class(world):
    """A class made by hand, in hours from now."""
    # Here and not above: conftest names this file as a plugin, which is loaded before Django is set up.
    from breathecode.events.models import LiveClass

    slot = world.time_slot()
    LiveClass.objects.all().delete()

    def make(start: float = 1, length: float = 2, **fields) -> LiveClass:
        starting_at = NOW + datetime.timedelta(hours=start)
        ending_at = starting_at + datetime.timedelta(hours=length)
        given = {"cohort_time_slot": slot, "starting_at": starting_at, "ending_at": ending_at}
        return LiveClass.objects.create(**{**given, **fields})

    return make
