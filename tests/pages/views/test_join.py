"""The join links, as a browser opens them."""

import datetime
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.tokens import issue_token, sign_in
from breathecode.authenticate.models import Token, User
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.events.tasks import mark_live_class_as_started, start_joined_live_classes
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
COHORT_LINK = "https://zoom.us/j/123456789"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def browser():
    """A browser in which somebody may be signed in."""

    def make(person=None):
        client = Client(headers=HTML, raise_request_exception=False)
        if person:
            client.force_login(person)
        return client

    return make


def link(live_class, *, staff=False, token=None):
    path = f"/v1/events/{'academy' if staff else 'me'}/event/liveclass/join/{live_class.hash}"
    return f"{path}?token={token}" if token else path


def key(person):
    return sign_in(user=person)[0]


def slug_of(response):
    return response.content.decode().split('data-slug="')[1].split('"')[0]


def main_of(response):
    """The page without the bar, which names who is signed in."""
    return response.content.decode().split("<main")[1]


def test_the_documents_join(browser, world, make_class):
    """J5, H2: with a token in the address, at class time, to the cohort's link as it is now."""
    live_class = make_class(start=0)
    response = browser().get(link(live_class, token=key(world.student)))
    assert (response.status_code, response["Location"]) == (302, COHORT_LINK)
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_class_with_its_own_link(browser, world, make_class):
    """J5: a link that staff gave the class wins."""
    response = browser(world.student).get(link(make_class(start=0, remote_meeting_url="https://own.org/r")))
    assert response["Location"] == "https://own.org/r"


def test_not_signed_in(browser, make_class):
    """J1: a browser goes to the sign-in page and back; a client that takes no HTML gets 401 JSON."""
    live_class = make_class(start=0)
    for token in ("", "?token=unknown", f"?token={'x' * 5000}", "?token=%00"):
        response = browser().get(link(live_class) + token)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in?")
        assert parse_qs(urlsplit(response["Location"]).query) == {"next": [link(live_class)]}
    response = Client(headers={"Accept": "application/json"}).get(link(live_class))
    assert (response.status_code, response.json()["slug"]) == (401, "authentication-required")
    response = Client(headers={"Accept": "application/json"}).get(f"{link(live_class)}?token=nope")
    assert (response.status_code, response.json()["slug"], response["WWW-Authenticate"]) == (
        401,
        "invalid-token",
        "Token",
    )


def test_signing_in_leads_back(world, make_class):
    """J1: the sign-in page signs in and goes on to the link; a wrong password or a foreign address does not."""
    live_class = make_class(start=0)
    client = Client(headers=HTML)
    page = client.get(link(live_class), follow=True)
    assert page.status_code == 200
    form = {"email": "Student@Example.org", "password": "wrong", "next": link(live_class)}
    response = client.post("/sign-in", form)
    assert (response.status_code, slug_of(response)) == (400, "invalid-credentials")
    response = client.post("/sign-in", {**form, "password": "pass-word-9"})
    assert (response.status_code, response["Location"]) == (302, link(live_class))
    assert client.get(link(live_class))["Location"] == COHORT_LINK
    for foreign in ("https://evil.org/", "//evil.org", "javascript:alert(1)", "https:///evil.org"):
        response = client.post("/sign-in", {**form, "password": "pass-word-9", "next": foreign})
        assert response["Location"] == "/"


@pytest.mark.parametrize("purpose", ["expired", "calendar", "revoked"])
def test_tokens_that_open_no_room(browser, world, make_class, purpose):
    """U2, I2: an expired, a revoked or a calendar token is no sign-in; a session beside it still is."""
    live_class = make_class(start=0)
    lifetime = timedelta(seconds=-1) if purpose == "expired" else timedelta(days=1)
    kind = Token.Purpose.CALENDAR if purpose == "calendar" else Token.Purpose.SIGN_IN
    token, row = issue_token(user=world.student, purpose=kind, lifetime=lifetime)
    if purpose == "revoked":
        row.delete()
    assert browser().get(link(live_class, token=token))["Location"].startswith("/sign-in")
    assert browser(world.student).get(link(live_class, token=token))["Location"] == COHORT_LINK


def test_unknown_and_foreign_look_the_same(browser, world, make_class):
    """J2: an unknown link and a class the caller has no part in give one and the same page."""
    live_class = make_class(start=0)
    pages = [
        browser(world.student).get("/v1/events/me/event/liveclass/join/" + hash_) for hash_ in ("0" * 40, "ñ", "a'b")
    ]
    people = (world.stranger, world.dropped, world.foreign_admin, world.reader)
    pages += [browser(person).get(link(live_class)) for person in people]
    assert {page.status_code for page in pages} == {404}
    assert {slug_of(page) for page in pages} == {"not-found"}
    assert len({main_of(page) for page in pages}) == 1
    assert not ClassJoin.objects.exists()


