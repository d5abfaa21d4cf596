"""Every list sorts by its documented fields, the same way."""

from typing import Any

import pytest
from django.db.models import QuerySet

from breathecode.common.api.filters import SortFilter
from tests.support.client import error
from tests.support.routes import api_routes

pytestmark = pytest.mark.django_db
# Conflicts are pairs of classes and not rows of a table: events/api/test_conflicts.py sorts them.
PAIRS = "/v1/events/academy/event/liveclass/conflicts"
LISTS = sorted({route.path: route.view for route in api_routes() if route.view.lists and route.path != PAIRS}.items())


def sort_filter_of(view: Any) -> SortFilter:
    return view.filterset_class.base_filters["sort"]


@pytest.mark.parametrize(("path", "view"), LISTS, ids=[path for path, _view in LISTS])
def test_every_list_can_be_sorted(path, view):
    """H8: by each field that it names, either way, in the database."""
    found = sort_filter_of(view)
    rows: QuerySet[Any] = view.filterset_class._meta.model._default_manager.all()
    annotations = {"people_asked", "people_answered", "average", "expires_at", "same_syllabus"}
    for name in set(found.paths) - annotations:
        for direction in ("", "-"):
            assert list(found.filter(rows, [f"{direction}{name}", "-id"])) == []


def test_fields_that_are_documented(call, world):
    """H8: those that the answer shows; another name is told which there are."""
    people = f"/v1/admissions/academy/cohort/{world.cohort.slug}/user"

    def emails(sort: str) -> list[str]:
        rows = call("GET", f"{people}?sort={sort}", as_=world.coordinator, academy=world.miami).json()
        return [row["user"]["email"] for row in rows]

    assert emails("user") == sorted(emails("user"))
    assert emails("-user") == emails("user")[::-1]
    assert emails("role,user") != emails("user")
    answer = call("GET", f"{people}?sort=password", as_=world.coordinator, academy=world.miami)
    assert error(answer) == (400, "invalid-parameter")
    assert "educational_status" in answer.json()["detail"]


def test_members_and_cohorts(call, world):
    """H8: staff by name, cohorts by kickoff; empty ones last either way."""
    members = call("GET", "/v1/auth/academy/member?sort=-email", as_=world.admin, academy=world.miami).json()
    assert [row["email"] for row in members] == sorted((row["email"] for row in members), reverse=True)
    for sort in ("kickoff_date", "-kickoff_date"):
        rows = call("GET", f"/v1/admissions/academy/cohort?sort={sort}", as_=world.admin, academy=world.miami).json()
        dates = [row["kickoff_date"] for row in rows]
        assert dates == sorted(filter(None, dates), reverse=sort[0] == "-") + [None] * dates.count(None)


def test_surveys_sort_by_what_is_counted(call, world):
    """H8, S5: also by averages and numbers, which no table holds."""
    for name in ("average", "people_asked", "people_answered", "cohort", "starting_at"):
        answer = call("GET", f"/v1/feedback/academy/survey?sort=-{name}", as_=world.admin, academy=world.miami)
        assert (answer.status_code, answer.json()) == (200, [])
