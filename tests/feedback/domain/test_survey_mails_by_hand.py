"""A survey that staff send for a class themselves."""

import re
from datetime import timedelta

import pytest
import time_machine

from breathecode.admissions.models import CohortUser
from breathecode.events.domain.queries import classes_of_academy
from breathecode.feedback.domain.survey_mails import queue_survey_by_hand
from breathecode.feedback.errors import NobodyToAsk
from breathecode.feedback.models import FeedbackSettings, Survey, SurveyLink
from breathecode.feedback.tasks import send_due_surveys
from breathecode.notify.models import OutgoingMail
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import captured_queries
from tests.support.threads import together

pytestmark = pytest.mark.usefixtures("clock")
URL = "/v1/feedback/academy/survey"


@pytest.fixture
def ask(call, world):
    def send(live_class, *, as_=None, academy=None, body=None):
        body = {"live_class": live_class if isinstance(live_class, int) else live_class.pk} if body is None else body
        return call("POST", URL, as_=as_ or world.coordinator, academy=academy or world.miami, body=body)

    return send


@pytest.fixture
def ended_days_ago(make_class):
    def make(days):
        ended_at = NOW - timedelta(days=days)
        started_at = ended_at - timedelta(hours=2)
        return make_class(start=-24 * days - 2, started_at=started_at, ended_at=ended_at)

    return make


def mails():
    return sorted(OutgoingMail.objects.filter(template="survey").values_list("to", flat=True))


def test_it_asks_once_per_person(world, ask, call, ended_days_ago, mark):
    """S5: 201 with the survey; whoever was asked before is not asked again, and a link works 48 hours from then on."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    live_class = ended_days_ago(3)
    mark(live_class, world.student)
    response = ask(live_class)
    assert response.status_code == 201
    survey = response.json()
    assert (survey["live_class"], survey["people_asked"], survey["response_rate"]) == (live_class.pk, 1, 0.0)
    assert survey["expires_at"] == "2025-03-07T18:30:00Z"
    assert call("GET", f"{URL}/{survey['id']}", as_=world.reader, academy=world.miami).json().items() >= survey.items()
    assert error(ask(live_class)) == (400, "nobody-to-ask")
    mark(live_class, world.stranger, "LATE")
    with time_machine.travel(NOW + timedelta(hours=47), tick=False):
        assert ask(live_class).json()["people_asked"] == 2
        assert error(ask(live_class)) == (400, "nobody-to-ask")
    assert mails() == ["stranger@example.org", "student@example.org"]
    assert Survey.objects.count() == 1
    assert SurveyLink.objects.get(user=world.stranger).closes_at == NOW + timedelta(hours=95)


def test_the_mailed_link_opens_the_survey(world, ask, client, mailoutbox, ended_days_ago, mark):
    """S5, S4: as a survey that was sent automatically does."""
    live_class = ended_days_ago(6)
    mark(live_class, world.student)
    ask(live_class)
    (link,) = re.findall(r"http://testserver(/survey/\S+)", mailoutbox[0].body)
    assert "How was your class?" in client.get(link).content.decode()


@pytest.mark.parametrize("settings", ["none", "off", "excluded"])
def test_the_settings_are_about_automatic_surveys(world, ask, ended_class, mark, settings):
    """S5: staff may ask where the academy has no settings, has switched surveys off, or excludes the cohort."""
    mark(ended_class, world.student)
    if settings != "none":
        row = FeedbackSettings.objects.create(academy=world.miami, send_surveys=settings != "off")
        row.excluded_cohorts.set([world.cohort] if settings == "excluded" else [])
    send_due_surveys()
    assert mails() == []
    assert ask(ended_class).status_code == 201
    assert mails() == ["student@example.org"]


def test_seven_days(world, ask, ended_days_ago, mark):
    """S5: to the last second of 7 days after the end."""
    live_class = ended_days_ago(7)
    mark(live_class, world.student)
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        assert error(ask(live_class)) == (400, "class-ended-too-long-ago")
    assert ask(live_class).status_code == 201


def test_a_class_that_has_not_ended(world, ask, make_class, mark):
    """S5: neither one that is running nor one to come."""
    running = make_class(start=-1, started_at=NOW - timedelta(hours=1))
    mark(running, world.student)
    for live_class in (running, make_class(start=5)):
        assert error(ask(live_class)) == (400, "class-not-ended")
    assert not Survey.objects.exists()


def test_nobody_to_ask(world, ask, ended_class, mark):
    """S5, S2: nobody is marked present; a student who has left since is not asked either."""
    assert error(ask(ended_class)) == (400, "nobody-to-ask")
    mark(ended_class, world.student)
    CohortUser.objects.filter(user=world.student).update(educational_status="DROPPED")
    assert error(ask(ended_class)) == (400, "nobody-to-ask")
    assert not Survey.objects.exists()


def test_who_may_send(world, ask, ended_class, mark):
    """S5, U3, H4: `crud_survey`, in the class's academy; another academy's class is not found."""
    mark(ended_class, world.student)
    for person in (world.reader, world.staff_teacher):
        assert error(ask(ended_class, as_=person)) == (403, "missing-capability")
    assert error(ask(ended_class, as_=world.student)) == (403, "not-academy-member")
    assert error(ask(ended_class, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")
    for number in (10**9, 2**63, -1):
        assert error(ask(number)) == (404, "not-found")
    assert mails() == []


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "validation-error"),
        ({"live_class": None}, "validation-error"),
        ({"live_class": "x"}, "validation-error"),
        ({"live_class": True}, "validation-error"),
        ({"live_class": 1, "cohort": 1}, "unknown-field"),
        ([], "validation-error"),
    ],
)
def test_bodies_that_are_refused(ask, ended_class, body, slug):
    """S5, H5: each with its slug."""
    assert error(ask(ended_class, body=body)) == (400, slug)


def test_an_error_in_spanish(world, ask, ended_class):
    """S5, V5: in the caller's language."""
    world.coordinator.language = "es"
    world.coordinator.save()
    assert ask(ended_class).json()["detail"].startswith("Todos los estudiantes que constan como presentes")


@pytest.mark.parametrize("count", [1, 20])
def test_as_many_statements_for_many(world, ask, ended_class, mark, count, django_user_model):
    """S5: the number of statements does not grow with the attendees."""
    people = [django_user_model.objects.create_user(f"s{n}@example.org") for n in range(count)]
    for person in people:
        CohortUser.objects.create(cohort=world.cohort, user=person)
        mark(ended_class, person)
    ask(0)  # signs in
    with captured_queries() as statements:
        assert ask(ended_class).json()["people_asked"] == count
    sending = [sql for sql in statements if "notify_outgoingmail" not in sql]  # each mail is sent by itself
    assert len(sending) < 40


@pytest.mark.django_db(transaction=True)
def test_two_at_once(world, ended_class, mark):
    """S5: two of the staff, and the automatic survey, at the same moment: each person is asked once."""
    FeedbackSettings.objects.create(academy=world.miami)
    mark(ended_class, world.student)

    def by_hand():
        try:
            classes = classes_of_academy(world.miami.pk)
            return queue_survey_by_hand(live_class_id=ended_class.pk, within=classes, now=NOW).pk
        except NobodyToAsk:
            return None

    together(by_hand, by_hand, send_due_surveys, by_hand)
    assert mails() == ["student@example.org"]
    assert SurveyLink.objects.count() == Survey.objects.count() == 1
    assert by_hand() is None
