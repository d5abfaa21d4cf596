"""Who is asked about a class, when, and how often."""

import datetime
import re
from datetime import timedelta

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.attendance.domain.roll import save_roll
from breathecode.attendance.models import CohortDay, DayMark
from breathecode.authenticate.models import User
from breathecode.events.domain import lifecycle
from breathecode.events.models import LiveClass
from breathecode.feedback import tasks
from breathecode.feedback.domain.attendees import attendees_of
from breathecode.feedback.domain.survey_mails import classes_with_attendees_to_ask, queue_survey_of_class
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyTemplate
from breathecode.feedback.tasks import send_due_surveys, send_liveclass_survey
from breathecode.notify.models import OutgoingMail
from tests.support.classes import NOW
from tests.support.parts import batches_of
from tests.support.queries import captured_queries
from tests.support.threads import together

pytestmark = [pytest.mark.usefixtures("clock")]


def mails():
    return sorted(OutgoingMail.objects.filter(template="survey").values_list("to", flat=True))


@pytest.fixture
def second_student(world):
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    return world.stranger


def test_attendees_are_asked_once(world, asking, ended_class, mark, second_student):
    """S1, S2, S4: PRESENT and LATE get one mail each; running it twice sends nothing twice."""
    mark(ended_class, world.student)
    mark(ended_class, second_student, "LATE")
    for _ in range(3):
        send_liveclass_survey(live_class_id=ended_class.pk)
        send_due_surveys()
    assert mails() == ["stranger@example.org", "student@example.org"]
    assert Survey.objects.count() == 1
    questions = Answer.objects.filter(user=world.student).values_list("teacher", flat=True)
    assert set(questions) == {None, world.teacher.pk}


def test_one_class_that_fails_does_not_stop_the_others(
    world, asking, make_class, ended_class, mark, monkeypatch, caplog
):
    """S1: the sweep logs the id, asks about the other classes, and asks about this one when it can."""
    other = make_class(start=-6, length=1, started_at=NOW - timedelta(hours=6), ended_at=NOW - timedelta(hours=5))
    for live_class in (ended_class, other):
        mark(live_class, world.student)

    def queue_or_fail(*, live_class_id, now):
        if live_class_id == ended_class.pk:
            raise RuntimeError("broken row")
        return queue_survey_of_class(live_class_id=live_class_id, now=now)

    def fail(*, live_class_ids, now):
        assert ended_class.pk in live_class_ids
        raise RuntimeError("broken row")

    monkeypatch.setattr("breathecode.feedback.tasks.queue_surveys_of_classes", fail)
    monkeypatch.setattr("breathecode.feedback.tasks.queue_survey_of_class", queue_or_fail)
    send_due_surveys()
    assert list(Survey.objects.values_list("live_class", flat=True)) == [other.pk]
    assert [record.live_class_id for record in caplog.records if record.levelname == "ERROR"] == [ended_class.pk]
    monkeypatch.undo()
    send_due_surveys()
    assert set(Survey.objects.values_list("live_class", flat=True)) == {ended_class.pk, other.pk}


def test_the_number_of_statements(world, asking, make_class, mark):
    """S1: asking about many classes takes as many statements as asking about one."""

    def ask(number):
        for hours in range(number):
            start = -3 - hours / 10
            row = make_class(start=start, length=1, started_at=NOW, ended_at=NOW - timedelta(minutes=hours))
            mark(row, world.student)
        with captured_queries() as statements:
            send_due_surveys()
        return len(statements)

    assert ask(2) == ask(15)
    assert Survey.objects.count() == len(mails()) == 17


def log_presence(cohort, day, *users, at=NOW):
    """The day's log has them as present, without a mark in a class."""
    cohort_day, _made = CohortDay.objects.update_or_create(cohort=cohort, day=day, defaults={"updated_at": at})
    DayMark.objects.bulk_create(DayMark(cohort_day=cohort_day, user=user, attended=True) for user in users)


