"""Schedule templates of a syllabus, laid over cohorts (rules P10, P11)."""

import datetime
from typing import Any

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot, Syllabus
from breathecode.events.models import LiveClass
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_job
from breathecode.schedules.domain.build_jobs import MAX_COHORTS
from breathecode.schedules.models import ScheduleTemplate
from tests.support.client import error
from tests.support.queries import captured_queries

DEFAULTS = {"timezone": "", "recurrent": True, "recurrency_type": "WEEKLY", "weekdays": [], "interval": 1}
URL = "/v1/admissions/syllabus/full-stack/template"
SLOTS: list[dict[str, Any]] = [
    {"starting_at": 1800, "ending_at": 2000, "weekdays": ["MO", "WE"]},
    {"starting_at": 900, "ending_at": 1100},
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def admin(world, call):
    Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")

    def send(method, url=URL, body=None, *, as_=None, academy=None, **extra):
        return call(method, url, as_=as_ or world.admin, academy=academy or world.miami, body=body, **extra)

    send("GET")  # signs in
    return send


@pytest.fixture
def template(admin):
    return admin("POST", body={"name": "Evenings", "slots": SLOTS}).json()["id"]


def make_cohorts(world, count):
    given = {"academy": world.miami, "stage": "STARTED", "kickoff_date": "2025-03-12", "ending_date": "2025-04-30"}
    return Cohort.objects.bulk_create(Cohort(slug=f"c-{n}", name=f"C {n}", **given) for n in range(count))


def test_its_life(admin, template):
    """P11: made, listed, read, changed and deleted."""
    stored = [{**DEFAULTS, **slot} for slot in SLOTS]
    row = admin("GET", f"{URL}/{template}").json()
    assert (row["name"], row["syllabus"], row["slots"]) == ("Evenings", "full-stack", stored)
    assert [found["id"] for found in admin("GET").json()] == [template]
    changed = admin("PUT", f"{URL}/{template}", {"name": "Nights"}).json()
    assert (changed["name"], changed["slots"]) == ("Nights", stored)
    assert admin("DELETE", f"{URL}/{template}").status_code == 204
    assert error(admin("GET", f"{URL}/{template}")) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"name": "Evenings", "slots": SLOTS}, (409, "template-name-taken")),
        ({"name": "X", "slots": []}, (400, "validation-error")),
        ({"name": "X"}, (400, "validation-error")),
        ({"name": "X", "slots": [{"starting_at": 900, "ending_at": 900}]}, (400, "empty-timeslot")),
        ({"name": "X", "slots": [{**SLOTS[1], "timezone": "Mars/Base"}]}, (400, "invalid-timezone")),
        ({"name": "X", "slots": [{**SLOTS[1], "cohort": 1}]}, (400, "unknown-field")),
        ({"name": "X", "slots": [SLOTS[1]] * 51}, (400, "validation-error")),
        ({"name": "X", "slots": "many"}, (400, "validation-error")),
    ],
)
def test_what_is_refused(admin, template, body, found):
    """P11, H5: as a time slot is."""
    assert error(admin("POST", body=body)) == found
    assert ScheduleTemplate.objects.count() == 1


def test_it_is_laid_over_cohorts(admin, template, world):
    """P11: each is given the time slots in its own zone, and their classes; the plan is what was built."""
    make_cohorts(world, 2)
    body = {"cohorts": ["c-0", world.cohort.pk, "c-0", str(world.cohort.pk)]}
    dry = admin("POST", f"{URL}/{template}/apply?dry_run=true", body)
    assert dry.status_code == 200
    assert not CohortTimeSlot.objects.exists()
    version = dry.json()["plan"]["version"]
    answer = admin("POST", f"{URL}/{template}/apply", body, headers={"If-Match": f'"{version}"'})
    assert (answer.status_code, answer.json()["plan"]) == (201, dry.json()["plan"])
    assert [(row["slug"], row["created"], row["already_there"]) for row in answer.json()["cohorts"]] == [
        ("web-dev", 2, 0),
        ("c-0", 2, 0),
    ]
    assert set(CohortTimeSlot.objects.values_list("cohort__slug", "timezone")) == {
        ("web-dev", "America/New_York"),
        ("c-0", "America/New_York"),
    }
    assert answer.json()["plan"]["totals"]["created"] == LiveClass.objects.count() > 0


def test_twice_is_once(admin, template, world):
    """P11: time slots that a cohort has already are left alone; one that was removed is given again."""
    body = {"cohorts": ["web-dev"]}
    admin("POST", f"{URL}/{template}/apply", body)
    again = admin("POST", f"{URL}/{template}/apply", body).json()
    assert again["cohorts"][0] == {"id": world.cohort.pk, "slug": "web-dev", "created": 0, "already_there": 2}
    slot = CohortTimeSlot.objects.earliest("id")
    admin("DELETE", f"/v1/admissions/academy/cohort/web-dev/timeslot/{slot.pk}")
    assert admin("POST", f"{URL}/{template}/apply", body).json()["cohorts"][0]["created"] == 1


