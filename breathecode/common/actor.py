"""Who is writing, and through what: known where work begins, read where the history is written (rule P8).

A middleware says so for requests, and Celery's signals for tasks. Everything else is a command or a shell.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Through(models.TextChoices):
    API = "api", _("API")
    PAGE = "page", _("page")
    ADMIN = "admin", _("admin")
    COMMAND = "command", _("command or shell")
    BUILD = "build", _("build or another task in the background")


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """`request` names the user as soon as they are known, which is after the middleware."""

    through: str = Through.COMMAND.value
    known_id: int | None = None
    request: HttpRequest | None = None

    @property
    def user_id(self) -> int | None:
        """The user's id; None without a signed-in user. Runs no query, since it is read while one runs."""
        user = getattr(self.request, "user", None)
        if hasattr(user, "_wrapped"):  # the session's user, who is read only when a view asks
            user = getattr(self.request, "_cached_user", None)
        found: int | None = getattr(user, "pk", None)
        return self.known_id if found is None else found


NO_REQUEST = Actor()
_current: ContextVar[Actor] = ContextVar("actor", default=NO_REQUEST)


def current_actor() -> Actor:
    return _current.get()


@contextlib.contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """All that the block writes is this actor's."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


# --- Tasks ---------------------------------------------------------------------------------------
HEADER_BY, HEADER_THROUGH = "breathecode_by", "breathecode_through"
BUILDS = "breathecode.schedules.tasks.build_"
_before_task: dict[str, Any] = {}


def send_actor(headers: Any = None, **kwargs: Any) -> None:
    """A task goes on with what a user began: who joins a class starts it, although a worker does."""
    actor = current_actor()
    if actor is not NO_REQUEST and isinstance(headers, dict):
        headers |= {HEADER_BY: actor.user_id, HEADER_THROUGH: actor.through}


def actor_of_task(task: Any) -> Actor:
    """The actor of a task: of a build the build, else what queued the task."""
    current = current_actor()
    user_id = getattr(task.request, HEADER_BY, None) or current.user_id
    through = getattr(task.request, HEADER_THROUGH, None)
    if through is None and task.request.is_eager:
        through = current.through
    if through is None or task.name.startswith(BUILDS):
        through = Through.BUILD.value
    return Actor(through=through, known_id=user_id)


def on_task_prerun(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    _before_task[task_id] = _current.set(actor_of_task(task))


def on_task_postrun(task_id: str = "", **kwargs: Any) -> None:
    if (token := _before_task.pop(task_id, None)) is not None:
        _current.reset(token)


before_task_publish.connect(send_actor)
task_prerun.connect(on_task_prerun)
task_postrun.connect(on_task_postrun)
