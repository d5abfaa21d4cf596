"""`/classes/<id>` and its roll (rules V1 to V6, A2, P4, P5, P8)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.events.domain.lifecycle import lock_class
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def browser(person, **options):
    client = Client(headers=HTML, **options)
    client.force_login(person)
    return client


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def address(live_class):
    return f"/classes/{live_class.pk}"


def statuses():
    return dict(Attendance.objects.values_list("user__email", "status"))


def test_what_everybody_sees(world, make_class):
    """V1, P5: room, state, times, teacher, why it was moved; the link to join while it can be joined."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Alan", last_name="Turing")
    live_class = make_class(start=1, title="Loops", moved_from=NOW + timedelta(hours=3), move_reason="Room taken")
    answer = browser(world.student).get(address(live_class))
    text = text_of(answer)
    for words in ("Loops", "Web Development", "Downtown Miami", "Alan Turing", "Moved from", "Room taken"):
        assert words in text
    assert live_class.hash in answer.content.decode()
    for heading in ("Roll", "Joined", "History"):
        assert heading not in text
    LiveClass.objects.update(cancelled_at=NOW, cancel_reason="Storm")
    answer = browser(world.student).get(address(live_class))
    assert live_class.hash not in answer.content.decode()
    assert "Storm" in text_of(answer)


def test_a_class_that_makes_up_for_another(world, make_class):
    """P5: both lead to each other."""
    missed = make_class(start=-30, cancelled_at=NOW)
    instead = make_class(start=5, replaces=missed)
    assert f'href="{address(missed)}"' in browser(world.student).get(address(instead)).content.decode()
    assert f'href="{address(instead)}"' in browser(world.student).get(address(missed)).content.decode()


def test_a_substitute_opens_it(world, make_class):
    """P4: also one who has no part in the cohort; the page names them and not the cohort's teacher."""
    live_class = make_class(start=1, teacher=world.stranger)
    text = text_of(browser(world.stranger).get(address(live_class)))
    assert "stranger@example.org ( substitute )" in text.replace("(substitute)", "( substitute )")
    assert "teacher@example.org" not in text
    Cohort.objects.update(stage="DELETED")
    assert browser(world.stranger).get(address(live_class)).status_code == 404


def test_the_roll(world, make_class):
    """A2: a row a person, the time of the join, the mark that is recorded; buttons for those who may call it."""
    live_class = make_class(start=-1)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW - timedelta(minutes=50))
    html = browser(world.staff_teacher).get(address(live_class)).content.decode()
    assert html.count('<button name="status"') == 4
    assert "disabled" not in html
    assert "joined" in html
    html = browser(world.reader).get(address(live_class)).content.decode()
    assert html.count("disabled") == 4


