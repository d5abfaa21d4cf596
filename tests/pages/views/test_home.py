"""`/`, `/sign-out` and the bar of every page, as a browser opens them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.calendars.domain.mails import LINK as INVITATIONS
from breathecode.calendars.models import CalendarPreference
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.domain.texts import survey_texts
from breathecode.feedback.models import Answer, Survey, SurveyLink
from breathecode.reminders.domain.mails import LINK as REMINDERS
from breathecode.reminders.models import ReminderPreference
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


def browser(person=None, **options):
    client = Client(headers=HTML, **options)
    if person:
        client.force_login(person)
    return client


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def submit(client, url, action, fields=None):
    """Sends the form of the page at `url` to `action`, with its CSRF token."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(url).content.decode())
    assert token is not None
    return client.post(action, {**(fields or {}), "csrfmiddlewaretoken": token[1]})


def test_nobody_is_sent_to_sign_in_and_back(world):
    """V1: to the sign-in page, and after it to `/`."""
    response = browser().get("/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in?next=%2F")
    form = {"email": "student@example.org", "password": "pass-word-9", "next": "/"}
    assert browser().post("/sign-in", form)["Location"] == "/"


def test_the_next_classes(world, make_class):
    """V1, V4: the next one large, the others by day, each with its state, its moment in UTC and its join link."""
    running = make_class(start=-1, title="Running")
    soon = make_class(start=0.2, title="Soon one")
    off = make_class(start=3, title="Called off", cancelled_at=NOW, cancel_reason="Snow storm")
    week = make_class(start=48, title="On Friday")
    later = make_class(start=24 * 9, title="Next week")
    make_class(start=-30, title="Long past")
    make_class(start=-3, title="Over", ended_at=NOW)
    response = browser(world.student).get("/")
    page, text = response.content.decode(), text_of(response)
    order = ["Now", "Running", "now", "Today Soon one", "soon", "Called off", "cancelled", "Snow storm", "This week"]
    places = [text.index(word) for word in [*order, "On Friday", "Later", "Next week"]]
    assert places == sorted(places)
    assert "Long past" not in text
    assert "Over" not in text
    for live_class in (running, soon, week, later):
        assert f"/v1/events/me/event/liveclass/join/{live_class.hash}" in page
    assert off.hash not in page
    moments = re.findall(r'<time datetime="([^"]+)"', page)
    assert moments[0] == "2025-03-05T17:30:00Z"
    assert all(moment.endswith("Z") for moment in moments)
    assert len(moments) == 10  # the start and the end of each


def test_times_are_in_the_readers_zone(world, make_class):
    """V4: the person's own zone; without one the class's, which the browser's replaces where there are scripts."""
    make_class(start=0.5)
    page = browser(world.student).get("/").content.decode()
    assert "Today 14:00 EST" in page
    assert "data-local" in page
    User.objects.filter(pk=world.student.pk).update(timezone="Europe/Madrid")
    page = browser(world.student).get("/").content.decode()
    assert "Today 20:00" in page
    assert "(14:00 EST)" in page
    assert "data-local" not in page


def test_nobody_sees_the_classes_of_others(world, make_class):
    """L7: the same classes as the user's list: none for a stranger, a dropped student, or in a deleted cohort."""
    make_class(start=1, title="Guest speaker")
    for person in (world.stranger, world.dropped, world.superuser):
        assert "Guest speaker" not in text_of(browser(person).get("/"))
    assert "You have no upcoming classes." in text_of(browser(world.stranger).get("/"))
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert "Guest speaker" not in text_of(browser(world.student).get("/"))


@pytest.mark.parametrize("name", ["student", "teacher", "admin", "superuser"])
def test_the_number_of_queries_does_not_grow(world, make_class, name):
    """V6: at most 12, the same for one class and for sixty, of which twenty are shown."""
    make_class(start=-1)
    client = browser(getattr(world, name))
    with captured_queries() as few:
        client.get("/")
    for hours in range(2, 61):
        make_class(start=hours - 3)
    with captured_queries() as many:
        page = client.get("/").content.decode()
    assert len(few) == len(many) <= 12
    is_in_cohort = name in {"student", "teacher"}
    assert page.count("/event/liveclass/join/") == (20 if is_in_cohort else 0)
    assert ("All classes in the calendar" in page) == is_in_cohort


def test_staff_and_an_empty_installation(world):
    """V1: staff find their academies; a superuser without any class, the way to the first one."""
    assert "You work at: Downtown Miami" in text_of(browser(world.admin).get("/"))
    assert "/admin/" not in browser(world.admin).get("/").content.decode()
    assert "/admin/" in browser(world.superuser).get("/").content.decode()
    assert "Go on with the first steps" in text_of(browser(world.superuser).get("/"))
    assert "first steps" not in text_of(browser(world.admin).get("/"))
    Academy.objects.all().delete()
    assert browser(world.superuser).get("/")["Location"] == "/first-steps"
    assert "You have no upcoming classes" in text_of(browser(world.admin).get("/"))
    assert 'href="/"' in browser(world.superuser).get("/admin/").content.decode()  # "view site"


