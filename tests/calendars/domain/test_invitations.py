"""Classes that come to calendars by mail, read from a real mail server as a mail program would."""

import datetime
from datetime import timedelta

import pytest
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.domain import invitations as calendar_invitations
from breathecode.calendars.domain.invitations import due_recipients, end_of_window
from breathecode.calendars.models import CalendarInvitation
from breathecode.calendars.tasks import send_due_invitations
from breathecode.common.models import PendingCheck
from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from tests.support.calendars import FeedReader
from tests.support.classes import NOW
from tests.support.invitations import REST, ask_for_invitations, calendar_parts, channels_of
from tests.support.queries import captured_queries
from tests.support.threads import meanwhile, together

pytestmark = pytest.mark.usefixtures("clock")
SETTINGS = "/v1/events/me/calendar/settings"
CLASSES = "/v1/events/academy/event/liveclass"


@pytest.fixture
def staff(call, world):
    def act(method, path="", body=None):
        response = call(method, f"{CLASSES}{path}", as_=world.coordinator, academy=world.miami, body=body)
        assert response.status_code < 300, response.content
        return response

    return act


def times(start, length=2):
    starting_at = NOW + timedelta(hours=start)
    return {"starting_at": starting_at.isoformat(), "ending_at": (starting_at + timedelta(hours=length)).isoformat()}


def test_the_life_of_a_class(post, asked, make_class, staff, client):
    """Invitations: made, moved, named, cancelled, restored, deleted: one UID, the feed's, and a rising SEQUENCE."""
    row = make_class(start=48)
    feed = FeedReader(client, asked)
    life = [post.one()]
    (shown,) = feed.events("ical/me")
    assert (shown["uid"], shown["sequence"], shown["dtstart"].dt) == (life[0].uid, life[0].sequence, life[0].starts)
    staff("PUT", f"/{row.pk}", times(72))
    life.append(post.one())
    staff("PUT", f"/{row.pk}", {"title": "Guest speaker"})
    life.append(post.one())
    assert life[-1].sequence == feed.events("ical/me")[0]["sequence"]
    staff("POST", f"/{row.pk}/cancel", {"reason": "Snow storm"})
    life.append(post.one())
    staff("POST", f"/{row.pk}/restore")
    life.append(post.one())
    staff("DELETE", f"/{row.pk}")
    life.append(post.one())
    assert [told.method for told in life] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL", "REQUEST", "CANCEL"]
    assert {told.uid for told in life} == {f"liveclass-{row.pk}@testserver"}
    assert [told.sequence for told in life] == [0, 1, 2, 3, 4, 5]
    assert [told.starts for told in life] == [NOW + timedelta(hours=hours) for hours in (48, 72, 72, 72, 72, 72)]
    assert [told.status for told in life] == ["CONFIRMED"] * 3 + ["CANCELLED", "CONFIRMED", None]
    assert [str(told.summary) for told in life] == ["Web Development"] * 2 + ["Guest speaker"] * 4
    assert post.sweep() == []


def test_the_shape_of_an_invitation(post, asked, make_class, world):
    """Invitations (RFC 6047): a form of the mail's own text, a file too; from the academy, to one person."""
    User.objects.filter(pk=asked.pk).update(first_name="Ana", last_name="Ruiz")
    row = make_class(start=48)
    (message,) = post.sweep()
    assert message["X-RcptTo"] == "student@example.org"
    assert message["Subject"] == "For your calendar: Web Development"
    assert message.get_content_type() == "multipart/mixed"
    forms, attached = message.iter_parts()
    assert forms.get_content_type() == "multipart/alternative"
    text, html, calendar = forms.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert calendar["Content-Type"] == 'text/calendar; method="REQUEST"; charset="utf-8"'
    assert attached.get_filename() == f"class-{row.pk}.ics"
    assert attached.get_content() == calendar.get_content()
    (told,) = channels_of(message)
    assert (told.organizer, told.organizer.params["CN"]) == ("mailto:no-reply@testserver", "Downtown Miami")
    assert "no-reply@testserver" in message["From"]  # mail programs compare the two
    assert (told.attendee, told.attendee.params["CN"]) == ("mailto:student@example.org", "Ana Ruiz")
    assert f"/v1/events/me/event/liveclass/join/{row.hash}" in text.get_content()
    assert "Hello Ana," in text.get_content()
    assert "Friday, March 7, 2025, from 1:30 p.m. to 3:30 p.m." in text.get_content()
    assert "All times: America/New_York." in text.get_content()
    assert "zoom.us" not in message.as_string()
    assert OutgoingMail.objects.get().user_id == asked.pk


