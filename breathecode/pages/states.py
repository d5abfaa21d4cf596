"""The state of a class as pages show it: a word and a shape, never a colour alone."""

import datetime
from typing import NamedTuple, Protocol

from django.utils.translation import gettext_lazy as _

SOON = datetime.timedelta(minutes=15)


class State(NamedTuple):
    """`name` is that of the style, `word` is translated, `icon` is one of Lucide's."""

    name: str
    word: object
    icon: str


CANCELLED = State("cancelled", _("cancelled"), "circle-x")
ENDED = State("ended", _("ended"), "circle-check")
NOW = State("now", _("now"), "circle-dot")
SOON_STATE = State("soon", _("soon"), "clock")
MOVED = State("moved", _("moved"), "move-right")
PLANNED = State("planned", "", "")


class Moments(Protocol):
    """What decides the state of a class."""

    @property
    def starting_at(self) -> datetime.datetime: ...
    @property
    def started_at(self) -> datetime.datetime | None: ...
    @property
    def ended_at(self) -> datetime.datetime | None: ...
    @property
    def cancelled_at(self) -> datetime.datetime | None: ...
    @property
    def moved_from(self) -> datetime.datetime | None: ...


def state_of(live_class: Moments, *, now: datetime.datetime) -> State:
    """The first that holds: cancelled, ended, now, soon (within 15 minutes), moved by people; else planned, no word."""
    if live_class.cancelled_at is not None:
        return CANCELLED
    if live_class.ended_at is not None:
        return ENDED
    if live_class.started_at is not None or live_class.starting_at <= now:
        return NOW
    if live_class.starting_at - now <= SOON:
        return SOON_STATE
    return MOVED if live_class.moved_from is not None else PLANNED
