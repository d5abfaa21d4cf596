"""A survey as its attendee sees it: the form, what was sent, and the way back to it; by link, and signed in."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.authenticate.models import Token
from breathecode.feedback.domain.texts import survey_texts
from breathecode.feedback.models import Answer, Survey, SurveyLink
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def survey(world, make_class):
    """Of a Spanish cohort, to the student (whose key is `key`) and to the dropped one, about class and teacher."""
    texts = survey_texts(None, cohort_language="es")
    made = Survey.objects.create(
        live_class=make_class(start=-3), language="es", texts=texts, expires_at=NOW + timedelta(hours=48)
    )
    for person, key in ((world.student, "key"), (world.dropped, "other")):
        SurveyLink.objects.create(survey=made, user=person, key_hash=Token.digest(key))
        for teacher in (None, world.teacher):
            Answer.objects.create(survey=made, user=person, teacher=teacher)
    return made


def browser(person=None, **options):
    client = Client(headers=HTML, **options)
    if person:
        client.force_login(person)
    return client


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def score_fields(survey, person, *scores):
    answers = Answer.objects.filter(survey=survey, user=person).order_by("pk")
    return {f"score-{answer.pk}": score for answer, score in zip(answers, scores, strict=True)}


def scores(person):
    return list(Answer.objects.filter(user=person).order_by("pk").values_list("score", flat=True))


@pytest.mark.parametrize("way", ["by link", "signed in"])
def test_what_was_sent_and_the_way_back(world, survey, way):
    """S4, S6: the page after sending says what was sent, and leads back to the filled form."""
    is_own = way == "signed in"
    client = browser(world.student if is_own else None)
    address = f"/me/surveys/{survey.pk}" if is_own else f"/survey/{survey.pk}?token=key"
    comment = f"comment-{Answer.objects.filter(user=world.student).earliest('pk').pk}"
    sent = client.post(address, {**score_fields(survey, world.student, "9", ""), comment: "Más <b>ejemplos</b>"})
    assert sent.status_code == 302
    page = client.get(sent["Location"])
    assert page["Cache-Control"] == "no-store"
    text = text_of(page)
    assert "9 of 10" in text if is_own else "9 de 10" in text  # the reader's language, or the survey's
    assert "Más &lt;b&gt;ejemplos&lt;/b&gt;" in text
    assert "no answer" in text if is_own else "sin respuesta" in text
    (back,) = re.findall(r'<a class="button" href="([^"]+)"', page.content.decode())
    assert back == address
    form = client.get(back).content.decode()
    assert re.search(r'value="9" checked', form)
    client.post(back, score_fields(survey, world.student, "4", "10"))
    assert scores(world.student) == [4, 10]


def test_nothing_is_said_to_be_sent_that_was_not(world, survey):
    """S6: `saved` typed by hand shows the form."""
    assert 'type="radio"' in browser().get(f"/survey/{survey.pk}?token=key&saved=1").content.decode()


def test_only_ones_own(world, survey):
    """S4, V1: who was not asked gets the 404 page; answers of others are never read or written."""
    for person in (world.teacher, world.admin, world.superuser, world.stranger):
        for answer in (
            browser(person).get(f"/me/surveys/{survey.pk}"),
            browser(person).post(f"/me/surveys/{survey.pk}"),
        ):
            assert answer.status_code == 404
    Answer.objects.filter(user=world.dropped, teacher=None).update(comment="Secret", answered_at=NOW)
    client = browser(world.student)
    assert "Secret" not in client.get(f"/me/surveys/{survey.pk}").content.decode()
    assert client.post(f"/me/surveys/{survey.pk}", score_fields(survey, world.dropped, "1", "1")).status_code == 400
    assert scores(world.dropped) == [None, None]
    # A key in this address changes nothing: it is the session that counts.
    assert "Secret" not in client.get(f"/me/surveys/{survey.pk}?token=other").content.decode()
    assert browser(world.stranger).get(f"/me/surveys/{survey.pk}?token=key").status_code == 404


def test_signed_in_needs_a_session_and_a_token(world, survey):
    """V1, V3: signed out, to the sign-in page and back; a form of another site is refused."""
    answer = browser().get(f"/me/surveys/{survey.pk}")
    assert answer["Location"] == f"/sign-in?next=%2Fme%2Fsurveys%2F{survey.pk}"
    client = browser(world.student, enforce_csrf_checks=True)
    fields = score_fields(survey, world.student, "9", "9")
    assert client.post(f"/me/surveys/{survey.pk}", fields).status_code == 403
    assert scores(world.student) == [None, None]
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode()))
    assert client.post(f"/me/surveys/{survey.pk}", {**fields, "csrfmiddlewaretoken": token}).status_code == 302
    assert scores(world.student) == [9, 9]


def test_a_closed_survey(world, survey):
    """S4: after 48 hours neither way changes anything, and the page says why."""
    SurveyLink.objects.update(expires_at=NOW)
    client = browser(world.student)
    for method in (client.get, client.post):
        answer = method(f"/me/surveys/{survey.pk}")
        assert (answer.status_code, "This survey is closed" in text_of(answer)) == (400, True)


def test_the_scale_is_read_aloud(survey):
    """S4, V2: what 0 and 10 mean is part of their labels."""
    page = text_of(browser().get(f"/survey/{survey.pk}?token=key"))
    assert len(re.findall("0 . seguro que no", page)) == 2  # to hear, and to see
    assert len(re.findall("10 . muy bien", page)) == 2