@pytest.mark.parametrize("status", ["ABSENT", "EXCUSED"])
def test_others_are_not_asked(world, asking, ended_class, mark, status):
    """S2: neither absent nor excused; without attendees there is no survey yet."""
    mark(ended_class, world.student, status)
    send_due_surveys()
    assert mails() == []
    assert not Survey.objects.exists()


def test_students_of_the_cohort_only(world, asking, ended_class, mark):
    """S2: nobody else, and nobody who is away, whatever the rows and the log say."""
    for person in (world.teacher, world.stranger, world.dropped):
        mark(ended_class, person)
    log_presence(world.cohort, "2025-03-05", world.admin, world.dropped)
    send_due_surveys()
    assert mails() == []
    assert classes_with_attendees_to_ask(now=NOW) == []


def test_the_oldest_class_first(world, asking, make_class, mark, second_student, monkeypatch):
    """S1: before the 24 hours of a class are over; classes with nobody to ask keep none waiting."""
    monkeypatch.setattr(tasks, "CLASSES_PER_BATCH", 1)
    nobody, newer, older = [
        make_class(
            start=-hours, length=1, started_at=NOW - timedelta(hours=hours), ended_at=NOW - timedelta(hours=hours - 1)
        )
        for hours in (5, 3, 20)
    ]
    mark(nobody, world.student, "ABSENT")
    mark(newer, world.student)
    log_presence(world.cohort, "2025-03-04", second_student, at=older.ended_at)
    for _ in batches_of(send_due_surveys):
        pass
    assert list(Survey.objects.order_by("pk").values_list("live_class", flat=True)) == [older.pk, newer.pk]
    assert classes_with_attendees_to_ask(now=NOW) == []


@pytest.mark.parametrize(("hours", "asked"), [(0, True), (22.9, True), (25.1, False), (-24.9, True), (-25.1, False)])
def test_the_days_log_counts_while_fresh(world, asking, ended_class, hours, asked):
    """S2: the log entry of the class's day, if updated within 24 hours of its end (13:30 to 12:30 ago)."""
    log_presence(world.cohort, "2025-03-05", world.student, at=NOW + timedelta(hours=hours))
    live_class = LiveClass.objects.select_related("cohort").get()
    assert [person.pk for person in attendees_of(live_class)] == ([world.student.pk] if asked else [])


def test_another_days_log_does_not_count(world, asking, ended_class):
    """S2: the day is the class's own, in its zone."""
    log_presence(world.cohort, "2025-03-04", world.student)
    log_presence(world.cohort, "2025-03-06", world.student)
    send_due_surveys()
    assert mails() == []


def test_presence_in_another_class_of_the_day_is_not_presence_here(world, asking, make_class, ended_class, mark):
    """S2: the log knows days, not classes; who was in the morning class is not asked about the afternoon's."""
    morning = make_class(start=-6, length=1, started_at=NOW - timedelta(hours=6), ended_at=NOW - timedelta(hours=5))
    mark(morning, world.student)
    log_presence(world.cohort, "2025-03-05", world.student)
    send_due_surveys()
    assert list(Survey.objects.values_list("live_class", flat=True)) == [morning.pk]


def test_when_nobody_is_asked(world, make_class, ended_class, mark):
    """S1: without settings, with surveys off, for an excluded cohort, or after 24 hours."""
    mark(ended_class, world.student)

    def asked():
        return queue_survey_of_class(live_class_id=ended_class.pk, now=NOW)

    assert asked() == 0
    settings = FeedbackSettings.objects.create(academy=world.miami, send_surveys=False)
    assert asked() == 0
    FeedbackSettings.objects.update(send_surveys=True)
    settings.excluded_cohorts.add(world.cohort)
    assert asked() == 0
    settings.excluded_cohorts.clear()
    assert queue_survey_of_class(live_class_id=ended_class.pk, now=NOW + timedelta(hours=23, seconds=1)) == 0
    assert mails() == []
    assert queue_survey_of_class(live_class_id=ended_class.pk, now=NOW + timedelta(hours=23)) == 1


