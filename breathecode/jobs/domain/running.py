"""Carrying jobs out (rule P10).

A worker claims a job by compare-and-set. Each unit of work then runs in one transaction with its count, under the lock
of the job's row and only while the claim is the worker's own: a unit is committed and counted, or neither. A worker
that is killed leaves its claim, which expires after `CLAIM_TIMEOUT`; the sweep then goes on with the first unit that
is not counted. A worker whose unit takes longer than that keeps the job, since another one's claim waits for the row.

The job's row is locked before all others (academy, cohort, time slot, class).
"""

import contextlib
import datetime
import logging
import time
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from breathecode.common.actor import Actor, acting
from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import supported_language
from breathecode.jobs.domain.kinds import unit_of
from breathecode.jobs.models import Job

logger = logging.getLogger(__name__)
State = Job.State

CLAIM_TIMEOUT = datetime.timedelta(seconds=30)
PAUSE = datetime.timedelta(seconds=30)  # after an error, times the number of tries
MAX_TRIES = 5  # of one unit
SECONDS_PER_TURN = 20.0  # the embedded worker has one thread for everything


def continue_job(*, job_id: int) -> bool:
    """Carries the job on for at most `SECONDS_PER_TURN`. True where it left units that can be done at once.

    Does nothing where another worker has the job, or where it has ended.
    """
    job = _claim(job_id, now=timezone.now())
    if job is None:
        return False
    with _as_its_user(job):
        try:
            return _do_units(job)
        except ApiError as error:
            _fail(job, str(error.detail), reason=error.slug)
        except Exception as error:
            logger.exception("job failed", extra={"job_id": job.pk, "kind": job.kind, "tries": job.tries})
            _pause(job, f"{type(error).__name__}: {error}")
    return False


def _claim(job_id: int, *, now: datetime.datetime) -> Job | None:
    due = Job.objects.due(now=now).filter(pk=job_id)
    taken = due.filter(tries__lt=MAX_TRIES).update(
        state=State.RUNNING, claim=F("claim") + 1, tries=F("tries") + 1, next_try_at=now + CLAIM_TIMEOUT, updated_at=now
    )
    if taken:
        return Job.objects.select_related("created_by").defer("arguments").get(pk=job_id)
    # The process of the last try was killed: a unit that ends its worker must not be tried endlessly.
    given_up = due.filter(tries__gte=MAX_TRIES)
    for job in given_up.select_related("created_by").defer("arguments"):
        with _as_its_user(job):
            _fail(job, _unexpected(), reason="The worker stopped during the last try.", rows=given_up)
    return None


@contextlib.contextmanager
def _as_its_user(job: Job) -> Iterator[None]:
    """What the job writes is what its user did (rule P8), and its sentences are in the user's language (rule V5)."""
    language = supported_language(job.created_by.language if job.created_by else "")
    with acting(Actor(through=job.through, known_id=job.created_by_id)), translation.override(language):
        yield


def _do_units(job: Job) -> bool:
    deadline = time.monotonic() + SECONDS_PER_TURN
    while _do_next(job):
        if time.monotonic() > deadline:
            return bool(_own(job).update(next_try_at=timezone.now(), tries=0))
    return False


@transaction.atomic
def _do_next(claimed: Job) -> bool:
    """Does one unit and counts it. True where more are left and the claim still holds."""
    job = _own(claimed).select_for_update(no_key=True).first()
    if job is None:
        return False
    if job.done < job.total:
        for name, count in (unit_of(job.kind)(job, job.done) or {}).items():
            job.result[name] = job.result.get(name, 0) + count
        job.done += 1
    _note_progress(job)
    return job.state == State.RUNNING


def _note_progress(job: Job) -> None:
    now = timezone.now()
    # The next unit has its first try now.
    job.tries, job.last_error, job.next_try_at = 1, "", now + CLAIM_TIMEOUT
    fields = {"done", "result", "tries", "last_error", "next_try_at", "updated_at"}
    if job.done == job.total:
        job.state, job.finished_at, job.arguments = State.DONE, now, {}
        fields |= {"state", "finished_at", "arguments"}
        logger.info("job done", extra={"job_id": job.pk, "kind": job.kind, "units": job.total})
    job.save(update_fields=fields)


def _own(job: Job) -> QuerySet[Job]:
    """The row, as long as the claim is this worker's."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, claim=job.claim)


def _pause(job: Job, reason: str) -> None:
    """Leaves the unit for a later try, or ends the job after the last one."""
    tries = Job.objects.values_list("tries", flat=True).get(pk=job.pk)
    if tries >= MAX_TRIES:
        _fail(job, _unexpected(), reason=reason)
    else:
        pause = PAUSE * max(tries, 1)
        _own(job).update(state=State.QUEUED, next_try_at=timezone.now() + pause, last_error=_short(reason))


def _fail(job: Job, sentence: str, *, reason: str, rows: QuerySet[Job] | None = None) -> None:
    """Ends the job, unless `rows` (those of this worker's claim) no longer hold it; what is done stays done."""
    now = timezone.now()
    failed = (_own(job) if rows is None else rows).update(
        state=State.FAILED, error=sentence, last_error=_short(reason), finished_at=now, updated_at=now, arguments={}
    )
    if failed:
        logger.error("job ended with an error", extra={"job_id": job.pk, "kind": job.kind, "reason": _short(reason)})


def _unexpected() -> str:
    return _("An unexpected error occurred. The steps counted as done are saved; start the change again for the rest.")


def _short(reason: str) -> str:
    return reason.replace("\x00", "")[:500]