def test_signing_out_is_a_form(world):
    """V3, V6: GET changes nothing and shows the button; the button signs out, from every page and without a script."""
    client = browser(world.student, enforce_csrf_checks=True)
    page = client.get("/sign-out")
    assert page.status_code == 200
    assert "You are signed in as student@example.org." in text_of(page)
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 403
    assert submit(client, "/", "/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302
    assert "You are not signed in." in text_of(client.get("/sign-out"))


def test_every_page_names_who_is_signed_in(world, make_class):
    """V2, V6: with a form to sign out that a browser can send: pages with `no-referrer` would have `Origin: null`."""
    early, cancelled = make_class(start=5), make_class(start=6, cancelled_at=NOW)
    join = "/v1/events/me/event/liveclass/join/"
    paths = ["/", "/sign-out", "/sign-in", "/nothing", "/password/reset", "/password/choose", "/survey/1"]
    paths += [join + early.hash, join + cancelled.hash, join + "0" * 40, "/reminders/off/1", "/invite/1"]
    for path in paths:
        response = browser(world.student).get(path)
        page = response.content.decode()
        assert "student@example.org" in page, path
        assert 'action="/sign-out"' in page, path
        assert response["Referrer-Policy"] == "same-origin", path
        assert (page.count("<h1"), page.count("<main")) == (1, 1), path
        assert '<html lang="en">' in page, path
        assert 'name="viewport"' in page, path
        assert "<style" not in page, path
        assert "unsafe" not in response["Content-Security-Policy"], path
        assert "student@example.org" not in browser().get(path).content.decode(), path


@pytest.mark.parametrize(
    ("link", "model", "claim"),
    [
        (REMINDERS, ReminderPreference, "You will not get any more reminders"),
        (INVITATIONS, CalendarPreference, "One last mail"),
    ],
)
def test_turning_mails_off(world, link, model, claim):
    """V3, J9: opening the link asks, its button does, and a key that is nobody's says so at once."""
    path = link.url(world.student).removeprefix("http://testserver")
    page = browser().get(path)
    assert (page.status_code, claim in text_of(page)) == (200, False)
    assert "<form" in page.content.decode()
    assert not model.objects.exists()
    assert claim in text_of(browser(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}))
    assert model.objects.get().user_id == world.student.pk
    for bad in (path[:-1], link.path + "/anything"):
        page = browser().get(bad)
        assert (page.status_code, "<form" in page.content.decode()) == (404, False)
        assert "This link is not valid." in text_of(page)
        assert browser().post(bad).status_code == 404


def test_a_class_that_runs_past_midnight_is_todays(world, make_class):
    """V1: what began yesterday and can still be joined is listed under today."""
    make_class(start=0.1, title="Next one")
    make_class(start=-20, length=21, title="Night shift")
    text = text_of(browser(world.student).get("/"))
    assert text.index("Today") < text.index("Night shift")
    assert LiveClass.objects.get(title="Night shift").starting_at == NOW - timedelta(hours=20)


@pytest.mark.parametrize(
    ("starts", "large"),
    [
        ({"A": 5, "B": 0.1, "C": 1}, "B"),  # the first to come
        ({"A": -1, "B": 1}, "A"),  # the one that runs
        ({"A": -1.9, "B": 0.03}, "B"),  # two minutes before the next one
        ({"A": -1.9, "B": 0.2}, "A"),  # twelve minutes before it
        ({"A": -2.2, "B": 24}, "B"),  # past its planned end, and not ended
        ({"A": -2.2}, "A"),
    ],
    ids=str,
)
def test_which_class_is_large(world, make_class, starts, large):
    """V1: what a student opens the page for, two minutes before it begins too; a cancelled class never."""
    make_class(start=0.01, title="Cancelled", cancelled_at=NOW)
    for title, start in starts.items():
        make_class(start=start, title=title)
    (heading,) = re.findall(r'<h2 id="next"><a [^>]*><bdi>(\w+)', browser(world.student).get("/").content.decode())
    assert heading == large


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-60, "Now"), (0, "Now"), (30, "In 1 minute"), (60, "In 1 minute"), (119, "In 2 minutes"),
        (3599, "In 1 h"), (3600, "In 1 h"), (3 * 3600 + 120, "In 3 h 2 min"), (86399, "In 24 h"), (86400, ""),
    ],
)  # fmt: skip
def test_how_long_until_it(world, make_class, seconds, said):
    """V1: in words that are right without a script too, which counts on from there."""
    live_class = make_class(start=seconds / 3600)
    page = browser(world.student).get("/").content.decode()
    (wait,) = re.findall(r'<p class="wait"([^>]*)>([^<]*)</p>', page)
    assert (wait[1], "hidden" in wait[0]) == (said, not said)
    assert f'data-start="{int(live_class.starting_at.timestamp())}"' in wait[0]
    assert ("home.js" in page) == ('http-equiv="refresh"' in page) == bool(said)


