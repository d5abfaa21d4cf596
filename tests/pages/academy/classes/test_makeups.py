"""`/classes/<id>/make-up` (rules P5, N2, V1, V3)."""

import re
from datetime import timedelta

import pytest

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import AcademyMember
from breathecode.events.models import LiveClass
from tests.pages.academy.classes.conftest import hidden_fields, text_of
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def missed(world, make_class):
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date="2025-01-15", ending_date="2025-06-30")
    return make_class(start=24, cancelled_at=NOW, title="Loops", remote_meeting_url="https://meet.example.org/9")


def path_of(live_class):
    return f"/classes/{live_class.pk}/make-up"


def test_three_proposals(world, missed, browser, told):
    """P5: three moments at which everybody is free, each a button; what the new class has of the old one."""
    told(missed, world.student, cancelled=True)
    LiveClass.objects.filter(pk=missed.pk).update(teacher=world.staff_teacher)
    coordinator = browser(world.coordinator)
    html = coordinator.get(path_of(missed)).content.decode()
    assert "The class that makes up" not in html
    proposals = re.findall(r'<input type="hidden" name="day" value="([^"]+)">', html)
    assert len(proposals) == 3
    assert 'aria-label="Choose Wed 12 Mar 14:00"' in html
    plan = coordinator.client.post(path_of(missed), {"day": proposals[1], "starts": "14:00", "ends": "16:00"})
    words = text_of(plan)
    assert "Makes up for" in words
    assert "A mail about it goes to 1 user whose last notification is now wrong." in words
    assert LiveClass.objects.filter(replaces=missed).count() == 0
    answer = coordinator.client.post(path_of(missed), hidden_fields(plan.content.decode()))
    made = LiveClass.objects.get(replaces=missed)
    assert (answer.status_code, answer["Location"]) == (303, f"/classes/{made.pk}")
    assert (made.title, made.remote_meeting_url, made.teacher) == (
        "Loops",
        missed.remote_meeting_url,
        world.staff_teacher,
    )
    html = coordinator.get(answer["Location"]).content.decode()
    assert f'href="/classes/{missed.pk}"' in html
    assert "The class that makes up for it is planned: Wed 12 Mar 14:00 EDT." in html


def test_another_time(world, missed, browser):
    """P5: typed by hand, with what speaks against it; a substitute who has left since is not asked again."""
    yesterday = {"starting_at": NOW - timedelta(hours=24), "ending_at": NOW - timedelta(hours=22)}
    LiveClass.objects.filter(pk=missed.pk).update(teacher=world.staff_teacher, **yesterday)
    AcademyMember.objects.filter(user=world.staff_teacher).delete()
    coordinator = browser(world.coordinator)
    plan = coordinator.client.post(path_of(missed), {"day": "2025-03-06", "starts": "12:30", "ends": "15:30"})
    assert plan.status_code == 200
    coordinator.client.post(path_of(missed), hidden_fields(plan.content.decode()))
    made = LiveClass.objects.get(replaces=missed)
    assert (made.starting_at - NOW, made.teacher) == (timedelta(hours=23), None)


def test_once(world, missed, browser):
    """P5, V3: two who choose at once make one class; the second is led to it."""
    coordinator = browser(world.coordinator)
    typed = {"day": "2025-03-12", "starts": "14:00", "ends": "16:00"}
    seen = hidden_fields(coordinator.client.post(path_of(missed), typed).content.decode())
    assert coordinator.client.post(path_of(missed), seen).status_code == 303
    answer = coordinator.client.post(path_of(missed), seen)
    assert answer.status_code == 409
    made = LiveClass.objects.get(replaces=missed)
    assert f'href="/classes/{made.pk}"' in answer.content.decode()


def test_no_moment_is_free(world, missed, browser):
    """P5: the page says so, and leaves the form."""
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date="2025-06-01")
    page = text_of(browser(world.coordinator).get(path_of(missed)))
    assert "Choose a time yourself." in page
    assert "Show what changes" in page


def test_a_class_that_takes_place(world, make_class, browser):
    """P5: there is nothing to make up for; the page leads to the cancellation."""
    live_class = make_class(start=3)
    answer = browser(world.coordinator).get(path_of(live_class))
    assert "This class is not cancelled" in text_of(answer)
    assert f'href="/classes/{live_class.pk}/cancel"' in answer.content.decode()
