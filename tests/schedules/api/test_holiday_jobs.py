"""A holiday that concerns many cohorts is built by a job (rules P10, G13)."""

import datetime

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.events.models import LiveClass
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_job
from breathecode.schedules.domain.build_jobs import MAX_COHORTS
from breathecode.schedules.tasks import build_due_live_classes
from tests.support.queries import captured_queries

URL = "/v1/admissions/academy/holiday"
RECESS = {"name": "Spring recess", "starts_on": "2025-03-31", "ends_on": "2025-04-04"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(datetime.datetime(2025, 3, 10, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def admin(world, call):
    call("GET", URL, as_=world.admin, academy=world.miami)  # signs in
    return lambda method, url, body=None, **extra: call(
        method, url, as_=world.admin, academy=world.miami, body=body, **extra
    )


@pytest.fixture
def queued(monkeypatch):
    """What is queued waits, as it does with a broker."""
    messages = []
    monkeypatch.setattr("breathecode.common.queue.enqueue", lambda task, **kwargs: messages.append((task.name, kwargs)))
    return messages


def make_cohorts(world, count):
    """So many cohorts beside the world's own, each with classes on Wednesdays."""
    cohorts = Cohort.objects.bulk_create(
        Cohort(
            academy=world.miami, slug=f"c-{n}", name=f"C {n}", stage="STARTED",
            kickoff_date="2025-03-12", ending_date="2025-04-30",
        )
        for n in range(count)
    )  # fmt: skip
    CohortTimeSlot.objects.bulk_create(
        CohortTimeSlot(cohort=cohort, starting_at=1400, ending_at=1600, timezone="America/New_York")
        for cohort in [*cohorts, world.cohort]
    )
    build_due_live_classes()


def cancelled():
    """Of each cancelled class: planned date, reason, whether the schedule cancelled it, and how often it changed."""
    found = LiveClass.objects.filter(cancelled_at__isnull=False).values_list(
        "planned_date", "cancel_reason", "cancelled_by_schedule", "sequence"
    )
    return [tuple(map(str, row)) for row in found]


OFF = ("2025-04-02", "Spring recess", "True", "1")


def test_up_to_20_cohorts(world, admin):
    """P10, P2: the request builds them itself, and answers the plan."""
    make_cohorts(world, MAX_COHORTS - 1)
    answer = admin("POST", URL, RECESS)
    assert (answer.status_code, answer.json()["plan"]["totals"]["cancelled"]) == (201, MAX_COHORTS)
    assert Job.objects.count() == 0


def test_more_cohorts(world, admin, queued):
    """P10: 202 with the job and its address; the classes follow, each cancelled once."""
    make_cohorts(world, MAX_COHORTS)
    answer = admin("POST", URL, RECESS)
    job = Job.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"job": job.pk})
    assert answer["Location"] == f"/v1/admissions/academy/job/{job.pk}"
    assert queued[0] == ("breathecode.jobs.tasks.run_job", {"job_id": job.pk}), "before the build of all that is due"
    progress = admin("GET", answer["Location"]).json()
    assert (progress["state"], progress["done"], progress["total"]) == ("QUEUED", 0, MAX_COHORTS + 1)
    assert cancelled() == []
    run_job(job_id=job.pk)
    run_job(job_id=job.pk)
    progress = admin("GET", answer["Location"]).json()
    assert (progress["state"], progress["done"], progress["error"]) == ("DONE", MAX_COHORTS + 1, None)
    assert progress["result"] == {"holiday": Holiday.objects.get().pk}
    assert cancelled() == [OFF] * (MAX_COHORTS + 1)


def test_a_change_and_a_deletion(world, admin):
    """P10: too are jobs; done by now, since the queue of the tests runs at once."""
    make_cohorts(world, MAX_COHORTS)
    admin("POST", URL, RECESS)
    holiday = Holiday.objects.get()
    later = {"starts_on": "2025-04-07", "ends_on": "2025-04-11"}
    answer = admin("PUT", f"{URL}/{holiday.pk}", later)
    assert answer.status_code == 202
    assert {row[0] for row in cancelled()} == {"2025-04-09"}
    assert admin("DELETE", f"{URL}/{holiday.pk}").status_code == 202
    assert (cancelled(), Holiday.objects.count()) == ([], 0)
    assert list(Job.objects.values_list("state", "done")) == [("DONE", MAX_COHORTS + 1)] * 3


def test_the_sweep_was_faster(world, admin, queued):
    """P10, G9: what a sweep built meanwhile is not built twice, and the job is done all the same."""
    make_cohorts(world, MAX_COHORTS)
    admin("POST", URL, RECESS)
    build_due_live_classes()
    assert cancelled() == [OFF] * (MAX_COHORTS + 1)
    run_job(job_id=Job.objects.get().pk)
    assert cancelled() == [OFF] * (MAX_COHORTS + 1)
    assert Job.objects.get().state == "DONE"


def test_a_cohort_that_cannot_be_built(world, admin, queued):
    """P10: one time slot with a zone that is unknown here does not stop the others."""
    make_cohorts(world, MAX_COHORTS)
    CohortTimeSlot.objects.filter(cohort=world.cohort).update(timezone="Mars/Base")
    admin("POST", URL, RECESS)
    run_job(job_id=Job.objects.get().pk)
    assert (Job.objects.get().state, cancelled()) == ("DONE", [OFF] * MAX_COHORTS)


def test_a_plan_that_is_outdated(world, admin, queued):
    """P2, P10: `If-Match` is checked before the job is started; nothing is saved then."""
    make_cohorts(world, MAX_COHORTS)
    answer = admin("POST", URL, RECESS, headers={"If-Match": '"0123"'})
    assert (answer.status_code, answer.json()["slug"]) == (412, "plan-outdated")
    assert (Holiday.objects.count(), Job.objects.count(), cancelled()) == (0, 0, [])
    version = answer.json()["plan"]["version"]
    assert admin("POST", URL, RECESS, headers={"If-Match": f'"{version}"'}).status_code == 202
    assert cancelled() == [], "the classes are left to the job"
    run_job(job_id=Job.objects.get().pk)
    assert (Job.objects.get().state, cancelled()) == ("DONE", [OFF] * (MAX_COHORTS + 1))


def test_statements(world, admin, queued):
    """P10: of the plan, and of the request that starts the job, they do not grow with the cohorts."""
    counts = []
    for count in (MAX_COHORTS, 2 * MAX_COHORTS):
        make_cohorts(world, count)
        with captured_queries() as dry:
            plan = admin("POST", f"{URL}?dry_run=true", RECESS)
        with captured_queries() as real:
            started = admin("POST", URL, RECESS)
        assert (plan.status_code, plan.json()["plan"]["totals"]["cancelled"]) == (200, count + 1)
        assert started.status_code == 202
        counts.append((len(dry), len(real)))
        Holiday.objects.all().delete()
        Cohort.objects.filter(slug__startswith="c-").delete()
        CohortTimeSlot.objects.all().delete()
    assert counts[0] == counts[1]


def test_an_import_for_many_cohorts(world, admin):
    """P10, P9: public holidays of the year are saved at once, their classes are cancelled by a job."""
    make_cohorts(world, MAX_COHORTS)
    body = {"country": "US", "year": 2025}
    dry = admin("POST", f"{URL}/import?dry_run=true", body)
    assert dry.status_code == 200
    answer = admin("POST", f"{URL}/import", body)
    assert answer.status_code == 202
    job = Job.objects.get(pk=answer.json()["job"])
    assert (job.state, job.done) == ("DONE", MAX_COHORTS + 1)
    assert sorted(job.result["holidays"]) == sorted(Holiday.objects.values_list("pk", flat=True))
    assert len(cancelled()) == dry.json()["plan"]["totals"]["cancelled"]
    again = admin("POST", f"{URL}/import", body)
    assert again.status_code == 202
    assert Holiday.objects.count() == len(job.result["holidays"])
