"""What a browser sends for a form of a page: its fields as they are shown, with what is typed over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

Fields = dict[str, list[str]]
_LEFT_OUT = {"csrfmiddlewaretoken"}


class _PostForms(HTMLParser):
    """The fields of each form of `<main>` that is sent by POST, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self._in_main = self._in_form = False
        self._select: tuple[str, list[str], list[str]] = ("", [], [])  # its name, all options, the selected ones
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "main":
            self._in_main = True
        elif tag == "form" and self._in_main and given.get("method") == "post":
            self._in_form = True
            self.forms.append({})
        elif tag == "select":
            self._select = (name, [], [])
        elif tag == "option":
            self._select[1].append(given.get("value", ""))
            self._select[2].extend([given.get("value", "")] if "selected" in given else [])
        elif tag == "textarea":
            self._textarea = name
            self._add(name, "")
        elif tag == "input" and _is_sent(given):
            self._add(name, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._in_form:
            self.forms[-1][self._textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            name, options, selected = self._select
            for value in selected or options[:1]:
                self._add(name, value)

    def _add(self, name: str, value: str) -> None:
        if self._in_form and name not in _LEFT_OUT:
            self.forms[-1].setdefault(name, []).append(value)


def _is_sent(given: Mapping[str, str]) -> bool:
    if given.get("type") in ("checkbox", "radio"):
        return "checked" in given
    return bool(given.get("name")) and given.get("type") not in ("file", "submit")


def form_of(html: str, *, names: Iterable[str]) -> dict[str, Any]:
    """The fields of the page's first form that has one with each of these names, else of its last form."""
    parser = _PostForms()
    parser.feed(html)
    wanted = set(names)
    return next((fields for fields in parser.forms if wanted <= fields.keys()), [{}, *parser.forms][-1])
