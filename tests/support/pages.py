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


def of_slot(world: World) -> list[Any]:
    return [*of_cohort(world), world.time_slot().pk]


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
    "class-end": Page(READERS - {"reader"}, a_class),
    "board": Page(READERS, of_academy),
    "cohorts": Page(READERS, of_academy),
    "cohort-new": Page(WRITERS, of_academy),
    "cohort": Page(READERS, of_cohort),
    "cohort-edit": Page(WRITERS, of_cohort),
    "cohort-slots": Page(READERS, of_cohort),
    "cohort-slot-new": Page(WRITERS, of_cohort),
    "cohort-slot": Page(WRITERS, of_slot),
    "cohort-people": Page(READERS, of_cohort),
    "cohort-history": Page(READERS, of_cohort),
}
# Open without a sign-in; their own tests say what each does.
PUBLIC = frozenset({
    "demo", "sign-in", "sign-out", "survey", "invitations-off", "reminders-off", "invitation", "password-forgotten",
    "password-reset", "password-choose", "password-chosen",
})  # fmt: skip
# They lead elsewhere, are files, or take forms alone.
WITHOUT_A_PAGE = frozenset({
    "academies", "calendar-address", "class-calendar-file", "class-roll", "sign-out-everywhere", "cohort-slot-remove",
    "cohort-person", "cohort-undo",
})  # fmt: skip