@pytest.fixture
def both(world):
    """A teacher of the cohort who works at the academy."""
    AcademyMember.objects.create(academy=world.miami, user=world.teacher, role="teacher")
    return world.teacher


def test_who_is_in_a_teachers_class(world, make_class, both):
    """A2, W3: how many students have joined, the roll, and the end once it is possible; not for students."""
    live_class = make_class(start=-1, title="Loops")
    for person in (world.student, world.teacher, world.dropped):
        ClassJoin.objects.create(
            live_class=live_class, user=person, joined_at=NOW, starts_class=person == world.teacher
        )
    page = browser(both).get("/").content.decode()
    assert "Joined: 1 of 1 students" in page
    assert "The class starts when you join." in page
    assert f'href="/classes/{live_class.pk}#roll"' in page
    assert f'href="/classes/{live_class.pk}/end"' not in page  # nobody has started it
    LiveClass.objects.update(started_at=live_class.starting_at)
    page = browser(both).get("/").content.decode()
    assert "The class starts when you join." not in page
    assert f'href="/classes/{live_class.pk}/end"' in page
    assert "Joined:" not in browser(world.student).get("/").content.decode()
    AcademyMember.objects.filter(user=both).delete()
    page = browser(both).get("/").content.decode()
    assert "Joined: 1 of 1 students" in page
    assert f'href="/classes/{live_class.pk}#roll"' not in page
    assert f'href="/classes/{live_class.pk}/end"' not in page


def test_rolls_that_nobody_called(world, make_class, both):
    """A2: of held classes that the reader taught in the last seven days, for who may call the roll."""
    held = {"started_at": NOW - timedelta(days=9), "ended_at": NOW}
    missing = make_class(start=-20, title="Missing", **held)
    marked = make_class(start=-21, title="Marked", **held)
    Attendance.objects.create(live_class=marked, user=world.student, status="PRESENT", source="STAFF", recorded_at=NOW)
    make_class(start=-22, title="Nobody came", ended_at=NOW)
    make_class(start=-24 * 8, title="Long ago", **held)
    make_class(start=-23, title="By a substitute", teacher=world.assistant, **held)
    text = text_of(browser(both).get("/"))
    assert "Roll not called Missing" in text
    for title in ("Marked", "Nobody came", "Long ago", "By a substitute"):
        assert title not in text
    assert f'href="/classes/{missing.pk}#roll"' in browser(both).get("/").content.decode()
    for person in (world.student, world.admin, world.foreign_admin, world.superuser):
        assert "Missing" not in text_of(browser(person).get("/"))
    AcademyMember.objects.filter(user=both).update(role="staff")
    assert "Missing" not in text_of(browser(both).get("/"))


def test_attendance_so_far(world, make_class):
    """A5: what the student's marks come to; nothing before the first class, and nothing of others."""
    assert "Attendance so far" not in text_of(browser(world.student).get("/"))
    for day, status in enumerate(["PRESENT", "LATE", "ABSENT", "EXCUSED"], start=1):
        begun = NOW - timedelta(days=day)
        live_class = make_class(start=-24 * day, started_at=begun, ended_at=begun + timedelta(hours=2))
        Attendance.objects.create(
            live_class=live_class, user=world.student, status=status, source="STAFF", recorded_at=NOW
        )
    text = text_of(browser(world.student).get("/"))
    assert "Attendance so far Web Development attended 2 of 3 · late: 1 · absent: 1 · excused: 1 67 %" in text
    assert "Attendance so far" not in text_of(browser(world.teacher).get("/"))


def test_surveys_that_wait(world, make_class):
    """S4: the reader's own ones that are open and not answered, until they close."""
    closes = NOW + timedelta(hours=48)
    texts = survey_texts(None, cohort_language="en")
    surveys = {
        title: Survey.objects.create(
            live_class=make_class(start=-3, title=title, ended_at=NOW), language="en", texts=texts, expires_at=closes
        )
        for title in ("Open", "Answered", "Closed", "Of another")
    }
    for number, (title, survey) in enumerate(surveys.items()):
        person = world.stranger if title == "Of another" else world.student
        expires = NOW if title == "Closed" else None
        SurveyLink.objects.create(survey=survey, user=person, key_hash=str(number), expires_at=expires)
        Answer.objects.create(survey=survey, user=person, score=9, answered_at=NOW if title == "Answered" else None)
    page = browser(world.student).get("/").content.decode()
    assert re.findall(r'href="(/me/surveys/\d+)"', page) == [f"/me/surveys/{surveys['Open'].pk}"]
    SurveyLink.objects.filter(user=world.student).update(expires_at=NOW)
    assert "/me/surveys/" not in browser(world.student).get("/").content.decode()
