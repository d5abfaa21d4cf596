"""Time zones and languages are chosen from lists in the admin (rule R6)."""

import pytest
from django.contrib import admin
from django.test import Client

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy, User
from breathecode.common.admin.choices import KeepingSelect
from tests.support.admin import page, post

FIELDS = [
    (Academy, "timezone"), (Academy, "language"), (Cohort, "timezone"), (Cohort, "language"),
    (CohortTimeSlot, "timezone"), (User, "timezone"), (User, "language"),
]  # fmt: skip


@pytest.fixture
def root(world) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_they_are_lists(root, world, model, name):
    """R6: with an empty choice where the column may be empty."""
    slot = world.time_slot()
    row = {Academy: world.miami, Cohort: world.cohort, CohortTimeSlot: slot, User: world.student}[model]
    form = root.get(page(model, "change", row.pk)).context["adminform"].form
    widget = form.fields[name].widget
    assert isinstance(widget, KeepingSelect)
    assert ("" in dict(widget.choices)) is model._meta.get_field(name).blank
    wanted = "español" if name == "language" else "New York"
    assert wanted in str(form[name])


def test_no_field_was_forgotten():
    """R6: every column of this kind that a form of the admin can write."""
    found = {
        (model, field.name)
        for model in admin.site._registry
        for field in model._meta.fields
        if field.name in ("timezone", "language") and model.__module__.startswith("breathecode.")
    }
    records = {"Survey", "OutgoingMail"}
    assert {pair for pair in found if pair[0].__name__ not in records} == set(FIELDS)


def test_a_stored_value_that_is_not_in_the_list_stays(root, world):
    """R6: a zone of another installation is shown, and saving something else does not change it."""
    Academy.objects.filter(pk=world.miami.pk).update(timezone="US/Eastern")
    url = page(Academy, "change", world.miami.pk)
    form = root.get(url).context["adminform"].form
    assert str(form["timezone"]).count("selected") == 1
    assert '<option value="US/Eastern" selected>' in str(form["timezone"])
    assert post(root, url, name="Renamed").status_code == 302
    world.miami.refresh_from_db()
    assert (world.miami.name, world.miami.timezone) == ("Renamed", "US/Eastern")


def test_one_that_no_installation_knows_is_refused_and_kept(root, world):
    """R6: the form says so at the field, and does not put another in its place."""
    Academy.objects.filter(pk=world.miami.pk).update(timezone="Mars/Olympus")
    answer = post(root, page(Academy, "change", world.miami.pk), name="Renamed")
    form = answer.context["adminform"].form
    assert list(form.errors) == ["timezone"]
    assert '<option value="Mars/Olympus" selected>' in str(form["timezone"])