def test_the_readers_zone_and_language(post, asked, make_class, staff):
    """Invitations: both forms of the mail in the reader's language and time zone; the event in the cohort's."""
    User.objects.filter(pk=asked.pk).update(language="es", timezone="Europe/Madrid")
    row = make_class(start=48)
    post.sweep()
    staff("PUT", f"/{row.pk}", times(49))
    (message,) = post.sweep()
    assert message["Subject"] == "Para tu calendario: Web Development"
    text, html, _calendar = next(message.iter_parts()).iter_parts()
    for form in (text, html):
        assert "Ha cambiado en tu calendario:" in form.get_content()
        assert "viernes, 7 de marzo de 2025, de 20:30 a 22:30" in form.get_content()
        assert "(antes: viernes, 7 de marzo de 2025, de 19:30 a 21:30)" in form.get_content()
        assert "Europe/Madrid" in form.get_content()
    (told,) = channels_of(message)
    assert str(told.description).startswith("Join: ")


def test_a_build_of_a_hundred_classes_is_one_mail(post, asked, call, world, client):
    """Invitations: one mail for a series, with a file for each class; sweeping again sends nothing."""
    slots = f"/v1/admissions/academy/cohort/{world.cohort.slug}/timeslot"
    Cohort.objects.update(kickoff_date=datetime.date(2025, 3, 6), ending_date=datetime.date(2025, 4, 24))
    who = {"as_": world.coordinator, "academy": world.miami}
    for starting_at in (900, 1400):
        body = {"starting_at": starting_at, "ending_at": starting_at + 100, "recurrency_type": "DAILY"}
        assert call("POST", slots, **who, body=body).status_code == 201
    (message,) = post.sweep()
    assert len(calendar_parts(message)) == len(list(message.iter_attachments())) == 100
    told = channels_of(message)
    assert {one.method for one in told} == {"REQUEST"}
    assert {(one.uid, one.starts) for one in told} == {
        (event["uid"], event["dtstart"].dt) for event in FeedReader(client, asked).events("ical/me")
    }
    text = message.get_body(("plain",)).get_content()
    assert text.count("\n* Web Development: ") == 100
    assert "Each class is attached as a file." in text
    assert post.sweep() == []
    # A new hour for all of them is one mail too, and half of them going is another.
    slot = CohortTimeSlot.objects.latest("pk")
    assert call("PUT", f"{slots}/{slot.pk}", **who, body={"starting_at": 1300}).status_code == 200
    (moved,) = post.sweep()
    assert [(one.method, one.sequence) for one in channels_of(moved)] == [("REQUEST", 1)] * 50
    assert call("DELETE", f"{slots}/{slot.pk}", **who).status_code == 200
    (gone,) = post.sweep()
    assert [(one.method, one.sequence) for one in channels_of(gone)] == [("CANCEL", 2)] * 50
    assert post.sweep() == []


def test_more_than_fit_into_a_mail(post, asked, make_class):
    """Invitations: a mail holds 100 classes; the sweeps that follow send the others."""
    for number in range(101):
        make_class(start=24 + number)
    assert [[len(channels_of(message)) for message in post.sweep()] for _ in range(3)] == [[100], [1], []]


def test_a_cohort_comes_to_rest_first(post, asked, make_class, staff):
    """Invitations: a change is told when nothing has changed for two minutes, and what was taken back never."""
    row = make_class(start=48)
    assert post.sweep(after=timedelta(minutes=1, seconds=59)) == []
    staff("PUT", f"/{row.pk}", times(50))
    assert post.sweep(after=timedelta(minutes=1)) == []
    assert post.one().starts == NOW + timedelta(hours=50)
    staff("POST", f"/{row.pk}/cancel", {"reason": "A mistake"})
    staff("POST", f"/{row.pk}/restore")
    staff("PUT", f"/{row.pk}", times(60))
    staff("PUT", f"/{row.pk}", times(50))
    assert post.sweep() == []


def test_the_meetings_own_link_is_no_news(post, asked, make_class, staff):
    """Invitations: they hold the join link, which stays (decision record 0006)."""
    row = make_class(start=48)
    post.sweep()
    staff("PUT", f"/{row.pk}", {"remote_meeting_url": "https://meet.example.org/x"})
    assert post.sweep() == []


def test_a_new_name_of_the_cohort_is_told(post, asked, make_class):
    """Invitations: a class without a title has the cohort's; SEQUENCE rises though the class's own does not."""
    make_class(start=48)
    assert post.one().sequence == 0
    world_cohort = Cohort.objects.get(slug="web-dev")
    world_cohort.name = "Full Stack"
    world_cohort.save()
    told = post.one()
    assert (told.method, told.sequence, told.summary) == ("REQUEST", 1, "Full Stack")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2025-03-05T18:30:00+00:00", "2025-06-01"),
        ("2025-10-31T23:59:59+00:00", "2026-01-01"),
        ("2025-12-31T22:00:00-05:00", "2026-04-01"),
        ("2024-12-01T00:00:00+00:00", "2025-03-01"),
    ],
)
def test_the_window_moves_once_a_month(now, end):
    """Invitations: to the end of the month after next, in UTC."""
    assert end_of_window(datetime.datetime.fromisoformat(now)).isoformat() == f"{end}T00:00:00+00:00"


