"""The Django admin as its users fill it in."""

from typing import Any

from django.db import models
from django.test import Client, TestCase
from django.urls import reverse
from model_bakery import generators
from model_bakery.random_gen import gen_email, gen_string, gen_url

# Django's own to a migration, but not to this library.
generators.add("breathecode.common.db.fields.OneLineCharField", gen_string)
generators.add("breathecode.common.db.fields.OneLineEmailField", gen_email)
generators.add("breathecode.common.db.fields.HttpUrlField", gen_url)


def nothing() -> None:
    """A class fills these by itself when it is saved."""


generators.add("breathecode.events.fields.CopiedKey", nothing)
generators.add("breathecode.events.fields.ClassDayField", nothing)


def page(model: type[models.Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def fields_of(response: Any) -> dict[str, Any]:
    """What the browser would send back of an untouched form."""
    form = response.context["adminform"].form
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form[name].value()
        widgets = getattr(field.widget, "widgets", None)
        if widgets:
            parts = field.widget.decompress(value)
            data |= {
                f"{name}_{i}": w.format_value(part) or ""
                for i, (w, part) in enumerate(zip(widgets, parts, strict=True))
            }
        elif value not in (None, False):
            data[name] = getattr(value, "pk", value)
    for inline in response.context["inline_admin_formsets"]:
        data |= fields_of_formset(inline.formset)
    return data


def fields_of_formset(formset: Any) -> dict[str, Any]:
    """Of the rows inside a form: how many there are, what identifies those that exist, and the empty ones to add."""
    management = formset.management_form
    data = {management.add_prefix(name): management[name].value() for name in management.fields}
    for form in formset.initial_forms:
        data[form.add_prefix("id")] = form.instance.pk
    for form in formset.extra_forms:
        data |= {form.add_prefix(name): form[name].value() or "" for name in form.fields}
    return data


def post(root: Client, url: str, **changes: Any) -> Any:
    """Opens the form, changes fields and saves; what was queued on commit runs."""
    data = {**fields_of(root.get(url)), **changes}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return root.post(url, {name: value for name, value in data.items() if value is not None})
