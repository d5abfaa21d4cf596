"""Forms of the pages: what was typed stays, each sentence is at its field, the focus is on the first (rule V2)."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from breathecode.common.errors import NON_FIELD_ERRORS, ApiError
from breathecode.pages.errors import FormOutdated

SEEN = "as_seen"  # the form field with the versions of what the reader saw


class PageForm(forms.Form):
    """Moves the focus to the first field that was refused, and takes errors that the domain raised.

    `stored`: what a form is about that others may change too. Such a form is sent with a version of each value that the
    reader saw, which `check_seen` compares.
    """

    def __init__(self, *args: Any, stored: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        if stored is not None:
            kwargs["initial"] = stored
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self._versions = _versions(stored or {})

    @property
    def seen_name(self) -> str:
        return self.add_prefix(SEEN)

    @property
    def seen(self) -> str:
        """For parts/form.html; empty where nothing is compared."""
        return self.data.get(self.seen_name, "") if self.is_bound else _written(self._versions)

    def check_seen(self, stored: Mapping[str, Any]) -> None:
        """Called under the lock of what is changed, with what is stored then. Raises `form-outdated`.

        Then the fields that others have changed hold what is stored; in the others, what was typed stays.
        """
        now = _versions(stored)
        seen = dict(part.split(":", 1) for part in self.seen.split() if ":" in part)
        changed = [name for name in self.fields if name in seen and name in now and seen[name] != now[name]]
        if not changed:
            return
        data = cast("QueryDict", self.data).copy()
        for name in changed:
            value, key = stored[name], self.add_prefix(name)
            data.setlist(key, list(value) if isinstance(value, list) else [] if value is None else [value])
        data[self.seen_name] = _written(now)
        self.data = data
        raise FormOutdated(changed)

    def refuse(self, problem: ApiError, *, names: Mapping[str, str] | None = None) -> None:
        """Shows the sentences of `problem` at the fields that they are about, else above the form.

        `names` maps a field of the API to the form's, where they differ.
        """
        errors = problem.errors or {NON_FIELD_ERRORS: [str(problem.detail)]}
        for field, sentences in errors.items():
            name = (names or {}).get(field, field)
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, str(sentence))

    def focus(self) -> None:
        """Called before a refused form is shown."""
        name = next((name for name in self.fields if name in self.errors), None)
        if name is not None:
            self.fields[name].widget.attrs["autofocus"] = True


def _versions(stored: Mapping[str, Any]) -> dict[str, str]:
    """By field, 12 characters that differ where the values do; an unordered list counts as one value."""
    texts = {
        name: repr(sorted(map(str, value)) if isinstance(value, list) else value) for name, value in stored.items()
    }
    return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()}


def _written(versions: Mapping[str, str]) -> str:
    return " ".join(f"{name}:{version}" for name, version in versions.items())
