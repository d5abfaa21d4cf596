"""A large file of users is imported by a job (rules P10, U4)."""

from django.core.files.uploadedfile import SimpleUploadedFile

from breathecode.admissions.domain.import_jobs import MAX_ROWS_IN_A_REQUEST, ROWS_PER_UNIT
from breathecode.admissions.models import CohortUser
from breathecode.common import queue
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_job
from breathecode.notify.models import OutgoingMail
from tests.support.client import error

URL = "/v1/admissions/academy/cohort/web-dev/user/import"
ROWS = MAX_ROWS_IN_A_REQUEST + 1
PEOPLE = [f"p{n}@example.org" for n in range(ROWS - 1)]


def send(call, world, emails, *, query=""):
    file = SimpleUploadedFile("people.csv", "\n".join(["email", *emails]).encode(), "text/csv")
    who = {"as_": world.coordinator, "academy": world.miami}
    return call("POST", URL + query, **who, data={"file": file}, format="multipart")


def enrolled():
    return set(CohortUser.objects.filter(role="STUDENT").values_list("user__email", flat=True))


def test_a_large_file(world, call, monkeypatch):
    """P10, U4: 202 and a job; it imports all rows, invites each user once and counts them."""
    monkeypatch.setattr(queue, "enqueue", lambda *args, **kwargs: True)  # as with a broker: the message waits
    before = CohortUser.objects.count()
    answer = send(call, world, [*PEOPLE, "student@example.org"])
    job = Job.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"job": job.pk})
    assert (job.total, CohortUser.objects.count()) == (-(-ROWS // ROWS_PER_UNIT), before)
    run_job(job_id=job.pk)
    run_job(job_id=job.pk)
    found = call("GET", answer["Location"], as_=world.coordinator, academy=world.miami).json()
    assert (found["state"], found["done"], found["error"]) == ("DONE", job.total, None)
    assert found["result"] == {
        "cohort": world.cohort.pk, "rows": ROWS, "created": ROWS - 1, "invited": ROWS - 1, "already_members": 1,
    }  # fmt: skip
    assert set(PEOPLE) <= enrolled()
    assert CohortUser.objects.count() == before + ROWS - 1
    assert OutgoingMail.objects.filter(to__in=PEOPLE).count() == ROWS - 1
    assert Job.objects.get().arguments == {}, "addresses are not stored longer than necessary"


def test_a_large_file_with_a_mistake(world, call):
    """P10, U4: is refused as a whole, and no job is started."""
    answer = send(call, world, [*PEOPLE, "nobody"])
    assert error(answer) == (400, "validation-error")
    assert list(answer.json()["errors"]) == [f"line {ROWS + 1}"]
    assert Job.objects.count() == 0


def test_a_preview_is_no_job(world, call):
    """P10: it writes nothing, and is answered at once."""
    answer = send(call, world, [*PEOPLE, "student@example.org"], query="?dry_run=true")
    assert (answer.status_code, answer.json()["created"], Job.objects.count()) == (200, ROWS - 1, 0)


def test_a_cohort_that_is_deleted_meanwhile(world, call, monkeypatch):
    """P10: the job fails with a sentence, and nobody is enrolled."""
    monkeypatch.setattr(queue, "enqueue", lambda *args, **kwargs: True)
    before = enrolled()
    send(call, world, [*PEOPLE, "student@example.org"])
    world.cohort.stage = "DELETED"
    world.cohort.save()
    run_job(job_id=Job.objects.get().pk)
    job = Job.objects.get()
    assert (job.state, job.done, enrolled()) == ("FAILED", 0, before)
    assert job.error == "The cohort was deleted."