def test_marks_are_saved(world, make_class):
    """A2, V3: one tap, or all the others at once; the page comes back at the roll."""
    live_class = make_class(start=-1)
    client = browser(world.staff_teacher)
    answer = client.post(f"{address(live_class)}/roll", {"user": world.student.pk, "status": "LATE"})
    assert (answer.status_code, answer["Location"]) == (303, f"{address(live_class)}#roll")
    assert statuses() == {"student@example.org": "LATE"}
    Attendance.objects.all().delete()
    client.post(f"{address(live_class)}/roll", {"rest": "PRESENT"})
    assert statuses() == {"student@example.org": "PRESENT"}
    answer = client.post(
        f"{address(live_class)}/roll", {"user": world.student.pk, "status": "EXCUSED"}, headers={"HX-Request": "true"}
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in html
    assert re.search(r'value="EXCUSED"[^>]*aria-pressed="true"', html)
    assert statuses() == {"student@example.org": "EXCUSED"}


def test_marks_that_are_refused(world, make_class):
    """A2: before the class begins, of a cancelled class, of who is not on the roll; the sentence is on the page."""
    early = make_class(start=1)
    client = browser(world.staff_teacher)
    form = {"user": world.student.pk, "status": "LATE"}
    answer = client.post(f"{address(early)}/roll", form, follow=True)
    assert 'class="error"' in answer.content.decode()
    begun = make_class(start=-1)
    answer = client.post(f"{address(begun)}/roll", {**form, "user": world.stranger.pk}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "This person is not on this roll." in answer.content.decode()
    for wrong in ({}, {"user": "x", "status": "LATE"}, {"user": world.student.pk, "status": "GONE"}, {"rest": "LATE"}):
        assert client.post(f"{address(begun)}/roll", wrong).status_code == 404
    assert statuses() == {}


@pytest.mark.parametrize(
    ("name", "status"), [("student", 403), ("teacher", 403), ("reader", 403), ("foreign_admin", 404), ("stranger", 404)]
)
def test_who_may_not_mark(world, make_class, name, status):
    """V1, H4: it takes the capability in the class's academy, as by the API."""
    live_class = make_class(start=-1)
    form = {"user": world.student.pk, "status": "PRESENT"}
    assert browser(getattr(world, name)).post(f"{address(live_class)}/roll", form).status_code == status
    without_token = browser(world.admin, enforce_csrf_checks=True)
    assert without_token.post(f"{address(live_class)}/roll", form).status_code == 403
    assert statuses() == {}


def test_history(world, make_class, call):
    """P8: who changed what and through what, the newest first, each moment as such."""
    live_class = make_class(start=5)
    body = {"title": "<b>New</b>", "starting_at": (NOW + timedelta(hours=6)).isoformat()}
    call("PUT", f"/v1/events/academy/event/liveclass/{live_class.pk}", as_=world.admin, academy=world.miami, body=body)
    html = browser(world.admin).get(address(live_class)).content.decode()
    assert "admin@example.org" in html
    assert "&lt;b&gt;New&lt;/b&gt;" in html
    assert re.search(r"Starts at: <del><time[^>]*>[^<]*</time>", html)
    for person, is_shown in ((world.staff_teacher, True), (world.reader, False), (world.student, False)):
        assert ("Starts at:" in browser(person).get(address(live_class)).content.decode()) is is_shown


def test_the_number_of_queries_does_not_grow(world, make_class):
    """V6: with people, joins and changes."""
    live_class = make_class(start=-1)
    client = browser(world.admin)
    with captured_queries() as few:
        client.get(address(live_class))
    people = User.objects.bulk_create(User(email=f"p{n}@example.org") for n in range(30))
    ClassJoin.objects.bulk_create(
        ClassJoin(live_class=live_class, user=person, joined_at=NOW, starts_class=False) for person in people
    )
    Attendance.objects.bulk_create(
        Attendance(live_class=live_class, user=person, status="PRESENT", source="STAFF", recorded_at=NOW)
        for person in people
    )
    with captured_queries() as many:
        html = client.get(address(live_class)).content.decode()
    assert html.count('<input type="hidden" name="user"') == 31
    assert len(few) == len(many) <= 12


def test_names_cannot_become_html(world, make_class):
    """V2: names, titles and reasons are text, whatever people type."""
    User.objects.filter(pk=world.student.pk).update(first_name="<script>alert(1)</script>")
    live_class = make_class(start=-1, title="<img src=x onerror=alert(1)>", moved_from=NOW, move_reason="<b>x</b>")
    html = browser(world.admin).get(address(live_class)).content.decode()
    for written in ("<script>alert", "<img src=x", "<b>x</b>"):
        assert written not in html


def test_the_rest_of_a_roll_leaves_the_marks_of_others(world, make_class, monkeypatch):
    """A2: also one that another teacher makes while this request waits for the class's lock."""
    live_class = make_class(start=-1)

    def lock_after_another(live_class_id, **within):
        row = {"user": world.student, "status": "EXCUSED", "source": "STAFF", "recorded_at": NOW}
        Attendance.objects.create(live_class=live_class, recorded_by=world.admin, **row)
        return lock_class(live_class_id, **within)

    monkeypatch.setattr("breathecode.attendance.domain.roll.lock_class", lock_after_another)
    browser(world.staff_teacher).post(f"{address(live_class)}/roll", {"rest": "PRESENT"})
    assert statuses() == {"student@example.org": "EXCUSED"}


def test_the_rest_before_the_class_begins(world, make_class):
    """A2: refused like a single mark."""
    early = make_class(start=2)
    client = browser(world.staff_teacher)
    answer = client.post(f"{address(early)}/roll", {"rest": "PRESENT"}, headers={"HX-Request": "true"})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)


def test_one_class_for_a_calendar(world, make_class):
    """I3, V1, V3: a file for who may open the page, without the meeting's address; the 404 page for others."""
    live_class = make_class(title="Loops", teacher=world.stranger)
    for person in (world.student, world.teacher, world.reader, world.stranger):
        answer = browser(person).get(f"/classes/{live_class.pk}/calendar.ics")
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert answer["Content-Disposition"] == f'attachment; filename="liveclass-{live_class.pk}.ics"'
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert (event["SUMMARY"], event.decoded("DTSTART")) == ("Loops", live_class.starting_at)
        assert b"zoom.us" not in answer.content
    for person in (world.dropped, world.foreign_admin):
        assert browser(person).get(f"/classes/{live_class.pk}/calendar.ics").status_code == 404
    answer = Client(headers=HTML).get(f"/classes/{live_class.pk}/calendar.ics")
    assert answer["Location"].startswith("/sign-in?next=%2Fclasses%2F")


def test_who_has_left_while_the_roll_was_open(world, make_class):
    """A2, V5: the refusal names the person, not an id, and only where the academy knows them."""
    User.objects.filter(pk=world.student.pk).update(first_name="Ana {0}", last_name="<b>")
    live_class = make_class(start=-1)
    CohortUser.objects.filter(user=world.student).delete()
    before = {"since": NOW - timedelta(days=9), "until": NOW - timedelta(days=2)}
    EnrolmentPeriod.objects.update_or_create(user=world.student, cohort=world.cohort, defaults=before)
    client, form = browser(world.staff_teacher), {"user": world.student.pk, "status": "LATE"}
    answer = client.post(f"{address(live_class)}/roll", form, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert "Ana {0} &lt;b&gt; is no longer on this roll." in answer.content.decode()
    spanish = {"Accept-Language": "es"}
    answer = client.post(f"{address(live_class)}/roll", form, headers=spanish, follow=True)
    assert "Ana {0} &lt;b&gt; ya no figura en esta lista." in answer.content.decode()
    foreign = {"user": world.foreign_admin.pk, "status": "LATE"}
    answer = client.post(f"{address(live_class)}/roll", foreign, headers=spanish, follow=True)
    assert "Este usuario no figura en esta lista." in answer.content.decode()
    assert statuses() == {}