def test_all_or_none(admin, template, world):
    """P11, T7: one cohort that would have too many classes keeps the others from being given theirs."""
    daily = {"starting_at": 600, "ending_at": 700, "recurrency_type": "DAILY"}
    admin("PUT", f"{URL}/{template}", {"slots": [daily]})
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2095-06-30")
    make_cohorts(world, 1)
    assert error(admin("POST", f"{URL}/{template}/apply", {"cohorts": ["c-0", "web-dev"]})) == (400, "too-many-classes")
    assert not CohortTimeSlot.objects.exists()


@pytest.mark.parametrize("cohorts", [[], "web-dev", ["none"], ["data"], [True], [{}], ["web-dev\x00"], [10**30], None])
def test_cohorts_that_are_refused(admin, template, cohorts):
    """P11, H4: unknown ones, and another academy's."""
    answer = admin("POST", f"{URL}/{template}/apply", {"cohorts": cohorts})
    assert error(answer) == (400, "validation-error")
    assert not CohortTimeSlot.objects.exists()


def test_many_cohorts_are_a_job(admin, template, world):
    """P10, P11: 202; a cohort at a time, with the number of time slots in the result."""
    make_cohorts(world, MAX_COHORTS + 1)
    admin("POST", f"{URL}/{template}/apply", {"cohorts": ["c-3"]})
    names = [f"c-{n}" for n in range(MAX_COHORTS + 1)]
    answer = admin("POST", f"{URL}/{template}/apply", {"cohorts": names})
    assert answer.status_code == 202
    job = Job.objects.get(pk=answer.json()["job"])
    assert (job.state, job.done, job.total) == ("DONE", MAX_COHORTS + 1, MAX_COHORTS + 1)
    assert job.result == {"created": 2 * MAX_COHORTS, "already_there": 2}
    assert CohortTimeSlot.objects.count() == 2 * (MAX_COHORTS + 1)
    assert LiveClass.objects.values("cohort").distinct().count() == MAX_COHORTS + 1


def test_an_outdated_plan_starts_no_job(admin, template, world):
    """P2, P10, P11: `If-Match` is checked before the job is started; nothing is saved then."""
    cohorts = make_cohorts(world, MAX_COHORTS + 1)
    url, body = f"{URL}/{template}/apply", {"cohorts": [cohort.slug for cohort in cohorts]}
    answer = admin("POST", url, body, headers={"If-Match": '"0123"'})
    assert (answer.status_code, answer.json()["slug"]) == (412, "plan-outdated")
    assert not Job.objects.exists()
    assert not CohortTimeSlot.objects.exists()
    version = answer.json()["plan"]["version"]
    assert admin("POST", f"{url}?dry_run=true", body).json()["plan"]["version"] == version
    assert admin("POST", url, body, headers={"If-Match": f'"{version}"'}).status_code == 202
    assert Job.objects.get().result == {"created": 2 * (MAX_COHORTS + 1), "already_there": 0}


def test_another_academy(admin, template, world):
    """H4: its templates are not found; writing takes the capability."""
    foreign = {"as_": world.foreign_admin, "academy": world.madrid}
    assert error(admin("GET", **foreign)) == (404, "not-found")
    Syllabus.objects.create(academy=world.madrid, slug="full-stack", name="Theirs")
    assert admin("GET", **foreign).json() == []
    assert error(admin("GET", f"{URL}/{template}", **foreign)) == (404, "not-found")
    assert error(admin("POST", f"{URL}/{template}/apply", {"cohorts": ["data"]}, **foreign)) == (404, "not-found")
    assert error(admin("DELETE", f"{URL}/{template}", as_=world.reader)) == (403, "missing-capability")


def test_statements(admin, template, world):
    """P11: do not grow with the time slots, their classes or the cohorts."""
    make_cohorts(world, 7)

    def statements(cohorts):
        with captured_queries() as queries:
            assert admin("POST", f"{URL}/{template}/apply", {"cohorts": cohorts}).status_code == 201
        return len(queries)

    first, few = statements(["c-0"]), statements(["c-1", "c-2"])
    assert statements(["c-3", "c-4", "c-5"]) == few
    admin("PUT", f"{URL}/{template}", {"slots": [{"starting_at": h, "ending_at": h + 30} for h in range(0, 1200, 100)]})
    assert statements(["c-6"]) == first


def test_a_cohort_that_is_deleted_meanwhile(admin, template, world, monkeypatch):
    """P10: the job passes it over, and gives the others theirs."""
    monkeypatch.setattr("breathecode.common.queue.enqueue", lambda *args, **kwargs: None)
    make_cohorts(world, MAX_COHORTS + 1)
    names = [f"c-{n}" for n in range(MAX_COHORTS + 1)]
    job = Job.objects.get(pk=admin("POST", f"{URL}/{template}/apply", {"cohorts": names}).json()["job"])
    Cohort.objects.filter(slug="c-7").update(stage="DELETED")
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["created"]) == ("DONE", 2 * MAX_COHORTS)
    assert not CohortTimeSlot.objects.filter(cohort__slug="c-7").exists()
