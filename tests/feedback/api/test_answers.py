"""Answering, by the mailed link and over the API; what staff read of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink
from breathecode.feedback.tasks import send_due_surveys
from breathecode.notify.models import OutgoingMail
from tests.support.classes import NOW
from tests.support.client import error

pytestmark = pytest.mark.usefixtures("clock")
ACADEMY = "/v1/feedback/academy"


@pytest.fixture
def link_of(world, asking, ended_class, mark):
    """The address in the mail of each of two attendees."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    for person in (world.student, world.stranger):
        mark(ended_class, person)
    send_due_surveys()

    def link(person):
        text = OutgoingMail.objects.get(to=person.email, template="survey").text
        (found,) = re.findall(r"http://testserver(/survey/\S+)", text)
        return found

    return link


@pytest.fixture
def browser():
    return Client(headers={"Accept": "text/html"}, enforce_csrf_checks=True, raise_request_exception=False)


def question(person, teacher=None):
    return Answer.objects.get(user=person, teacher=teacher)


def form(person, teacher, *, score="9", comment="Good", teacher_score="10"):
    return {
        f"score-{question(person).pk}": score,
        f"comment-{question(person).pk}": comment,
        f"score-{question(person, teacher).pk}": teacher_score,
    }


def test_the_page_opens_without_a_password(browser, world, link_of):
    """S4: the class and each teacher, 0 to 10 and a comment; no key in the page, nothing of it kept."""
    response = browser.get(link_of(world.student))
    page = response.content.decode()
    assert response.status_code == 200
    assert "How was your class?" in page
    assert "How did teacher@example.org teach?" in page
    assert page.count('type="radio"') == 22
    assert page.count("<textarea") == 2
    assert "token=" not in page
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_answering_and_changing_ones_mind(browser, world, link_of):
    """S4: answers are saved without a password or a cookie, and can be changed while the survey is open."""
    link = link_of(world.student)
    response = browser.post(link, form(world.student, world.teacher), follow=True)
    assert "Thank you" in response.content.decode()
    mine = question(world.student)
    assert (mine.score, mine.comment, mine.answered_at) == (9, "Good", NOW)
    assert question(world.student, world.teacher).score == 10
    browser.post(link, form(world.student, world.teacher, score="", comment=""))
    mine.refresh_from_db()
    assert (mine.score, mine.comment, mine.answered_at) == (None, "", None)
    assert not Answer.objects.filter(user=world.stranger, answered_at__isnull=False).exists()


@pytest.mark.parametrize("score", ["11", "-1", "x", "1.5", "٣", "\0"])
def test_an_unreadable_score(browser, world, link_of, score):
    """S4: a wrong number is said, and nothing is written nor lost."""
    response = browser.post(link_of(world.student), form(world.student, world.teacher, score=score, comment="Kept"))
    assert response.status_code == 400
    assert "Kept" in response.content.decode()
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


def test_another_persons_questions_cannot_be_answered(browser, world, link_of):
    """S4: the link opens that person's survey and nothing else."""
    response = browser.post(link_of(world.student), form(world.stranger, world.teacher))
    assert response.status_code == 400
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


def test_links_that_open_nothing(browser, world, link_of, call):
    """S4: cut off, of another survey, of somebody no longer active, or no survey key at all."""
    link = link_of(world.student)
    path, key = link.split("?token=")
    for wrong in (path, f"{path}?token=", link[:-1], f"/survey/999?token={key}", f"/survey/{2**63}?token={key}"):
        response = browser.get(wrong)
        assert (response.status_code, 'data-slug="survey-link-not-valid"' in response.content.decode()) == (404, True)
    assert browser.get(f"{path}?token={call.key(world.student)}").status_code == 404
    world.student.is_active = False
    world.student.save()
    assert browser.get(link).status_code == 404


