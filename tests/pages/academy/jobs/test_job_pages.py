"""How far a job is, and what was done (rules P10, V1, V6)."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from breathecode.jobs.domain import kinds
from breathecode.jobs.models import Job
from breathecode.pages.academy.jobs.words import TITLES
from tests.support.queries import captured_queries


def browser(person, **headers):
    client = Client(headers={"Accept": "text/html,*/*;q=0.8", **headers})
    client.force_login(person)
    return client


@pytest.fixture
def job(world):
    return Job.objects.create(
        kind="import-people", academy=world.miami, created_by=world.admin, total=5, done=2, state="RUNNING",
        next_try_at=timezone.now(), last_error="",
        result={"cohort": world.cohort.pk, "rows": 4_400, "created": 1_990, "invited": 1_980, "already_members": 10},
    )  # fmt: skip


def url(world, job):
    return reverse("job", args=[world.miami.slug, job.pk])


def test_a_running_job(world, job):
    """P10: how many people are done, in text and as a bar; it asks again, and has a link for readers without JS."""
    html = browser(world.reader).get(url(world, job)).content.decode()
    assert '<strong id="progress-text">2000 of 4400 people</strong>' in html
    assert re.search(r'<progress [^>]*max="4400" value="2000"', html)
    assert f'hx-get="{url(world, job)}" hx-trigger="every 2s"' in html
    assert f'<a href="{url(world, job)}">See how far it is now</a>' in html
    assert "Web Development" in html
    assert "1990 people added to the cohort." in html


def test_a_job_that_ends(world, job):
    """P10: the fragment alone; the last one says what was done and where to go next, and asks no more."""
    client = browser(world.reader, **{"HX-Request": "true"})
    fragment = client.get(url(world, job)).content.decode()
    assert "<html" not in fragment
    assert "hx-get" in fragment
    result = {**job.result, "created": 4_390}
    Job.objects.update(state="DONE", done=5, result=result, finished_at=timezone.now())
    fragment = client.get(url(world, job)).content.decode()
    assert "hx-get" not in fragment
    assert "4400 of 4400 people" in fragment
    assert "4390 people added to the cohort." in fragment
    assert "10 people were there already." in fragment
    assert 'href="/academy/downtown-miami/cohorts/web-dev/people"' in fragment


def test_a_job_that_failed(world, job):
    """P10: its sentence, and what was done before; nothing meant for operators."""
    Job.objects.update(
        state="FAILED", error="The cohort was deleted.", last_error="OSError: disk", finished_at=timezone.now()
    )
    html = browser(world.reader).get(url(world, job)).content.decode()
    assert re.search(r'role="alert">The cohort was deleted.<', html)
    assert "1990 people added to the cohort." in html
    assert "hx-get" not in html
    assert "OSError" not in html


def test_a_step_that_is_tried_again(world, job):
    """P10: the page says when, and nothing meant for operators."""
    Job.objects.update(state="QUEUED", last_error="OSError: disk")
    html = browser(world.reader).get(url(world, job)).content.decode()
    assert "A step has failed. It is tried again by itself:" in html
    assert "OSError" not in html


def test_another_academys_job(world, job):
    """V1: its id typed by hand gives the 404 page, below either academy."""
    client = browser(world.foreign_admin)
    assert client.get(url(world, job)).status_code == 404
    assert client.get(reverse("job", args=["madrid", job.pk])).status_code == 404
    assert "Import of people" not in client.get("/academy/madrid/jobs").content.decode()


def test_every_kind_has_words(world, job):
    """P10: each kind that an app carries out has a title of its own; the counts name cohorts or people."""
    assert set(kinds._kinds) == set(TITLES)
    for kind in TITLES:
        Job.objects.update(kind=kind, result={"holiday": 3})
        html = browser(world.reader).get(url(world, job)).content.decode()
        assert f"<h1>{TITLES[kind]}</h1>" in html
        assert "2 of 5" in html


def test_many_jobs(world, job):
    """V6: fifty to a page, newest first, in the statements of one."""
    client = browser(world.reader)
    client.get("/academy/downtown-miami/jobs")
    with captured_queries() as few:
        client.get("/academy/downtown-miami/jobs")
    now = timezone.now()
    Job.objects.bulk_create(
        Job(
            result={"cohort": world.cohort.pk},
            kind="build-cohorts",
            academy=world.miami,
            created_by=world.teacher,
            total=n,
            done=n,
            state="DONE",
            next_try_at=now,
        )
        for n in range(1, 60)
    )
    with captured_queries() as many:
        html = client.get("/academy/downtown-miami/jobs").content.decode()
    assert len(few) == len(many) <= 12
    assert len(re.findall(r"(\d+) of \1 cohorts?", html)) == 50
    assert html.index("59 of 59") < html.index("58 of 58")
    assert "2000 of 4400 people" in client.get("/academy/downtown-miami/jobs?page=2").content.decode()
