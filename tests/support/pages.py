"""The table of the pages: who opens each, and how its address is made (rule V1).

A route of `breathecode.pages.urls` that changes nothing and is not public needs a row here; test_pages.py of pages runs
all its tests over the rows.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tests.support.world import World

SIGNED_IN = frozenset({"student", "teacher", "admin", "coordinator", "staff_teacher", "reader", "foreign_admin"})
# By what their role may do at the academy of the world.
READERS = frozenset({"admin", "coordinator", "staff_teacher", "reader"})
WRITERS = frozenset({"admin", "coordinator"})
TEACHERS = frozenset({"admin", "coordinator", "staff_teacher"})
# Those who may change classes.
CLASS_WRITERS = frozenset({"admin", "coordinator", "staff_teacher"})
ADMINS = frozenset({"admin"})
EVERYBODY = SIGNED_IN | {"stranger"}


@dataclass(frozen=True)
class Page:
    """`for_whom` are names of people of the world, who get 200; everybody else gets the 404 page.

    `arguments` makes the arguments of the address from the world; `query` is what follows the path.
    """

    for_whom: frozenset[str]
    arguments: Callable[[World], list[Any]] = field(default=lambda world: [])
    query: str = ""


def a_class(world: World) -> list[Any]:
    """A running class of the cohort, made where there is none."""
    from breathecode.events.models import LiveClass

    found = LiveClass.objects.filter(cohort=world.cohort).first()
    if found is None:
        now = timezone.now()
        slot = world.time_slot()
        begun, end = now - datetime.timedelta(minutes=30), now + datetime.timedelta(hours=1)
        found = LiveClass.objects.create(cohort_time_slot=slot, starting_at=begun, ending_at=end, title="Loops")
    return [found.pk]


def of_academy(world: World) -> list[Any]:
    return [world.miami.slug]


def of_cohort(world: World) -> list[Any]:
    return [world.miami.slug, world.cohort.slug]


def of_student(world: World) -> list[Any]:
    """The student's part in the cohort."""
    from breathecode.admissions.models import CohortUser

    return [*of_cohort(world), CohortUser.objects.get(cohort=world.cohort, user=world.student).pk]


def of_slot(world: World) -> list[Any]:
    return [*of_cohort(world), world.time_slot().pk]


def of_job(world: World) -> list[Any]:
    """An import of many people that is under way."""
    from breathecode.jobs.models import Job

    claimed_until = timezone.now() + datetime.timedelta(hours=1)
    result = {"cohort": world.cohort.pk, "rows": 1_100, "created": 490, "already_members": 10}
    job, _made = Job.objects.get_or_create(
        kind="import-people", academy=world.miami,
        defaults={
            "created_by": world.admin, "total": 5, "done": 2, "state": "RUNNING", "result": result,
            "next_try_at": claimed_until,
        },
    )  # fmt: skip
    return [world.miami.slug, job.pk]


def a_holiday(world: World, **fields: Any) -> int:
    from breathecode.admissions.models import Holiday

    day = datetime.date(2025, 5, 1)
    return Holiday.objects.create(academy=world.miami, name="May Day", starts_on=day, ends_on=day, **fields).pk


def of_holiday(world: World) -> list[Any]:
    return [*of_academy(world), a_holiday(world)]


def of_cohort_holiday(world: World) -> list[Any]:
    return [*of_cohort(world), a_holiday(world, cohort=world.cohort)]


def of_template(world: World) -> list[Any]:
    from breathecode.admissions.models import Syllabus
    from breathecode.schedules.models import ScheduleTemplate

    syllabus, _made = Syllabus.objects.get_or_create(academy=world.miami, slug="full-stack", name="Full Stack")
    slots = [{"starting_at": 1800, "ending_at": 2000}]
    template, _made = ScheduleTemplate.objects.get_or_create(syllabus=syllabus, name="Evenings", slots=slots)
    return [*of_academy(world), template.pk]


def a_survey(world: World) -> list[Any]:
    """An open survey of the student about a class."""
    from breathecode.feedback.domain.texts import survey_texts
    from breathecode.feedback.models import Answer, Survey, SurveyLink

    texts, closes = survey_texts(None, cohort_language="en"), timezone.now() + datetime.timedelta(hours=48)
    asked = {"language": "en", "texts": texts, "expires_at": closes}
    survey, is_new = Survey.objects.get_or_create(live_class_id=a_class(world)[0], defaults=asked)
    if is_new:
        SurveyLink.objects.create(survey=survey, user=world.student, key_hash="0" * 64)
        Answer.objects.create(survey=survey, user=world.student)
    return [survey.pk]