def test_a_survey_link_opens_no_other_route(browser, world, link_of, ended_class, call):
    """S4, H2: neither the API, nor a feed, nor a join link."""
    key = link_of(world.student).split("token=")[1]
    response = call("GET", "/v1/events/me/event/liveclass", headers={"Authorization": f"Token {key}"})
    assert error(response) == (401, "invalid-token")
    assert call("GET", f"/v1/events/ical/me?token={key}").status_code == 401
    join = browser.get(f"/v1/events/me/event/liveclass/join/{ended_class.hash}?token={key}")
    assert join["Location"].startswith("/sign-in")


def test_48_hours(browser, world, link_of):
    """S4: open to the last second of 48 hours, then closed, for reading and writing."""
    link = link_of(world.student)
    with time_machine.travel(NOW + timedelta(hours=48, seconds=-1), tick=False):
        assert browser.get(link).status_code == 200
    with time_machine.travel(NOW + timedelta(hours=48), tick=False):
        for response in (browser.get(link), browser.post(link, form(world.student, world.teacher))):
            assert response.status_code == 400
            assert 'data-slug="survey-expired"' in response.content.decode()
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


def test_only_the_hash_of_a_key_is_kept(world, link_of):
    """S4, U2: nobody who reads the database can open a survey."""
    key = link_of(world.student).split("token=")[1]
    assert key not in str(list(SurveyLink.objects.values()))


def test_my_answers_over_the_api(call, world, link_of):
    """S5: a person reads and changes their own answers, while the survey is open, and nobody else's."""
    link_of(world.student)
    url = "/v1/feedback/user/me/answer"
    rows = call("GET", url, as_=world.student).json()
    assert {row["teacher"] and row["teacher"]["id"] for row in rows} == {None, world.teacher.pk}
    mine = question(world.student)
    answer = call("PUT", f"{url}/{mine.pk}", as_=world.student, body={"score": 7}).json()
    assert (answer["score"], answer["comment"], answer["answered_at"]) == (7, "", "2025-03-05T18:30:00Z")
    assert call("PUT", f"{url}/{mine.pk}", as_=world.student, body=answer).json() == answer
    assert [row["id"] for row in call("GET", f"{url}?answered=true", as_=world.student).json()] == [mine.pk]
    for wrong in ({"score": 11}, {"score": -1}, {"score": "x"}, {"comment": "x" * 2001}, {"comment": None}):
        assert error(call("PUT", f"{url}/{mine.pk}", as_=world.student, body=wrong)) == (400, "validation-error")
    for person in (world.stranger, world.admin):
        assert error(call("PUT", f"{url}/{mine.pk}", as_=person, body={"score": 1})) == (404, "not-found")
    Survey.objects.update(expires_at=NOW)
    assert error(call("PUT", f"{url}/{mine.pk}", as_=world.student, body={"score": 1})) == (400, "survey-expired")


def test_what_staff_read(call, world, link_of, browser):
    """S5: response rate and averages by class, teacher and cohort; the answers with filters."""
    browser.post(link_of(world.student), form(world.student, world.teacher, score="9", teacher_score="10"))

    def get(path):
        response = call("GET", f"{ACADEMY}/{path}", as_=world.reader, academy=world.miami)
        assert response.status_code == 200, response.content
        return response.json()

    (survey,) = get("survey")
    assert (survey["people_asked"], survey["people_answered"], survey["response_rate"]) == (2, 1, 0.5)
    assert survey["average"] == 9.0
    browser.post(link_of(world.stranger), form(world.stranger, world.teacher, score="4", teacher_score="5"))
    detail = get(f"survey/{survey['id']}")
    assert (detail["response_rate"], detail["average"]) == (1.0, 6.5)
    (teacher,) = detail["teachers"]
    assert (teacher["teacher_id"], teacher["scores"], teacher["average"]) == (world.teacher.pk, 2, 7.5)
    report = get("report?cohort=web-dev")
    (cohort,) = report["cohorts"]
    assert (cohort["slug"], cohort["asked"], cohort["answered"]) == ("web-dev", 2, 2)
    assert (cohort["response_rate"], cohort["average"]) == (1.0, 6.5)
    assert report["teachers"] == detail["teachers"]
    assert len(get("answer")) == 4
    assert [row["score"] for row in get("answer?score__gte=9")] == [10, 9]
    assert len(get(f"answer?teacher={world.teacher.pk}")) == 2
    assert len(get(f"answer?user={world.student.pk}&answered=true")) == 2
    assert get("answer?cohort=nope") == []