def test_ending_a_class_asks(world, asking, make_class, mark, call, django_capture_on_commit_callbacks):
    """S1: after the commit that ended the class, whichever way it ended, and not before."""
    live_class = make_class(start=-3, started_at=NOW - timedelta(hours=3))
    mark(live_class, world.student)
    url = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    call("PUT", url, as_=world.staff_teacher, academy=world.miami, body={"ended_at": NOW.isoformat()})
    assert mails() == ["student@example.org"]
    other = make_class(start=-9, started_at=NOW - timedelta(hours=9))
    mark(other, world.student)
    with django_capture_on_commit_callbacks(execute=True):
        from django.db import transaction

        with transaction.atomic():
            lifecycle.end_class(lifecycle.lock_class(other.pk), at=NOW, now=NOW)
            assert len(mails()) == 1
    assert len(mails()) == 2


def test_a_roll_call_within_the_day_still_asks(world, asking, ended_class, mark):
    """S1, S2: attendance that comes hours after the end is found by the sweep, once."""
    send_due_surveys()
    assert mails() == []
    mark(ended_class, world.student)
    send_due_surveys()
    assert mails() == ["student@example.org"]


@pytest.mark.parametrize(
    ("language", "own", "title"),
    [
        ("en", None, "How was your class?"),
        ("es", None, "¿Qué tal la clase?"),
        ("es-CL", None, "¿Qué tal la clase?"),
        ("pt", None, "How was your class?"),
        ("es", {"es": {"title": "¿Y?"}}, "¿Y?"),
        ("es-CL", {"es": {"title": "¿Y?"}, "es-CL": {"title": "¿Cachái?"}}, "¿Cachái?"),
        ("es", {"en": {"title": "So?"}}, "So?"),
        ("es", {"fr": {"title": "Alors ?"}}, "¿Qué tal la clase?"),
        ("es", {"es": {"intro": "Hola {title}"}}, "¿Qué tal la clase?"),
    ],
)
def test_whose_words(world, asking, ended_class, mark, language, own, title):
    """S3: the academy's template, else the default, in the cohort's language, else English; each text by itself."""
    Cohort.objects.update(language=language)
    if own:
        template = SurveyTemplate.objects.create(academy=world.miami, name="Ours", texts=own)
        FeedbackSettings.objects.update(liveclass_survey_template=template)
    mark(ended_class, world.student)
    send_due_surveys()
    assert OutgoingMail.objects.get(template="survey").subject == title
    if own and "intro" in own.get("es", {}):
        assert "Hola Web Development" in OutgoingMail.objects.get(template="survey").text


def test_the_mail(world, asking, ended_class, mark):
    """S4: one mail with a link that needs no password, from the academy, in both parts."""
    world.miami.feedback_email = "feedback@miami.org"
    world.miami.save()
    mark(ended_class, world.student)
    send_due_surveys()
    mail = OutgoingMail.objects.get(template="survey")
    (link,) = set(re.findall(r"http://testserver/survey/\d+\?token=[\w-]{40,}", mail.text))
    assert link in mail.html
    assert (mail.from_name, mail.reply_to) == ("Downtown Miami", "feedback@miami.org")
    assert mail.user_id == world.student.pk


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once(world, asking, ended_class, mark):
    """S1: the same task in several workers at the same moment makes one survey and one mail a person."""
    mark(ended_class, world.student)

    def run():
        return queue_survey_of_class(live_class_id=ended_class.pk, now=NOW)

    assert sorted(together(run, run, run, run)) == [0, 0, 0, 1]
    assert mails() == ["student@example.org"]
    assert datetime.datetime.now(tz=datetime.UTC) == NOW


def test_who_is_marked_later_is_asked_then(world, asking, ended_class, mark, second_student):
    """S1: within 24 hours of the end, once, with a link that works 48 hours; nobody else is asked again."""
    mark(ended_class, world.student)
    send_due_surveys()
    mark(ended_class, second_student, "LATE")
    for _ in range(2):
        send_due_surveys()
        send_liveclass_survey(live_class_id=ended_class.pk)
    assert mails() == ["stranger@example.org", "student@example.org"]
    assert Survey.objects.count() == 1