def test_staff_have_a_part(browser, world, make_class):
    """J2, J7: staff with the capability join on either route; it starts nothing, for they teach nothing there."""
    live_class = make_class(start=0)
    for person in (world.admin, world.coordinator, world.staff_teacher, world.superuser):
        for staff in (False, True):
            assert browser(person).get(link(live_class, staff=staff))["Location"] == COHORT_LINK
    live_class.refresh_from_db()
    assert live_class.started_at is None


def test_the_staff_route(browser, world, make_class):
    """J7: needs the capability in the class's own academy; an Academy header must name that one."""
    live_class = make_class(start=0)
    for person in (world.student, world.teacher, world.reader, world.foreign_admin, world.stranger):
        assert browser(person).get(link(live_class, staff=True)).status_code == 404
    open_link = link(live_class, staff=True, token=key(world.staff_teacher))
    assert browser().get(open_link, headers={"Academy": str(world.miami.pk)})["Location"] == COHORT_LINK
    assert browser().get(open_link, headers={"Academy": str(world.madrid.pk)}).status_code == 404
    assert slug_of(browser().get(open_link, headers={"Academy": "x"})) == "invalid-academy-header"


def test_the_countdown(browser, world, make_class):
    """J3: early, everybody gets the countdown: what, when, and nothing that should not be there."""
    live_class = make_class(title="Guest <b>speaker</b>")
    for person in (world.student, world.teacher, world.admin):
        token = key(person)
        response = browser().get(link(live_class, token=token))
        page = response.content.decode()
        assert response.status_code == 200
        assert "Guest &lt;b&gt;speaker&lt;/b&gt;" in page
        assert "Web Development" in page
        assert "Downtown Miami" in page
        assert f'data-start="{round(live_class.starting_at.timestamp() * 1000)}"' in page
        assert "14:30" in page or "2:30 p.m." in page  # New York, where we know of no other zone
        assert token not in page
        assert "zoom.us" not in page
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not ClassJoin.objects.exists()
    live_class.refresh_from_db()
    assert live_class.started_at is None


def test_the_countdown_says_who_teaches_and_until_when(browser, world, make_class):
    """J3, P4, L1: the end, the teachers or the substitute, and links for a calendar that hold no meeting's address."""
    User.objects.filter(pk=world.teacher.pk).update(first_name="Tina", last_name="<Teach>")
    User.objects.filter(pk=world.assistant.pk).update(first_name="Sub", last_name="Stitute")
    live_class = make_class()
    page = main_of(browser(world.student).get(link(live_class)))
    assert '<time id="end" datetime="2025-03-05T21:30:00Z">4:30 p.m.</time>' in page
    assert "Tina &lt;Teach&gt;" in page
    assert "substitute" not in page
    assert "https://calendar.google.com/calendar/render?action=TEMPLATE" in page
    assert f'href="/classes/{live_class.pk}/calendar.ics"' in page
    LiveClass.objects.update(teacher=world.assistant, ending_at=NOW + timedelta(hours=20))
    page = main_of(browser(world.student).get(link(live_class)))
    assert "Tina" not in page
    assert "Sub Stitute</bdi> (substitute)" in page
    assert ">March 6, 2025, 9:30 a.m.</time>" in page
    assert "zoom.us" not in page


def test_the_countdown_speaks_the_cohorts_language_and_the_viewers_time(browser, world, make_class):
    """J1, J3: Spanish for a Spanish cohort; the start in the viewer's own zone where it is known."""
    Cohort.objects.update(language="es")
    world.student.timezone = "Europe/Madrid"
    world.student.save()
    page = browser(world.student).get(link(make_class())).content.decode()
    assert '<html lang="es">' in page
    assert "Empieza" in page
    assert "20:30" in page
    assert "Europe/Madrid" in page


@pytest.mark.parametrize(
    ("fields", "status", "slug"),
    [
        ({"start": -3, "ended_at": NOW}, 400, "class-has-ended"),
        ({"start": -2.6, "length": 2}, 400, "class-has-ended"),
        ({"start": 0, "cancelled_at": NOW, "cancel_reason": "Snow storm"}, 400, "class-cancelled"),
        ({"start": 9, "cancelled_at": NOW, "cancel_reason": "Snow storm"}, 400, "class-cancelled"),
    ],
)
def test_closed_doors(browser, world, make_class, fields, status, slug):
    """J4: ended, long past, or cancelled with its reason; nobody joined."""
    response = browser(world.teacher).get(link(make_class(**fields)))
    assert (response.status_code, slug_of(response)) == (status, slug)
    assert ("Snow storm" in response.content.decode()) == (slug == "class-cancelled")
    assert not ClassJoin.objects.exists()


