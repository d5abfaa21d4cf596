"""`/academy/<slug>/cohorts/<slug>/new-class` (rules W1, P6, V1, V3)."""

import datetime

import pytest

from breathecode.events.models import LiveClass
from tests.pages.academy.classes.conftest import hidden_fields, text_of

pytestmark = pytest.mark.usefixtures("clock")
URL = "/academy/downtown-miami/cohorts/web-dev/new-class"


@pytest.fixture
def slot(world):
    return world.time_slot()


def typed(slot, **fields):
    return {"day": "2025-03-08", "starts": "10:00", "ends": "12:00", "time_slot": slot.pk, **fields}


def test_a_class_by_hand(world, slot, browser):
    """W1: shown first, then made: no schedule touches it, and its title, link and teacher are what was typed."""
    coordinator = browser(world.coordinator)
    assert "Weekly 14:00" in text_of(coordinator.get(URL))
    more = {"title": "Guest", "remote_meeting_url": "https://meet.example.org/3", "teacher": world.staff_teacher.pk}
    plan = coordinator.client.post(URL, typed(slot, **more))
    assert "Sat 8 Mar 10:00" in text_of(plan)
    assert LiveClass.objects.count() == 0
    answer = coordinator.client.post(URL, hidden_fields(plan.content.decode()))
    made = LiveClass.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/classes/{made.pk}")
    assert made.starting_at == datetime.datetime(2025, 3, 8, 15, tzinfo=datetime.UTC)
    assert (made.title, made.teacher, made.planned_date) == ("Guest", world.staff_teacher, None)
    again = coordinator.client.post(URL, hidden_fields(plan.content.decode()))
    assert again.status_code == 409
    assert "There is a class of this time slot at this time already" in text_of(again)
    assert LiveClass.objects.count() == 1


def test_ids_of_others(world, slot, browser):
    """W1, P4: time slots and users of another academy cannot be chosen, typed by hand or not."""
    foreign = world.time_slot(cohort=world.other_cohort)
    coordinator = browser(world.coordinator)
    for field, value in (("time_slot", foreign.pk), ("teacher", world.foreign_admin.pk), ("teacher", world.student.pk)):
        answer = coordinator.client.post(URL, typed(slot, **{field: value}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert browser(world.foreign_admin).get(URL).status_code == 404
    assert LiveClass.objects.count() == 0


def test_what_changed_since(world, slot, browser):
    """P2, P6: where the plan would be another one by now, it is shown again and nothing is made."""
    coordinator = browser(world.coordinator)
    plan = coordinator.client.post(URL, typed(slot))
    start = datetime.datetime(2025, 3, 8, 16, tzinfo=datetime.UTC)
    LiveClass.objects.create(cohort_time_slot=slot, starting_at=start, ending_at=start + datetime.timedelta(hours=1))
    answer = coordinator.client.post(URL, hidden_fields(plan.content.decode()))
    assert answer.status_code == 412
    assert "The cohort has another class at this time." in text_of(answer)
    assert LiveClass.objects.count() == 1


def test_a_cohort_without_time_slots(world, browser):
    """W1: a class belongs to one, so the page leads to the first."""
    html = browser(world.coordinator).get(URL).content.decode()
    assert "/academy/downtown-miami/cohorts/web-dev/slots/new" in html
    assert 'name="day"' not in html
    assert browser(world.coordinator).client.post(URL, {"day": "2025-03-08"}).status_code == 400
