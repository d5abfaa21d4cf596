"""What is read as an id, everywhere (rules H4, L2)."""

import pytest
from django.db.models import Q

from breathecode.common.ids import MAX_ID, id_or_slug, parse_id, split_ids_and_slugs
from tests.support.routes import json_routes

NOT_IDS = [
    "",
    "web-dev",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    "1 2",
    " 1",
    "1\n",
    "²",
    "٣",
    "1\x00",
    "9" * 19,
    str(2**63),
    "9" * 5000,
]


@pytest.mark.parametrize(("text", "pk"), [("0", 0), ("7", 7), ("007", 7), (str(MAX_ID), MAX_ID), ("9" * 18, MAX_ID)])
def test_digits_are_an_id(text, pk):
    """L2: up to 18 digits, which every column of ids can be compared with."""
    assert parse_id(text) == pk < 2**63
    assert id_or_slug(text) == Q(pk=pk)


@pytest.mark.parametrize("text", NOT_IDS)
def test_other_text_is_not_an_id(text):
    """L2: neither signs, spaces and other digits than ASCII's, nor a number that no column can hold."""
    assert parse_id(text) is None
    assert split_ids_and_slugs([text, "12"]) == ([12], [text])
    assert id_or_slug(text) == (Q(pk__in=()) if "\x00" in text else Q(slug=text))


@pytest.mark.parametrize("number", ["9" * 19, str(2**63), "9" * 400])
def test_a_number_beyond_every_id_is_not_found_on_any_route(call, world, number):
    """H4: 404, whatever the route does with the id and whoever asks."""
    routes = [route for route in json_routes() if "<id:" in route.path]
    assert len(routes) > 12
    for route in routes:
        path = route.path.replace("<str:cohort>", "web-dev").replace("<str:syllabus>", "full-stack")
        start, _, end = path.partition("<id:")
        path = start + number + end.partition(">")[2]
        for method in route.methods & {"GET", "PUT", "DELETE"}:
            response = call(
                method, path, as_=world.admin, academy=world.miami, **({"body": {}} if method == "PUT" else {})
            )
            assert response.status_code == 404, path


def test_the_schema_bounds_ids_in_paths(settings):
    """O1: settings cannot import the limit, so they repeat it."""
    assert settings.SPECTACULAR_SETTINGS["PATH_CONVERTER_OVERRIDES"]["id"]["maximum"] == MAX_ID
