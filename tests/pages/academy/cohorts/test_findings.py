"""The diagnosis of a cohort in the words of its pages (rule P7)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Holiday
from breathecode.pages.academy.cohorts.findings import _WORDS
from breathecode.schedules.domain import findings

OVERVIEW = "/academy/downtown-miami/cohorts/web-dev"
# Names of fields and values of the API, hours as it writes them, ids, and addresses for operators.
INTERNAL = re.compile(r"[a-z]+_[a-z]+|[A-Z]{4,}|\b\d{4}-\d{4}\b|time slot \d|/readyz|--sync")


def browser(person):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(person)
    return client


def test_every_finding_has_words():
    """P7: what the API may say, the page can say too, and in no words of programs."""
    assert _WORDS.keys() == findings._TEXTS.keys()
    for detail, what_to_do, (page, link) in _WORDS.values():
        said = re.sub(r"\{\w+\}", "", f"{detail} {what_to_do} {link}")
        assert not INTERNAL.search(said), said
        if page:
            slot = [1] if page == "cohort-slot" else []
            assert reverse(page, args=["academy", "cohort", *slot])


@pytest.mark.usefixtures("clock")
def test_what_the_page_says(world):
    """P7: time slots by their hours, with a link to where it is mended, for those who may."""
    slot = world.time_slot(weekdays=["WE"], timezone="Europe/Madrid")
    Holiday.objects.create(academy=world.miami, name="<i>Break</i>", starts_on="2025-03-01", ends_on="2025-06-30")
    html = browser(world.coordinator).get(OVERVIEW).content.decode()
    warnings = re.findall(r'<li class="warning">.*?</li>', html, re.DOTALL)
    assert warnings
    said = [re.sub(r"<[^>]+>", " ", warning) for warning in warnings]
    assert not [text for text in said if INTERNAL.search(text)], said
    zone = next(warning for warning in warnings if "its time zone is Europe/Madrid" in warning)
    assert "Wednesday 14:00\u201316:00" in zone
    assert f'<a href="{OVERVIEW}/slots/{slot.pk}">Change the time slot</a>' in zone
    assert "&lt;i&gt;Break&lt;/i&gt;" in html
    assert "Change the time slot</a>" not in browser(world.reader).get(OVERVIEW).content.decode()
