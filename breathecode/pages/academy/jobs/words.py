"""Jobs in the words of the people who started them (rule P10)."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from breathecode.admissions.domain import import_jobs
from breathecode.admissions.domain.queries import cohorts_of_academy
from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy
from breathecode.jobs.models import Job
from breathecode.schedules.domain import build_jobs
from breathecode.schedules.domain.bulk import templates

State = Job.State


class Link(NamedTuple):
    url: str
    label: str


class JobInWords(NamedTuple):
    """What a page shows of a job.

    `cohort` is the one that the whole job is about. `done` of `total` are people or cohorts, as `progress` says.
    `results` are what was done so far, `links` where to go next.
    """

    job: Job
    title: str
    cohort: Cohort | None
    state: str
    progress: str
    done: int
    total: int
    results: list[str]
    links: list[Link]

    @property
    def unfinished(self) -> bool:
        return self.job.state in Job.UNFINISHED


TITLES: dict[str, Any] = {
    import_jobs.KIND: gettext_lazy("Import of people"),
    build_jobs.KIND: gettext_lazy("Building of classes"),
    templates.KIND: gettext_lazy("Time slots from a template"),
}
_STATES = {
    State.QUEUED: gettext_lazy("Waiting"),
    State.RUNNING: gettext_lazy("Running"),
    State.DONE: gettext_lazy("Done"),
    State.FAILED: gettext_lazy("Stopped by an error"),
}


def in_words(jobs: Iterable[Job], *, academy: Academy) -> list[JobInWords]:
    """One statement, however many jobs there are."""
    jobs = list(jobs)
    named = {job.result["cohort"] for job in jobs if job.result.get("cohort")}
    cohorts = cohorts_of_academy(academy.pk).select_related(None).in_bulk(named) if named else {}
    return [_job_in_words(job, cohorts.get(job.result.get("cohort")), academy) for job in jobs]


def _job_in_words(job: Job, cohort: Cohort | None, academy: Academy) -> JobInWords:
    done, total = _counted(job)
    return JobInWords(
        job=job,
        title=str(TITLES.get(job.kind, _("A change that takes longer"))),
        cohort=cohort,
        state=str(_STATES[State(job.state)]),
        progress=_progress(job, done, total),
        done=done,
        total=total,
        results=_RESULTS[job.kind](job) if job.kind in _RESULTS else [],
        links=list(_links(job, cohort, academy)),
    )


def _counted(job: Job) -> tuple[int, int]:
    """A job counts its units; those of an import are many people each."""
    people = job.result.get("rows") if job.kind == import_jobs.KIND else None
    if people is None:
        return job.done, job.total
    return min(job.done * import_jobs.ROWS_PER_UNIT, people), people


def _progress(job: Job, done: int, total: int) -> str:
    if job.kind == import_jobs.KIND and "rows" in job.result:
        text = ngettext("{done} of {total} person", "{done} of {total} people", total)
    elif job.kind in TITLES:
        text = ngettext("{done} of {total} cohort", "{done} of {total} cohorts", total)
    else:
        text = ngettext("{done} of {total} step", "{done} of {total} steps", total)
    return text.format(done=done, total=total)


def _import_results(job: Job) -> list[str]:
    created, invited, known = (job.result.get(name, 0) for name in ("created", "invited", "already_members"))
    sentences = [
        (created, ngettext("{n} person added to the cohort.", "{n} people added to the cohort.", created)),
        (invited, ngettext("{n} person invited.", "{n} people invited.", invited)),
        (known, ngettext("{n} person was there already.", "{n} people were there already.", known)),
    ]
    return [text.format(n=count) for count, text in sentences if count]


def _build_results(job: Job) -> list[str]:
    if not job.done:
        return []
    text = ngettext("The classes of {n} cohort are built.", "The classes of {n} cohorts are built.", job.done)
    return [text.format(n=job.done)]


def _template_results(job: Job) -> list[str]:
    created, known = (job.result.get(name, 0) for name in ("created", "already_there"))
    sentences = [
        (created, ngettext("{n} time slot added.", "{n} time slots added.", created)),
        (known, ngettext("{n} time slot was there already.", "{n} time slots were there already.", known)),
    ]
    return [text.format(n=count) for count, text in sentences if count]


_RESULTS: dict[str, Callable[[Job], list[str]]] = {
    import_jobs.KIND: _import_results,
    build_jobs.KIND: _build_results,
    templates.KIND: _template_results,
}


def _links(job: Job, cohort: Cohort | None, academy: Academy) -> Iterable[Link]:
    if job.kind == import_jobs.KIND and cohort is not None:
        yield Link(reverse("cohort-people", args=[academy.slug, cohort.slug]), _("The people of the cohort"))
    elif job.kind in (build_jobs.KIND, templates.KIND):
        yield Link(reverse("cohorts", args=[academy.slug]), _("The cohorts"))
    yield Link(reverse("board", args=[academy.slug]), _("The board"))
