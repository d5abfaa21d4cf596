"""Jobs on real processes: workers that are killed, and a web server without a broker (rule P10)."""

import datetime

import pytest

from tests.support import servers
from tests.support.product import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]
SOON = 200  # seconds; a claim expires after half a minute
COHORTS = 400
TODAY = datetime.datetime.now(datetime.UTC).date()
WEEK = {
    "name": "Closed week",
    "starts_on": str(TODAY + datetime.timedelta(days=10)),
    "ends_on": str(TODAY + datetime.timedelta(days=16)),
}
# With the product's own: 400 cohorts, each with a class on every day of the week to be closed, built.
MANY_COHORTS = f"""
import datetime
from django.utils import timezone
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.schedules.tasks import build_due_live_classes
first = Cohort.objects.get()
days = datetime.timedelta
Cohort.objects.bulk_create(
    Cohort(
        academy=first.academy, slug=f"c-{{n}}", name=f"C {{n}}", stage="STARTED",
        kickoff_date=first.kickoff_date, ending_date=first.kickoff_date + days(20),
    )
    for n in range({COHORTS - 1})
)
CohortTimeSlot.objects.bulk_create(
    CohortTimeSlot(cohort=cohort, starting_at=1400, ending_at=1600, recurrency_type="DAILY", timezone="UTC")
    for cohort in Cohort.objects.all()
)
build_due_live_classes()
"""
CANCELLED = (
    "SELECT count(*), min(sequence), max(sequence), count(DISTINCT cohort_id) FROM events_liveclass"
    " WHERE cancelled_at IS NOT NULL"
)
EXPECTED = [(COHORTS * 7, 1, 1, COHORTS)]  # `sequence` counts the changes of a class: none was cancelled twice


def close_week(product, web):
    """The id of the job, which the request answered within a few seconds."""
    status, answer, seconds = product.call(web.url, "POST", "/v1/admissions/academy/holiday", WEEK)
    assert (status, list(answer)) == (202, ["job"])
    assert seconds < 20  # on a machine that is busy; it takes a fraction of a second
    return answer["job"]


def progress(product, web, job):
    return product.call(web.url, "GET", f"/v1/admissions/academy/job/{job}")[1]


def test_a_closed_week_whose_workers_are_killed(product):
    """P10, G13: 400 cohorts; the progress is seen to grow, goes on after each kill, and nothing is done twice."""
    product.env["SWEEP_INTERVAL_SECONDS"] = "5"
    product.python(MANY_COHORTS)
    with servers.web_server(product.env) as web:
        job = close_week(product, web)
        assert progress(product, web, job)["done"] == 0
        seen = [0]
        for _ in range(2):
            with servers.celery_worker(product.env, "--concurrency=1") as doomed:
                until(lambda: progress(product, web, job)["done"] > seen[-1], seconds=SOON)
                doomed.kill()
            seen.append(progress(product, web, job)["done"])
            assert progress(product, web, job)["state"] == "RUNNING"
        assert 0 < seen[1] < seen[2] < COHORTS
        with servers.celery_worker(product.env, "--concurrency=2"):
            until(lambda: progress(product, web, job)["state"] == "DONE", seconds=SOON)
        found = progress(product, web, job)
    assert (found["done"], found["total"], found["error"]) == (COHORTS, COHORTS, None)
    assert product.rows(CANCELLED) == EXPECTED
    assert product.rows("SELECT tries, claim >= 3 FROM jobs_job") == [(1, True)]


def test_without_a_broker(template, databases):
    """P10, C1: the web server carries the job out on a thread of its own, and after a kill once it runs again."""
    product = template.copy(databases(template.database_url), CELERY_BROKER_URL="", SWEEP_INTERVAL_SECONDS="5")
    product.python(MANY_COHORTS)
    with servers.web_server(product.env) as web:
        job = close_week(product, web)
        until(lambda: progress(product, web, job)["done"] > 0, seconds=SOON)
        web.kill()
    ((done,),) = product.rows("SELECT done FROM jobs_job")
    assert 0 < done < COHORTS
    with servers.web_server(product.env) as web:
        until(lambda: progress(product, web, job)["state"] == "DONE", seconds=SOON)
        assert progress(product, web, job)["done"] == COHORTS
    assert product.rows(CANCELLED) == EXPECTED
