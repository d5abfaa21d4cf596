"""Every way to have the product run statements: routes of the API, pages, the admin, periodic tasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse

from benchmarks.filling.school import School
from breathecode.celery import PERIODIC_TASKS
from breathecode.history.models import Change
from breathecode.pages.urls import urlpatterns as page_patterns
from tests.support.client import Call
from tests.support.flat.explaining import explained_queries
from tests.support.flat.forms import form_of
from tests.support.flat.pages import PAGES
from tests.support.flat.requests import REQUESTS, Request, sent, usual_names
from tests.support.routes import all_routes

PROBES = ("/healthz", "/readyz", "/metrics")
HTML = {"Accept": "text/html"}
SEARCHED = ("web-dev", "student-1@example.org", "987654321", "no such word")  # in the admin


@dataclass(frozen=True)
class Called:
    """`kind` is api, page, admin, probe or task; `name` a path of the routes, a page, a model, an address or a task.

    `method` is of HTTP, SEARCH for the admin's search, and empty for a task.
    """

    kind: str
    method: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.method} {self.name}".replace("  ", " ")


def everything() -> Iterator[Called]:
    """From the product's own lists, so that what is new is here by itself."""
    for route in all_routes():
        for method in sorted({name.upper() for name in ("get", "post", "put", "delete") if hasattr(route.view, name)}):
            yield Called("api", method, route.path)
    for pattern in page_patterns:
        view: Any = getattr(pattern.callback, "view_class", None)
        for method in ("GET", "POST"):
            if pattern.name and method.lower() in view.http_method_names and hasattr(view, method.lower()):
                yield Called("page", method, pattern.name)
    for model in admin.site._registry:
        yield Called("admin", "GET", _admin_name(model))
        if admin.site._registry[model].search_fields:
            yield Called("admin", "SEARCH", _admin_name(model))
    yield from (Called("probe", "GET", path) for path in PROBES)
    yield from (Called("task", "", name) for name in PERIODIC_TASKS)


def row_of(called: Called) -> Request | None:
    """How it is called; None where a row is missing."""
    table = {"api": REQUESTS, "page": PAGES}.get(called.kind, {})
    usual = Request() if called.method in ("GET", "") or called.kind == "admin" else None
    return table.get((called.method, called.name), usual)


# What measures a block, and yields a list that holds what it found at the block's end.
Measuring = Callable[[], AbstractContextManager[list[Any]]]


def measured(called: Called, school: School, measuring: Measuring = explained_queries) -> list[Any]:
    """Calls it; the statements that it ran. Fails where the answer is not what its row says."""
    cache.clear()
    ContentType.objects.clear_cache()
    run = {"api": _api, "page": _page, "admin": _admin, "probe": _probe, "task": _task}[called.kind]
    return run(called, school, measuring)


def _names(path: str, row: Request, school: School) -> dict[str, Any]:
    return usual_names(school, path) | {name: school.rows[key] for name, key in row.names.items()}


def _filled(path: str, names: dict[str, Any]) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda found: str(names[found[1]]), path)


def _api(called: Called, school: School, measuring: Measuring) -> list[Any]:
    row = row_of(called)
    assert row is not None
    names = _names(called.name, row, school)
    call = Call()
    call.key(getattr(school, row.as_))  # signs in, which is measured as a route of its own
    if row.after:
        names["change_id"] = _change(row.after, school)
    with measuring() as found:
        response = _read(_answer(call, called.method, _filled(called.name, names) + row.query, row, school))
    _check(response, row)
    return found


def _answer(call: Call, method: str, address: str, row: Request, school: School) -> Any:
    body = None if row.body is None else row.body(school)
    return call(method, address, as_=getattr(school, row.as_), academy=school.academy, **sent(body))


def _change(before: tuple[str, str], school: School) -> int:
    """Makes the change that is to be undone; its id in the history."""
    row = REQUESTS[before]
    address = _filled(before[1], _names(before[1], row, school))
    _check(_answer(Call(), before[0], address, row, school), row)
    return Change.objects.filter(kind=_kind_of(before[1])).latest("pk").pk


def _kind_of(path: str) -> str:
    return "time_slot" if "/timeslot/" in path else "holiday" if "/holiday/" in path else "cohort"


def _page(called: Called, school: School, measuring: Measuring) -> list[Any]:
    row = row_of(called)
    assert row is not None
    names = _names(called.name, row, school)
    client = _signed_in(school, row.as_)
    if row.after and row.after in REQUESTS:
        names["change_id"] = _change(row.after, school)
    elif row.after:
        client.get(_address(row.after[1], names))
    address = _address(called.name, names) + row.query
    sent = row.body(school) if row.body else {}
    shown = _form(client.get(address), sent) if row.fills else {}
    with measuring() as found, TestCase.captureOnCommitCallbacks(execute=True):
        if called.method == "GET":
            response = _read(client.get(address))
        else:
            response = _read(client.post(address, {**shown, **sent}))
            if row.fills and response.status_code == 200:
                response = client.post(address, _form(response, ()))
    assert not row.fills or response.status_code == 303, (response.status_code, response.content[:500])
    _check(response, row)
    return found


def _form(response: Any, names: Iterable[str]) -> dict[str, Any]:
    return form_of(response.content.decode(), names=names)


def _address(page: str, names: dict[str, Any]) -> str:
    pattern = next(pattern for pattern in page_patterns if pattern.name == page)
    return "/" + _filled(str(pattern.pattern), names)


def _signed_in(school: School, who: str) -> Client:
    client = Client(headers=HTML)
    client.force_login(getattr(school, who))
    return client


def _admin(called: Called, school: School, measuring: Measuring) -> list[Any]:
    """The list and the newest object; or the list with each word to search for."""
    model = next(found for found in admin.site._registry if called.name == _admin_name(found))
    client = _signed_in(school, "superuser")
    addresses = [reverse(f"admin:{called.name}_changelist")]
    newest = model._default_manager.order_by("-pk").first()
    if called.method == "SEARCH":
        addresses = [f"{addresses[0]}?q={word}" for word in SEARCHED]
    elif newest is not None:
        addresses.append(reverse(f"admin:{called.name}_change", args=[newest.pk]))
    with measuring() as found:
        for address in addresses:
            _check(_read(client.get(address)), Request())
    return found


def _admin_name(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _probe(called: Called, school: School, measuring: Measuring) -> list[Any]:
    with measuring() as found:
        response = _read(Client().get(called.name))
    assert response.status_code in (200, 503)
    return found


def _task(called: Called, school: School, measuring: Measuring) -> list[Any]:
    current_app.loader.import_default_modules()
    with measuring() as found, TestCase.captureOnCommitCallbacks(execute=True):
        current_app.tasks[called.name].apply(throw=True)
    return found


def _read(response: Any) -> Any:
    """The answer, read to its end: a report runs its statements as it is read."""
    if response.streaming:
        for _part in response.streaming_content:
            pass
    return response


def _check(response: Any, row: Request) -> None:
    """An error, or a form shown again, ran less than it should."""
    if row.status >= 400:
        assert response.status_code == row.status
    else:
        assert response.status_code < 400, (response.status_code, getattr(response, "content", b"")[:500])