def test_classes_far_ahead_wait_for_their_month(post, asked, make_class, staff, clock):
    """Invitations: told when the window reaches them, one mail a month; what was told is corrected wherever it goes."""
    near, far = make_class(start=24 * 60), make_class(start=24 * 88)  # 4 May and 1 June
    assert post.one().uid == f"liveclass-{near.pk}@testserver"
    clock.move_to(datetime.datetime(2025, 3, 31, 23, 50, tzinfo=datetime.UTC))
    assert post.sweep() == []
    clock.move_to(datetime.datetime(2025, 4, 1, 0, 1, tzinfo=datetime.UTC))
    assert post.one().uid == f"liveclass-{far.pk}@testserver"
    staff("PUT", f"/{near.pk}", times(24 * 300))
    told = post.one()
    assert (told.method, told.starts) == ("REQUEST", NOW + timedelta(days=300))
    assert post.sweep() == []


def test_a_class_moved_into_the_future_again(post, asked, make_class, staff):
    """Invitations: one that nobody started and that is put off is told anew, and can be called off then."""
    row = make_class(start=0.1)
    post.sweep()
    post.clock.shift(timedelta(hours=1))
    staff("PUT", f"/{row.pk}", times(24))
    told = post.one()
    assert (told.method, told.sequence, told.starts) == ("REQUEST", 1, NOW + timedelta(days=1))
    staff("POST", f"/{row.pk}/cancel", {"reason": "x"})
    assert post.one().method == "CANCEL"


def test_a_past_class_that_is_put_off_and_then_cancelled(post, asked, make_class, staff):
    """Invitations: what has begun by the calendar is left there; it was never told that the class is still to come."""
    past, other = make_class(start=0.1), make_class(start=48)
    post.sweep()
    post.clock.shift(timedelta(hours=1))
    staff("PUT", f"/{past.pk}", times(24))
    staff("POST", f"/{past.pk}/cancel", {"reason": "x"})
    staff("PUT", f"/{other.pk}", times(50))
    assert post.one().uid == f"liveclass-{other.pk}@testserver"


def test_what_is_long_over_is_forgotten(post, asked, make_class):
    """Invitations: past classes are left in the calendar and are dropped from our memory after 30 days."""
    make_class(start=1)
    post.sweep()
    CohortUser.objects.filter(user=asked).update(educational_status="DROPPED")
    assert post.sweep(after=timedelta(hours=2)) == []
    assert CalendarInvitation.objects.count() == 1
    assert post.sweep(after=timedelta(days=31)) == []
    assert not CalendarInvitation.objects.exists()


def test_the_number_of_queries(asked, make_class, clock):
    """Invitations: the same for 1 class and for 30; to find that nothing is to be sent costs three for what changed of
    cohorts, three for what changed of users, and none where nothing changed."""

    def queries(work):
        with captured_queries() as captured:
            work()
        return len(captured)

    def tell():
        told = calendar_invitations.send_invitations(
            user_id=asked.pk, cohort_id=Cohort.objects.get(slug="web-dev").pk, now=now
        )
        assert told == expected

    now, expected = NOW, 1
    make_class(start=48)
    one = queries(tell)
    for number in range(30):
        make_class(start=50 + number)
    expected = 30
    assert queries(tell) == one
    clock.shift(REST)
    assert queries(lambda: due_recipients(now=NOW + REST)) == 1 + 3 + 3
    assert due_recipients(now=NOW + REST) == []
    send_due_invitations()
    assert queries(lambda: due_recipients(now=NOW + REST)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once(post, world, make_class):
    """Invitations: two workers tell a person once."""
    ask_for_invitations(world.student)
    row = make_class(start=48)

    def tell():
        return calendar_invitations.send_invitations(user_id=world.student.pk, cohort_id=world.cohort.pk, now=NOW)

    assert sorted(together(tell, tell, tell)) == [0, 0, 1]
    LiveClass.objects.filter(pk=row.pk).update(title="Guest speaker")
    assert sorted(together(tell, tell, tell)) == [0, 0, 1]
    send_due_mails()
    assert [[told.sequence for told in channels_of(message)] for message in post.server.messages] == [[0], [1]]


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_while_another_worker_sends(post, asked, make_class, world, monkeypatch):
    """Invitations: a sweep cannot see what a slower worker is about to send; the next one takes it out again."""
    make_class(start=48)
    post.clock.shift(REST)
    record = calendar_invitations._record

    def leave():
        CohortUser.objects.filter(user=asked).delete()
        send_due_invitations()

    def record_late(*args, **kwargs):
        meanwhile(leave)
        record(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(calendar_invitations, "_record", record_late)
        calendar_invitations.send_invitations(user_id=asked.pk, cohort_id=world.cohort.pk, now=timezone.now())
    send_due_mails()
    assert post.one().method == "CANCEL"
    assert post.sweep() == []
    assert not PendingCheck.objects.filter(task=PendingCheck.Task.INVITATIONS).exists()