def test_another_academy_reads_nothing(call, world, link_of):
    """S5, H4: lists are empty, ids are not found."""
    link_of(world.student)
    survey = Survey.objects.get()
    for path in ("survey", "answer", "survey/template"):
        assert call("GET", f"{ACADEMY}/{path}", as_=world.foreign_admin, academy=world.madrid).json() == []
    response = call("GET", f"{ACADEMY}/survey/{survey.pk}", as_=world.foreign_admin, academy=world.madrid)
    assert error(response) == (404, "not-found")


def test_settings(call, world):
    """S5: what is not there sends nothing; a PUT makes it; foreign templates and cohorts are refused."""

    def settings(method="GET", body=None, who=world.coordinator):
        return call(method, f"{ACADEMY}/settings", as_=who, academy=world.miami, body=body)

    assert settings().json() == {"liveclass_survey_template": None, "excluded_cohorts": [], "send_surveys": False}
    assert not FeedbackSettings.objects.exists()
    wanted = {"liveclass_survey_template": None, "excluded_cohorts": [world.cohort.pk], "send_surveys": True}
    assert settings("PUT", {"excluded_cohorts": [world.cohort.pk]}).json() == wanted
    assert settings("PUT", wanted).json() == settings().json() == wanted
    for wrong in (
        {"excluded_cohorts": [world.other_cohort.pk]},
        {"excluded_cohorts": "x"},
        {"liveclass_survey_template": 10**9},
        {"send_surveys": "perhaps"},
    ):
        assert error(settings("PUT", wrong)) == (400, "validation-error")
    assert settings().json() == wanted
    assert error(settings("PUT", wanted, who=world.reader)) == (403, "missing-capability")


def test_templates(call, world):
    """S5: an academy's own words; unknown texts, wrong shapes and foreign ids are refused."""

    def templates(method="GET", path="", body=None, who=world.coordinator, academy=world.miami):
        return call(method, f"{ACADEMY}/survey/template{path}", as_=who, academy=academy, body=body)

    body = {"name": "Ours", "texts": {"es": {"title": "¿Y?"}}}
    made = templates("POST", body=body)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert templates().json() == [templates(path=f"/{pk}").json()] == [made.json()]
    assert templates("PUT", f"/{pk}", {"name": "New"}).json()["texts"] == body["texts"]
    bodies: list[dict[str, Any]] = [
        {"texts": []},
        {"texts": {"es": []}},
        {"texts": {"es": {"nope": "x"}}},
        {"texts": {"es": {"title": 1}}},
    ]
    for wrong in bodies:
        assert error(templates("PUT", f"/{pk}", wrong)) == (400, "validation-error")
    assert error(templates("PUT", f"/{pk}", body, world.foreign_admin, world.madrid)) == (404, "not-found")
    settings = {"liveclass_survey_template": pk}
    response = call("PUT", f"{ACADEMY}/settings", as_=world.foreign_admin, academy=world.madrid, body=settings)
    assert error(response) == (400, "validation-error")


def test_a_link_sent_to_an_old_address_is_ended(browser, world, link_of):
    """U5, S4: whoever reads the old address answers no survey in the person's name; the answers stay."""
    link, another = link_of(world.student), link_of(world.stranger)
    User.objects.filter(pk=world.student.pk).update(email="corrected@example.org")
    assert browser.get(link).status_code == 404
    assert browser.get(another).status_code == 200
    assert Answer.objects.filter(user=world.student).count() == 2


