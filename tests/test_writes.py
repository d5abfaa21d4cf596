"""The product writes holidays, cohorts, time slots and live classes through functions of the domain alone.

What depends on such a write (locks, checks, versions) is then in one place. Reads the code of all other modules.
"""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Manager, Model, QuerySet

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.authenticate.models import User, UserManager
from breathecode.common.admin import TimestampedAdmin
from breathecode.events.models import LiveClass
from breathecode.jobs.models import Job
from tests.support.processes import ROOT
from tests.support.queries import assert_num_queries

PRODUCT = Path(ROOT) / "breathecode"
WRITTEN_BY_THE_DOMAIN = (Cohort, CohortTimeSlot, Holiday, LiveClass)
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "_raw_delete"}
EXCEPTIONS = {
    # Spreadsheets.
    "attendance/api/report_files.py": ["book.save"],
    "pages/academy/reports/files.py": ["book.save"],
}
OURS = [model for model in apps.get_models() if model.__module__.startswith("breathecode.")]
QUERYSET_WRITES = ("update", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create")
MANAGERS = {
    User: UserManager,  # Django wants `create_user` and `create_superuser`
    Job: type(Job.objects),  # a query by name
}
SAVE_FILLS_IN_FIELDS = {"Cohort", "CohortTimeSlot", "User"}
SAVE_IS_ATOMIC = {"CohortUser"}
MODULES = [
    path
    for path in sorted(PRODUCT.rglob("*.py"))
    if not {"domain", "demo", "migrations"}.intersection(path.relative_to(PRODUCT).parts)
]


def writes_in(source: str) -> list[str]:
    """The calls that write rows, in a module that names one of the models."""
    tree = ast.parse(source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not names & {model.__name__ for model in WRITTEN_BY_THE_DOMAIN}:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [ast.unparse(call.func) for call in calls if is_write(call.func)]


def is_write(function: ast.expr) -> bool:
    assert isinstance(function, ast.Attribute)
    owner = ast.unparse(function.value)
    if owner.startswith("super()"):
        return False
    by_queryset = function.attr == "update" and ("objects" in owner or "filter" in owner or "queryset" in owner)
    return by_queryset or function.attr in WRITES


def test_no_write_outside_of_the_domain():
    """O2, G9: not in the API, the admin, tasks, receivers, pages or commands."""
    found = {str(path.relative_to(PRODUCT)): writes for path in MODULES if (writes := writes_in(path.read_text()))}
    assert found.items() <= EXCEPTIONS.items()


@pytest.mark.parametrize(
    "line",
    ["row.save()", "Cohort.objects.filter(pk=1).update(name='x')", "self.holiday().delete()", "queryset.update(a=1)"],
)
def test_the_check_sees_a_write(line):
    """O2: else the test above would prove nothing."""
    assert writes_in(f"Cohort\n{line}\nfound.update(a=1)") == [ast.unparse(ast.parse(line, mode="eval").body.func)]


@pytest.mark.parametrize("model", WRITTEN_BY_THE_DOMAIN, ids=lambda model: model.__name__)
def test_the_admin_saves_through_the_domain(model):
    """R6, O2: not by the `save()` that it inherits."""
    assert type(admin.site._registry[model]).save_model is not TimestampedAdmin.save_model


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_managers_and_querysets_are_djangos(model):
    """O2, G9, U5: what depends on a write is done by triggers, and no override hides it."""
    assert [
        name for name in QUERYSET_WRITES if getattr(type(model.objects.all()), name) is not getattr(QuerySet, name)
    ] == []
    assert type(model.objects) is MANAGERS.get(model, Manager)
    assert model.delete is Model.delete


def test_few_models_save_otherwise():
    """O2, U5: what the others need is in the domain or in triggers."""
    assert {model.__name__ for model in OURS if "save" in vars(model)} == SAVE_FILLS_IN_FIELDS | SAVE_IS_ATOMIC


@pytest.mark.parametrize("name", sorted(SAVE_FILLS_IN_FIELDS))
def test_a_save_that_fills_in_fields_writes_once(name, world, make_class):
    """O2, U5: it sends no statement but Django's own, so `update()` is worth the same."""
    world.time_slot()
    row = apps.get_model(next(model._meta.label for model in OURS if model.__name__ == name)).objects.first()
    with assert_num_queries(1):
        row.save()
