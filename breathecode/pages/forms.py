"""Forms of the pages: what was typed stays, each sentence is at its field, the focus is on the first (rule V2)."""

from collections.abc import Mapping
from typing import Any

from django import forms

from breathecode.common.errors import NON_FIELD_ERRORS, ApiError


class PageForm(forms.Form):
    """Moves the focus to the first field that was refused, and takes errors that the domain raised."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

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