@pytest.mark.parametrize("body", [{}, {"other": "1"}])
def test_a_form_that_names_no_question(browser, world, link_of, body):
    """S6: it changes nothing, and is not said to be saved."""
    link = link_of(world.student)
    browser.post(link, form(world.student, world.teacher))
    response = browser.post(link, body, follow=True)
    assert response.status_code == 400
    assert "Thank you" not in response.content.decode()
    assert (question(world.student).score, question(world.student).comment) == (9, "Good")
    assert question(world.student, world.teacher).score == 10


def test_a_form_that_names_one_question(browser, world, link_of):
    """S6: the others stay as they are."""
    link = link_of(world.student)
    browser.post(link, form(world.student, world.teacher))
    browser.post(link, {f"score-{question(world.student).pk}": "3"})
    assert (question(world.student).score, question(world.student).comment) == (3, "Good")
    assert question(world.student, world.teacher).score == 10


def page_form(browser, link):
    """What a browser would send of the form as it is now."""
    page = browser.get(link).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields |= dict(re.findall(r'name="(score-\d+)" value="(\d+)" checked', page))
    return fields | dict(re.findall(r'name="(comment-\d+)"[^>]*>([^<]*)</textarea>', page))


def test_an_old_tab_undoes_nothing(browser, world, link_of):
    """S6: a form that was open while answers were saved elsewhere changes only what was changed in it."""
    link = link_of(world.student)
    old_tab = page_form(browser, link)
    browser.post(link, form(world.student, world.teacher))
    response = browser.post(link, old_tab, follow=True)
    assert "Good" in response.content.decode()
    assert (question(world.student).score, question(world.student).comment) == (9, "Good")
    browser.post(link, {**old_tab, f"comment-{question(world.student, world.teacher).pk}": "Clear"})
    assert (question(world.student).score, question(world.student).comment) == (9, "Good")
    about_teacher = question(world.student, world.teacher)
    assert (about_teacher.score, about_teacher.comment) == (10, "Clear")


def test_an_answer_can_be_taken_back_in_the_form(browser, world, link_of):
    """S6: an emptied comment is a change, also where it has several lines."""
    link, mine = link_of(world.student), question(world.student)
    browser.post(link, {f"comment-{mine.pk}": "One\r\nTwo"})
    shown = page_form(browser, link)
    browser.post(link, {name: value.replace("\n", "\r\n") for name, value in shown.items()})
    assert question(world.student).comment == "One\nTwo"
    browser.post(link, {**shown, f"comment-{mine.pk}": ""})
    assert (question(world.student).comment, question(world.student).answered_at) == ("", None)


def test_an_old_tab_with_an_unreadable_score(browser, world, link_of):
    """S6: the form that comes back shows what is saved, and what was typed; sent again, it clears nothing."""
    link, mine = link_of(world.student), question(world.student, world.teacher)
    old_tab = page_form(browser, link)
    browser.post(link, form(world.student, world.teacher))
    response = browser.post(link, {**old_tab, f"score-{mine.pk}": "11", f"comment-{mine.pk}": "Typed"})
    assert response.status_code == 400
    page = response.content.decode()
    assert "Good" in page
    assert "Typed" in page


