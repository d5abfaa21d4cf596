"""`admissions/academy/job/{id}` (rule P10)."""

import datetime

import pytest
import time_machine

from breathecode.jobs.models import Job
from tests.support.client import error
from tests.support.queries import assert_num_queries

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def job(world):
    return Job.objects.create(
        kind="build-cohorts", academy=world.miami, total=400, done=120, state="RUNNING", next_try_at=NOW,
        arguments={"secret": 1}, result={"holiday": 3}, last_error="OSError: for operators",
    )  # fmt: skip


def test_a_running_job(world, call, job):
    """P10: how far it is; one query beside the token's."""
    url = f"/v1/admissions/academy/job/{job.pk}"
    call("GET", url, as_=world.coordinator, academy=world.miami)  # signs in
    with assert_num_queries(2):
        answer = call("GET", url, as_=world.coordinator, academy=world.miami)
    assert answer.json() == {
        "id": job.pk, "kind": "build-cohorts", "state": "RUNNING", "done": 120, "total": 400, "error": None,
        "result": {"holiday": 3}, "created_at": "2025-03-03T12:00:00Z", "finished_at": None,
    }  # fmt: skip


def test_a_failed_job(world, call, job):
    """P10: the sentence says why."""
    Job.objects.update(state="FAILED", error="The cohort was deleted.", finished_at=NOW)
    found = call("GET", f"/v1/admissions/academy/job/{job.pk}", as_=world.admin, academy=world.miami).json()
    assert (found["state"], found["error"]) == ("FAILED", "The cohort was deleted.")
    assert found["finished_at"] == "2025-03-03T12:00:00Z"


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("admin", 200),
        ("coordinator", 200),
        ("staff_teacher", 200),
        ("reader", 200),
        ("student", 403),
        ("stranger", 403),
    ],
)
def test_who_may(world, call, job, person, status):
    """P10, H4: who may read the academy's cohorts."""
    answer = call("GET", f"/v1/admissions/academy/job/{job.pk}", as_=getattr(world, person), academy=world.miami)
    assert answer.status_code == status


def test_another_academys_job(world, call, job):
    """P10, H4: is not found."""
    url = f"/v1/admissions/academy/job/{job.pk}"
    assert error(call("GET", url, as_=world.foreign_admin, academy=world.madrid)) == (404, "not-found")
    assert error(call("GET", url + "0", as_=world.admin, academy=world.miami)) == (404, "not-found")
