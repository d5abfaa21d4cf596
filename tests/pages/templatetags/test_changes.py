"""Histories on pages, in people's words (rule P8)."""

import datetime
import re

import pytest
from django.test import Client

from breathecode.admissions.domain.cohorts import add_to_cohort, remove_from_cohort
from breathecode.admissions.models import CohortUser, Holiday, Syllabus
from breathecode.pages.templatetags.changes import _LABELS, _NOT_SHOWN
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
HISTORY = "/academy/downtown-miami/cohorts/web-dev/history"


@pytest.fixture
def staff(world):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.coordinator)
    return client


def lines(html):
    """Each changed field as the page says it, without tags."""
    found = re.findall(r"<span>([^<]+: (?:<(?:ins|del)>.*?))</span>", html)
    return [re.sub(r"<[^>]+>", "", line) for line in found]


def test_a_time_slot(staff, world):
    """P8: hours as on a clock, weekdays, choices and dates in words; what a time slot was made with, without arrows."""
    slot = world.time_slot(weekdays=["MO", "WE"], starts_on=datetime.date(2025, 3, 3))
    slot.starting_at, slot.recurrency_type, slot.weekdays = 905, "MONTHLY", []
    slot.save()
    said = lines(staff.get(HISTORY).content.decode())
    for line in ("Starts at: 14:00 → 09:05", "Repeats: weekly → monthly", "Weekdays: Monday, Wednesday"):
        assert line in said
    for line in ("Starts at: 14:00", "Ends at: 16:00", "Repeats: weekly", "First day: Mon 3 Mar", "Every: 1"):
        assert line in said
    assert not [line for line in said if "1400" in line or "WEEKLY" in line or "->" in line]


def test_what_is_referred_to(staff, world):
    """P8: people, syllabi and cohorts by their names, as text; what is deleted since, without its id."""
    world.student.first_name, world.student.last_name = "<b>Ana</b>", "López"
    world.student.save()
    part = add_to_cohort(cohort=world.cohort, user=world.student, role="ASSISTANT", educational_status="ACTIVE")
    world.cohort.syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    world.cohort.stage, world.cohort.language = "FINAL_PROJECT", "es"
    world.cohort.save()
    remove_from_cohort(part)
    html = staff.get(HISTORY).content.decode()
    said = lines(html)
    assert "Person: &lt;b&gt;Ana&lt;/b&gt; López" in said
    assert "Role: assistant" in said
    assert "Stage: started → final project" in said
    assert "Syllabus: Full Stack" in said
    assert "Language: English → español" in said
    Syllabus.objects.all().delete()
    assert "Syllabus: since deleted" in lines(staff.get(HISTORY).content.decode())


def test_every_field_has_a_label():
    """P8: no name of a field of the API is shown."""
    from breathecode.history.triggers import RECORDED

    kinds = [recorded for recorded in RECORDED if recorded.kind != "member"]  # shown in the admin alone
    missing = {
        (str(recorded.kind), field.name)
        for recorded in kinds
        for field in recorded.fields
        if field.name not in _LABELS and field.name not in _NOT_SHOWN.get(recorded.kind, ())
    }
    assert missing == set()


def test_statements(staff, world):
    """V6: as many for a page of changes as for a few, and at most 12."""
    world.time_slot()
    Holiday.objects.create(
        academy=world.miami, cohort=world.cohort, name="Trip", starts_on="2025-05-01", ends_on="2025-05-01"
    )
    with captured_queries() as few:
        staff.get(HISTORY)
    people = [world.teacher, world.assistant, world.reviewer, world.reader, world.admin]
    for person in people:
        add_to_cohort(cohort=world.cohort, user=person, role="STUDENT", educational_status="ACTIVE")
    assert CohortUser.objects.filter(cohort=world.cohort).count() > len(people)
    with captured_queries() as many:
        staff.get(HISTORY)
    assert len(few) <= len(many) <= 12
