"""Time slots from a CSV file as a page, with their plan first (rules P11, P1, P2)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass

pytestmark = pytest.mark.usefixtures("clock")
ADDRESS = "/academy/downtown-miami/cohorts/web-dev/slots/import"
GOOD = b"""weekday,starting_at,ending_at,timezone,starts_on,interval
MO WE,18:00,20:00,,,
SA,9:00,13:00,Europe/Madrid,2025-04-01,2
"""


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


@pytest.fixture
def staff(world):
    return browser(world.coordinator)


def file(content):
    return {"file": SimpleUploadedFile("slots.csv", content)}


def hidden(answer):
    """The fields of the plan's form, with its version."""
    form = re.findall(r'<form method="post" class="actions">.*?</form>', answer.content.decode(), re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', form))


def test_a_file(staff, world):
    """P11: its rows in words with the plan, then the time slots and their classes, without choosing the file again."""
    plan = staff.post(ADDRESS, file(GOOD))
    html = plan.content.decode()
    assert "Monday, Wednesday 18:00\u201320:00" in html
    assert "(every 2 weeks)" in html
    assert "New classes" in html
    assert not CohortTimeSlot.objects.exists()
    answer = staff.post(ADDRESS, hidden(plan))
    assert (answer.status_code, answer["Location"]) == (
        303,
        reverse("cohort-slots", args=["downtown-miami", "web-dev"]),
    )
    stored = CohortTimeSlot.objects.order_by("pk").values_list("weekdays", "starting_at", "timezone", "interval")
    assert list(stored) == [(["MO", "WE"], 1800, "America/New_York", 1), (["SA"], 900, "Europe/Madrid", 2)]
    assert LiveClass.objects.filter(cohort=world.cohort).exists()
    assert "There is nothing to import" in staff.post(ADDRESS, file(GOOD)).content.decode()


def test_bad_lines(staff):
    """P11: each with its number and all that is wrong with it, as text; nothing is imported."""
    bad = b"weekday,starting_at,ending_at\n<script>alert(1)</script>,18:00,20:00\nMO,7:00,8:00\nTU,99:00,9:00\n"
    answer = staff.post(ADDRESS, file(bad))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "Line 2:" in html
    assert "Line 4:" in html
    assert "Line 3:" not in html
    assert "&lt;SCRIPT&gt;" in html
    assert "<SCRIPT>" not in html
    assert not CohortTimeSlot.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "column names"),
        (b"starting_at,ending_at\n", "contains no time slots"),
        ("starting_at,ending_at\n9:00,10:00 \u00e9".encode("latin-1"), "UTF-8"),
        (b"starting_at,ending_at\n" + b"9:00,10:00\n" * 120_000, "at most 1024 KiB"),
        (b"=cmd|' /C calc'!A0,ending_at\n9:00,10:00\n", "Unknown column"),
    ],
    ids=["empty", "header alone", "encoding", "large", "formula"],
)
def test_a_file_that_cannot_be_read(staff, content, sentence):
    """P11: the page says what is wrong, and nothing is imported."""
    answer = staff.post(ADDRESS, file(content))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not CohortTimeSlot.objects.exists()


def test_too_many_classes(staff, world):
    """T7: refused with the number before anything is saved."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2199-12-31")
    answer = staff.post(ADDRESS, file(b"weekday,starting_at,ending_at\nMO TU,9:00,10:00\n"))
    assert answer.status_code == 400
    assert "the maximum is 5000" in answer.content.decode()


def test_a_plan_that_is_outdated(staff, world):
    """P2: with other dates of the cohort meanwhile the new plan is shown, and nothing is saved."""
    plan = staff.post(ADDRESS, file(GOOD))
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2025-04-30")
    answer = staff.post(ADDRESS, hidden(plan))
    assert (answer.status_code, CohortTimeSlot.objects.count()) == (412, 0)
    assert staff.post(ADDRESS, hidden(answer)).status_code == 303
    assert CohortTimeSlot.objects.count() == 2


def test_rows_of_another_cohort(staff, world):
    """P11: what is sent back with the plan is signed, for this cohort alone."""
    other = Cohort.objects.create(academy=world.miami, slug="other", name="Other")
    there = reverse("cohort-slot-import", args=["downtown-miami", other.slug])
    rows = hidden(staff.post(there, file(b"weekday,starting_at,ending_at\nMO,9:00,10:00\n")))["rows"]
    for sent in ({"rows": rows, "plan": "x"}, {"rows": "forged"}, {}):
        assert staff.post(ADDRESS, sent).status_code == 400
    assert not CohortTimeSlot.objects.exists()


def test_who_may_not(world):
    """V1, V3: a reader, another academy's cohort, a form without a token."""
    assert browser(world.reader).post(ADDRESS, file(GOOD)).status_code == 404
    assert browser(world.foreign_admin).post(ADDRESS, file(GOOD)).status_code == 404
    theirs = ADDRESS.replace("web-dev", "data")
    assert browser(world.coordinator).post(theirs, file(GOOD)).status_code == 404
    assert browser(world.coordinator, enforce_csrf_checks=True).post(ADDRESS, file(GOOD)).status_code == 403
    assert not CohortTimeSlot.objects.exists()