def test_thirty_minutes_of_grace(browser, world, make_class):
    """J4: a class that nobody ended can be joined until 30 minutes past its end, to the second."""
    live_class = make_class(start=-2.5)
    with time_machine.travel(live_class.ending_at + timedelta(minutes=30), tick=False):
        assert browser(world.student).get(link(live_class)).status_code == 302
    with time_machine.travel(live_class.ending_at + timedelta(minutes=30, seconds=1), tick=False):
        assert browser(world.student).get(link(live_class)).status_code == 400


def test_no_link_yet(browser, world, make_class):
    """J4: without a meeting link, a page says so, and no join is counted."""
    Cohort.objects.update(online_meeting_url="")
    response = browser(world.teacher).get(link(make_class(start=0)))
    assert (response.status_code, slug_of(response)) == (400, "meeting-url-not-set")
    assert not ClassJoin.objects.exists()


def test_a_json_client_gets_the_slug(world, make_class):
    """J1, H3: the same problems as JSON for a client that takes no HTML."""
    client = Client(headers={"Accept": "application/json", "Authorization": f"Token {key(world.student)}"})
    response = client.get(link(make_class(start=0, cancelled_at=NOW)))
    assert (response.status_code, response.json()["slug"]) == (400, "class-cancelled")


@pytest.mark.parametrize("name", ["teacher", "assistant"])
def test_a_teachers_join_starts_the_class(browser, world, make_class, name):
    """J6: through mark_live_class_as_started; the first time wins and stays."""
    live_class = make_class(start=0)
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        browser(getattr(world, name)).get(link(live_class))
    with time_machine.travel(NOW + timedelta(minutes=9), tick=False):
        browser(world.teacher).get(link(live_class))
        mark_live_class_as_started(live_class_id=live_class.pk)
    live_class.refresh_from_db()
    assert live_class.started_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("name", ["student", "reviewer", "admin"])
def test_others_start_nothing(browser, world, make_class, name):
    """J6: neither a student nor a reviewer nor staff."""
    live_class = make_class(start=0)
    assert browser(getattr(world, name)).get(link(live_class)).status_code == 302
    mark_live_class_as_started(live_class_id=live_class.pk)
    start_joined_live_classes()
    live_class.refresh_from_db()
    assert live_class.started_at is None


def test_a_lost_message_loses_no_start(browser, world, make_class, monkeypatch):
    """J6: the queue took the message and forgot it; the sweep starts the class at the time of the join."""
    live_class = make_class(start=0)
    monkeypatch.setattr("breathecode.events.tasks.enqueue", lambda *args, **kwargs: True)
    assert browser(world.teacher).get(link(live_class))["Location"] == COHORT_LINK
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        start_joined_live_classes()
    live_class.refresh_from_db()
    assert live_class.started_at == NOW


def test_each_persons_first_join_is_kept(browser, world, make_class):
    """J8: who and when, once each, whatever follows."""
    live_class = make_class(start=0)
    for minutes in (0, 5, 10):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            browser(world.student).get(link(live_class))
            if minutes:
                browser(world.reviewer).get(link(live_class))
    joins = ClassJoin.objects.order_by("joined_at").values_list("user_id", "joined_at")
    assert list(joins) == [(world.student.pk, NOW), (world.reviewer.pk, NOW + timedelta(minutes=5))]


def test_looking_at_the_door_is_no_join(browser, world, make_class):
    """J8: HEAD, as link previews send it, neither joins nor tells the room; other methods are refused."""
    live_class = make_class(start=0)
    response = browser(world.teacher).head(link(live_class))
    assert (response.status_code, "Location" in response) == (200, False)
    assert browser(world.teacher).post(link(live_class)).status_code == 405
    assert not ClassJoin.objects.exists()


def test_a_student_who_also_teaches(browser, world, make_class):
    """J2, J6: several roles in a cohort count together; a dropped student who assists still assists."""
    live_class = make_class(start=0)
    CohortUser.objects.create(cohort=world.cohort, user=world.dropped, role="ASSISTANT")
    assert browser(world.dropped).get(link(live_class)).status_code == 302
    live_class.refresh_from_db()
    assert live_class.started_at == NOW


def test_a_deleted_cohort_is_closed_to_its_people(browser, world, make_class):
    """J2, L7: its links lead nowhere; staff may still look."""
    live_class = make_class(start=0)
    Cohort.objects.update(stage="DELETED")
    assert browser(world.teacher).get(link(live_class)).status_code == 404
    assert LiveClass.objects.get().starting_at == NOW
    assert datetime.datetime.now(tz=datetime.UTC) == NOW
