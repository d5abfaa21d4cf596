"""Filters of the admin by rows of another table (rule R6)."""

import pytest
from django.test import Client
from django.urls import reverse

from breathecode.common.admin import filters
from tests.support.queries import captured_queries

ADDRESS = reverse("admin:events_liveclass_changelist")


@pytest.fixture
def root(world) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


def test_a_few_academies_are_links(root, world):
    """R6: with few rows the filter has a link for each, and no field."""
    text = root.get(ADDRESS).content.decode()
    assert f"academy__id__exact={world.miami.pk}" in text
    assert 'name="academy__id__exact"' not in text


def test_of_many_academies_the_id_is_typed(root, world, make_class, monkeypatch):
    """R6: with more rows than links the filter reads no row that was not chosen, and keeps the other filters."""
    make_class(start=24)
    monkeypatch.setattr(filters, "MAX_CHOICES", 1)
    root.get(ADDRESS)  # what is looked up once is not counted
    with captured_queries() as captured:
        text = root.get(ADDRESS, {"moved_by_hand__exact": "0"}).content.decode()
    assert f"academy__id__exact={world.miami.pk}" not in text
    assert 'name="academy__id__exact"' in text
    assert '<input type="hidden" name="moved_by_hand__exact" value="0">' in text
    assert any('"authenticate_academy"."id"' in sql and "LIMIT 2" in sql for sql in captured)


def test_the_chosen_academy_is_shown(root, world, make_class, monkeypatch):
    """R6: the list has its classes only; a value that is not an id is refused as in every filter."""
    make_class(start=24)
    monkeypatch.setattr(filters, "MAX_CHOICES", 1)
    other = world.madrid
    for academy, not_chosen, found in ((world.miami, other, 1), (other, world.miami, 0)):
        response = root.get(ADDRESS, {"academy__id__exact": academy.pk, "when": "all"})
        assert len(response.context["cl"].result_list) == found
        text = response.content.decode()
        assert f"academy__id__exact={academy.pk}" in text
        assert f"academy__id__exact={not_chosen.pk}" not in text
    assert root.get(ADDRESS, {"academy__id__exact": "x"}).status_code == 302
