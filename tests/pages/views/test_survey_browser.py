"""The survey form in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import sync_playwright

from breathecode.authenticate.models import Token
from breathecode.feedback.domain.texts import survey_texts
from breathecode.feedback.models import Answer, Survey, SurveyLink
from tests.support.database import database_url
from tests.support.servers import chromium_path, web_server

pytestmark = pytest.mark.any_database


@pytest.mark.django_db(transaction=True)
def test_an_old_tab(world, make_class, static_files):
    """S6, S4: a comment of several lines, saved in one tab, outlives the form that another tab still shows."""
    texts, expires_at = survey_texts(None, cohort_language="en"), timezone.now() + timedelta(hours=1)
    survey = Survey.objects.create(live_class=make_class(), language="en", texts=texts, expires_at=expires_at)
    SurveyLink.objects.create(survey=survey, user=world.student, key_hash=Token.digest("key"))
    answers = [Answer.objects.create(survey=survey, user=world.student, teacher=who) for who in (None, world.teacher)]
    with web_server({"DATABASE_URL": database_url()}) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(java_script_enabled=False)
        old, new = context.new_page(), context.new_page()
        for page in (old, new):
            page.goto(f"{server.url}/survey/{survey.pk}?token=key")
        new.fill(f"#comment-{answers[0].pk}", "One\nTwo")
        new.click("button")
        new.wait_for_url("**saved=1")
        new.click("text=Change my answers")
        new.click("button")  # untouched: lines are sent with other ends than they are stored with
        old.check(f"input[name=score-{answers[1].pk}][value='8']", force=True)
        old.click("button")
        old.wait_for_url("**saved=1")
        old.click("text=Change my answers")
        shown = old.input_value(f"#comment-{answers[0].pk}")
        browser.close()
    about_class, about_teacher = (Answer.objects.get(pk=answer.pk) for answer in answers)
    assert shown == about_class.comment == "One\nTwo"
    assert (about_teacher.score, about_teacher.comment) == (8, "")
    assert about_class.updated_at < about_teacher.updated_at
