"""What can be done with a class now, as links that its page and the calendar show (rules W3, W4, W6, P4, P5)."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from breathecode.pages.states import SOON


class Action(NamedTuple):
    """`icon` is one of Lucide's."""

    url: str
    label: object
    icon: str


class Changeable(Protocol):
    """What decides which changes a class allows."""

    @property
    def pk(self) -> int: ...
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
    @property
    def marked(self) -> bool: ...


def actions_of(live_class: Changeable, *, has_makeup: bool, now: datetime.datetime) -> list[Action]:
    """For readers with `start_or_end_class`, in the order in which they are needed."""
    names = _of_cancelled(has_makeup) if live_class.cancelled_at is not None else _names(live_class, now=now)
    return [
        Action(reverse(f"class-{name}", args=[live_class.pk]) + query, label, icon)
        for name, query, label, icon in names
    ]


Names = Iterator[tuple[str, str, object, str]]


def _of_cancelled(has_makeup: bool) -> Names:
    yield "restore", "", _("Restore"), "rotate-ccw"
    if not has_makeup:
        yield "make-up", "", _("Make up for it"), "calendar-plus"


def _names(live_class: Changeable, *, now: datetime.datetime) -> Names:
    if live_class.ended_at is None:
        yield from _while_open(live_class, now=now)
        yield "substitute", "", _("Substitute"), "user-round-cog"
    yield "edit", "", _("Title and link"), "pencil"


def _while_open(live_class: Changeable, *, now: datetime.datetime) -> Names:
    if live_class.started_at is not None:
        yield "end", "", _("End"), "square"
        return
    if live_class.starting_at - now <= SOON:
        yield "start", "", _("Start"), "play"
    if live_class.marked:
        return
    yield "move", "", _("Move"), "move-right"
    if live_class.moved_from is not None:
        yield "move", "?back=1", _("Move back"), "undo-2"
    yield "cancel", "", _("Cancel"), "circle-x"