def put_roll(call, world, live_class, marks):
    url = f"/v1/events/academy/event/liveclass/{live_class.pk}/attendance"
    body = {"attendance": [{"user": person.pk, "status": status} for person, status in marks.items()]}
    return call("PUT", url, as_=world.staff_teacher, academy=world.miami, body=body)


def put_log(call, world, people):
    body = {"day": "2025-03-05", "attendance_ids": [person.pk for person in people]}
    url = "/v1/admissions/academy/cohort/web-dev/log"
    return call("PUT", url, as_=world.staff_teacher, academy=world.miami, body=body)


@pytest.fixture
def here_all_along(second_student):
    EnrolmentPeriod.objects.filter(user=second_student).update(since=NOW - timedelta(days=30))
    return second_student


@pytest.mark.parametrize("status", ["PRESENT", "LATE"])
def test_a_roll_that_is_put_later_asks_at_once(call, world, asking, ended_class, here_all_along, status):
    """S1, A2: without waiting for the sweep; marking the same again, or the sweep, asks nobody twice."""
    put_roll(call, world, ended_class, {world.student: "PRESENT", here_all_along: "ABSENT"})
    assert mails() == ["student@example.org"]
    for _ in range(2):
        assert put_roll(call, world, ended_class, {here_all_along: status}).status_code == 200
        assert mails() == ["stranger@example.org", "student@example.org"]
    put_roll(call, world, ended_class, {here_all_along: "EXCUSED"})
    put_roll(call, world, ended_class, {here_all_along: "PRESENT"})
    send_due_surveys()
    assert len(mails()) == 2


def test_a_log_that_is_put_later_asks_at_once(call, world, asking, ended_class, here_all_along):
    """S1, A4: who is added to the day's log after the survey went out is asked then, once."""
    assert put_log(call, world, [world.student]).status_code == 200
    assert mails() == ["student@example.org"]
    for _ in range(2):
        assert put_log(call, world, [world.student, here_all_along]).status_code == 200
        assert mails() == ["stranger@example.org", "student@example.org"]


def test_a_mark_after_24_hours_asks_nobody(call, world, asking, ended_class, here_all_along):
    """S1: the class ended an hour ago; 23 hours on it is too late."""
    with time_machine.travel(NOW + timedelta(hours=23, seconds=1), tick=False):
        put_roll(call, world, ended_class, {here_all_along: "PRESENT"})
        send_due_surveys()
    assert mails() == []


def test_a_mark_in_a_class_that_runs_asks_nobody_yet(call, world, asking, make_class):
    """S1: the survey comes when the class ends."""
    live_class = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    put_roll(call, world, live_class, {world.student: "PRESENT"})
    assert mails() == []
    url = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    call("PUT", url, as_=world.staff_teacher, academy=world.miami, body={"ended_at": NOW.isoformat()})
    assert mails() == ["student@example.org"]


@pytest.mark.django_db(transaction=True)
def test_two_late_markings_at_once(call, world, asking, ended_class, here_all_along):
    """S1: two teachers mark at the same moment, the sweep runs beside them: everybody is asked, and once."""
    third = User.objects.create_user("third@example.org")
    CohortUser.objects.create(cohort=world.cohort, user=third)
    EnrolmentPeriod.objects.filter(user=third).update(since=NOW - timedelta(days=30))
    put_roll(call, world, ended_class, {world.student: "PRESENT"})

    def marker(person):
        within = LiveClass.objects.all()
        marks = {person.pk: "LATE"}
        return lambda: save_roll(ended_class.pk, marks=marks, by=world.teacher, now=NOW, within=within)

    together(marker(here_all_along), marker(third), send_due_surveys)
    send_due_surveys()
    assert mails() == ["stranger@example.org", "student@example.org", "third@example.org"]
    assert Survey.objects.get().links.count() == 3