def test_an_untouched_form_is_not_said_to_be_saved(browser, world, link_of):
    """S6: where nothing has been answered yet, it changes nothing."""
    link = link_of(world.student)
    response = browser.post(link, page_form(browser, link), follow=True)
    assert response.status_code == 400
    assert "Thank you" not in response.content.decode()
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("body", "score", "comment"),
    [
        ({"score": 3}, 3, "Good"),
        ({"comment": "Fast"}, 9, "Fast"),
        ({"score": None}, None, "Good"),
        ({"comment": ""}, 9, ""),
        ({}, 9, "Good"),
    ],
)
def test_a_body_that_names_some_fields(call, browser, world, link_of, body, score, comment):
    """S6, H1: PUT of an answer changes what is named, and keeps the other field and when it was answered."""
    browser.post(link_of(world.student), form(world.student, world.teacher))
    url = f"/v1/feedback/user/me/answer/{question(world.student).pk}"
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = call("PUT", url, as_=world.student, body=body).json()
    assert (answer["score"], answer["comment"], answer["status"]) == (score, comment, "ANSWERED")
    assert answer["answered_at"] == ("2025-03-05T19:30:00Z" if body else "2025-03-05T18:30:00Z")
    assert question(world.student, world.teacher).score == 10


def test_an_answer_taken_back_over_the_api(call, browser, world, link_of):
    """S6: without a score and a comment, the question counts as open again."""
    browser.post(link_of(world.student), form(world.student, world.teacher))
    url = f"/v1/feedback/user/me/answer/{question(world.student).pk}"
    answer = call("PUT", url, as_=world.student, body={"score": None, "comment": ""}).json()
    assert (answer["answered_at"], answer["status"]) == (None, "PENDING")


def test_the_questions_and_whose_they_are(call, browser, world, link_of):
    """S5: the question as it was asked, its cohort, and what became of it."""
    browser.post(link_of(world.student), {f"score-{question(world.student).pk}": "3"})
    url = f"{ACADEMY}/answer"
    rows = call("GET", f"{url}?sort=id&user={world.student.pk}", as_=world.reader, academy=world.miami).json()
    assert [(row["title"], row["status"]) for row in rows] == [
        ("How likely are you to recommend a class like this one to a friend?", "ANSWERED"),
        ("How did teacher@example.org teach?", "PENDING"),
    ]
    cohort = {"id": world.cohort.pk, "slug": "web-dev", "name": "Web Development"}
    assert [row["cohort"] for row in rows] == [cohort, cohort]
    assert call("GET", "/v1/feedback/user/me/answer?sort=id", as_=world.student).json() == rows


def test_the_filters_of_answers(call, browser, world, link_of):
    """S5, H7: status, text, scores and when it was answered; what cannot be read is refused."""
    browser.post(link_of(world.student), form(world.student, world.teacher, score="2", comment="Too loud"))
    mine, about_teacher = question(world.student).pk, question(world.student, world.teacher).pk
    open_ones = {question(world.stranger).pk, question(world.stranger, world.teacher).pk}

    def ids(query, at=NOW):
        with time_machine.travel(at, tick=False):
            response = call("GET", f"{ACADEMY}/answer?{query}", as_=world.reader, academy=world.miami)
        assert response.status_code == 200, response.content
        return {row["id"] for row in response.json()}

    assert ids("status=ANSWERED") == ids("answered=true") == {mine, about_teacher}
    assert ids("status=PENDING") == ids("answered=false") == open_ones
    assert ids("status=EXPIRED") == ids("status=PENDING", at=NOW + timedelta(hours=48)) == set()
    assert ids("status=EXPIRED", at=NOW + timedelta(hours=48)) == open_ones
    assert ids("score__lte=2") == ids("like=LOUD") == {mine}
    assert ids("score__lte=10&score__gte=3") == {about_teacher}
    assert ids("like=stranger@") == open_ones
    assert ids("like=%25") == set()
    assert ids("sort=-expires_at") == open_ones | {mine, about_teacher}
    assert ids("answered_at__gte=2025-03-05T18:30:00Z") == {mine, about_teacher}
    assert ids(f"cohort=web-dev&user={world.stranger.pk}") == open_ones
    for wrong in ("status=open", "score__lte=11", "score__gte=x", "answered_at__gte=soon"):
        response = call("GET", f"{ACADEMY}/answer?{wrong}", as_=world.reader, academy=world.miami)
        assert error(response) == (400, "invalid-parameter"), wrong