# By the name of the URL.
PAGES: dict[str, Page] = {
    "home": Page(EVERYBODY),
    "calendar": Page(EVERYBODY),
    "me": Page(EVERYBODY),
    "own-survey": Page(frozenset({"student"}), a_survey),
    "first-steps": Page(frozenset({"superuser"})),
    "class": Page(READERS | {"student", "teacher"}, a_class),
    "class-move": Page(CLASS_WRITERS, a_class),
    "class-cancel": Page(CLASS_WRITERS, a_class),
    "class-restore": Page(CLASS_WRITERS, a_class),
    "class-substitute": Page(CLASS_WRITERS, a_class),
    "class-make-up": Page(CLASS_WRITERS, a_class),
    "class-edit": Page(CLASS_WRITERS, a_class),
    "class-start": Page(CLASS_WRITERS, a_class),
    "class-new": Page(CLASS_WRITERS, of_cohort),
    "academy-calendar": Page(READERS, of_academy),
    "academy-conflicts": Page(CLASS_WRITERS, of_academy),
    "class-end": Page(READERS - {"reader"}, a_class),
    "board": Page(READERS, of_academy),
    "people": Page(READERS, of_academy),
    "person": Page(READERS, lambda world: [world.miami.slug, world.reader.pk]),
    "person-invite": Page(WRITERS, of_academy),
    "people-import": Page(WRITERS, of_academy),
    "person-remove": Page(ADMINS, lambda world: [world.miami.slug, world.reader.pk]),
    "jobs": Page(READERS, lambda world: of_job(world)[:1]),
    "job": Page(READERS, of_job),
    "cohorts": Page(READERS, of_academy),
    "cohort-new": Page(WRITERS, of_academy),
    "cohort": Page(READERS, of_cohort),
    "cohort-edit": Page(WRITERS, of_cohort),
    "cohort-slots": Page(READERS, of_cohort),
    "cohort-slot-new": Page(WRITERS, of_cohort),
    "cohort-slot": Page(WRITERS, of_slot),
    "cohort-holidays": Page(READERS, of_cohort),
    "cohort-holiday-new": Page(WRITERS, of_cohort),
    "cohort-holiday": Page(WRITERS, of_cohort_holiday),
    "cohort-holiday-makeups": Page(TEACHERS, of_cohort_holiday),
    "settings": Page(READERS, of_academy),
    "holidays": Page(READERS, of_academy),
    "holiday-new": Page(WRITERS, of_academy),
    "holiday-import": Page(WRITERS, of_academy),
    "holiday": Page(WRITERS, of_holiday),
    "holiday-makeups": Page(TEACHERS, of_holiday),
    "cohort-slot-template": Page(WRITERS, of_cohort),
    "cohort-slot-import": Page(WRITERS, of_cohort),
    "templates": Page(READERS, of_academy),
    "template-new": Page(WRITERS, of_academy),
    "template": Page(WRITERS, of_template),
    "template-remove": Page(WRITERS, of_template),
    "template-apply": Page(WRITERS, of_template),
    "cohort-people": Page(READERS, of_cohort),
    "cohort-person": Page(WRITERS, of_student),
    "cohort-person-remove": Page(WRITERS, of_student),
    "cohort-attendance": Page(READERS, of_cohort),
    "cohort-surveys": Page(READERS, of_cohort),
    "cohort-history": Page(READERS, of_cohort),
    "reports": Page(READERS, of_academy),
}
# Open without a sign-in; their own tests say what each does.
PUBLIC = frozenset({
    "demo", "sign-in", "sign-out", "survey", "invitations-off", "reminders-off", "invitation", "password-forgotten",
    "password-reset", "password-choose", "password-chosen",
})  # fmt: skip
# They lead elsewhere, take forms alone, or are files.
WITHOUT_A_PAGE = frozenset({
    "academies", "calendar-address", "class-roll", "sign-out-everywhere", "cohort-slot-remove", "cohort-undo",
    "person-invite-again", "person-role", "holiday-remove", "cohort-holiday-remove", "cohort-attendance-file",
    "reports-file", "class-calendar-file",
})  # fmt: skip
