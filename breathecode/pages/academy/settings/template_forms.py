"""A schedule template as a form: its name, and a time slot a row. The API's serializers check what they hold."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.domain.queries import syllabi_of_academy
from breathecode.admissions.models import Syllabus
from breathecode.common.errors import ApiError
from breathecode.pages.academy.cohorts.base import checked
from breathecode.pages.academy.cohorts.forms import HoursForm
from breathecode.pages.fields import clock
from breathecode.pages.forms import PageForm
from breathecode.schedules.api.templates import DEFAULTS, MAX_SLOTS
from breathecode.schedules.api.time_slots import HoursSerializer

COUNT = "slots"  # the form field with the number of rows


class NameForm(PageForm):
    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("For example: Evenings."))


class NewTemplateForm(NameForm):
    syllabus = forms.ModelChoiceField(
        label=_("Syllabus"), queryset=Syllabus.objects.none(), required=False, empty_label=_("A new one")
    )
    new_syllabus = forms.CharField(label=_("Name of the new syllabus"), max_length=150, required=False)

    def __init__(self, *args: Any, academy_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["syllabus"].queryset = syllabi_of_academy(academy_id)
        fields["syllabus"].label_from_instance = lambda syllabus: syllabus.name

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("syllabus") and not found.get("new_syllabus"):
            self.add_error("new_syllabus", _("Choose a syllabus, or name a new one."))
        return found


class RowForm(HoursForm):
    timezone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text=_("Empty: the cohort's."),
    )


class Rows:
    """The rows of a form that was sent, or of a template."""

    def __init__(self, forms_: list[RowForm]) -> None:
        self.forms = forms_

    @classmethod
    def of_slots(cls, slots: list[dict[str, Any]]) -> "Rows":
        return cls([RowForm(prefix=f"slot-{number}", initial=_initial(slot)) for number, slot in enumerate(slots)])

    @classmethod
    def sent(cls, data: QueryDict) -> "Rows":
        return cls([RowForm(data, prefix=f"slot-{number}") for number in range(_count(data))])

    @classmethod
    def typed(cls, data: QueryDict, *, but: int | None = None, add: bool = False) -> "Rows":
        """What was typed, unchecked, without the row `but`, and with an empty row at the end."""
        kept = [number for number in range(_count(data)) if number != but]
        slots = [_typed(data, prefix=f"slot-{number}") for number in kept]
        if add and len(slots) < MAX_SLOTS:
            slots.append(_initial({}))
        return cls([RowForm(prefix=f"slot-{number}", initial=slot) for number, slot in enumerate(slots)])

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def bodies(self) -> list[dict[str, Any]]:
        return [form.as_body() for form in self.forms]

    def check(self) -> None:
        """Puts what the API refuses at the row that it is about."""
        for form in self.forms:
            try:
                checked(HoursSerializer(data=form.as_body()))
            except ApiError as problem:
                form.refuse(problem)


def _count(data: QueryDict) -> int:
    text = data.get(COUNT, "")
    return min(int(text), MAX_SLOTS) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _typed(data: QueryDict, *, prefix: str) -> dict[str, Any]:
    form = RowForm(prefix=prefix)
    return {
        name: field.widget.value_from_datadict(data, {}, form.add_prefix(name)) for name, field in form.fields.items()
    }


def _initial(slot: dict[str, Any]) -> dict[str, Any]:
    hours: dict[str, Any] = {name: clock(slot[name]) for name in ("starting_at", "ending_at") if name in slot}
    return {**DEFAULTS, **slot, **hours}
