"""`/classes/<id>/end`: a class is ended from a page, after a question."""

import re

import pytest
from django.test import Client

from breathecode.attendance.models import Attendance
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.history.models import Change
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def browser(person, **options):
    client = Client(headers=HTML, **options)
    client.force_login(person)
    return client


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def running(make_class):
    live_class = make_class(start=-1, title="Loops")
    LiveClass.objects.filter(pk=live_class.pk).update(started_at=live_class.starting_at)
    return live_class


def test_a_teacher_ends_a_class(world, running):
    """W3, A3: the page asks; its button ends the class now, who joined is marked, and the message says so."""
    ClassJoin.objects.create(live_class=running, user=world.student, joined_at=running.starting_at)
    client = browser(world.staff_teacher)
    question = client.get(f"/classes/{running.pk}/end")
    assert "An end cannot be taken back." in text_of(question)
    assert not LiveClass.objects.exclude(ended_at=None).exists()
    answer = client.post(f"/classes/{running.pk}/end")
    assert (answer.status_code, answer["Location"]) == (303, f"/classes/{running.pk}")
    assert "Loops has ended." in text_of(client.get(answer["Location"]))
    assert LiveClass.objects.get().ended_at == NOW
    assert list(Attendance.objects.values_list("user_id", "status")) == [(world.student.pk, "PRESENT")]
    by_page = Change.objects.get(through="page")
    assert (by_page.by, set(by_page.changes)) == (world.staff_teacher, {"ended_at"})


def test_what_is_refused(world, running):
    """W3, W5: too soon, a class that nobody started, one that has ended: a sentence, and the end stays as it was."""
    client, address = browser(world.staff_teacher), f"/classes/{running.pk}/end"
    LiveClass.objects.update(started_at=NOW)  # and not a second ago: the same sentence
    for answer, status in ((client.get(address), 200), (client.post(address), 400)):
        assert answer.status_code == status
        assert "You cannot end a class less than 30 minutes after it started" in text_of(answer)
        assert "End this class now" not in text_of(answer)
    LiveClass.objects.update(started_at=None)
    assert "The class must be started before you can end it" in text_of(client.post(address))
    assert LiveClass.objects.get().ended_at is None
    LiveClass.objects.update(started_at=running.starting_at, ended_at=running.ending_at)
    assert "This class has already been ended" in text_of(client.post(address))
    assert LiveClass.objects.get().ended_at == running.ending_at


@pytest.mark.parametrize("name", ["student", "teacher", "reader", "foreign_admin", "stranger"])
def test_who_may_not_end_it(world, running, name):
    """V1: without the capability in the class's academy, the 404 page, whatever the method."""
    client = browser(getattr(world, name))
    assert client.get(f"/classes/{running.pk}/end").status_code == 404
    assert client.post(f"/classes/{running.pk}/end").status_code == 404
    assert LiveClass.objects.get().ended_at is None
