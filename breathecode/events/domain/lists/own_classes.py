"""What the pages ask about a user's classes: the next ones, who is in them, and rolls that nobody has called."""

import datetime
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from breathecode.admissions.domain.enrolment import active_students
from breathecode.admissions.models import CohortUser
from breathecode.events.domain.board import ROLL_DAYS
from breathecode.events.domain.joining import GRACE
from breathecode.events.domain.queries import classes_of_user, taught_by
from breathecode.events.models import ClassJoin, LiveClass


class Presence(NamedTuple):
    """How many of a cohort's active students have joined a class, and how many there are."""

    joined: int
    students: int


def next_classes_of_user(user_id: int, *, now: datetime.datetime, limit: int) -> list[LiveClass]:
    """At most `limit` classes that the user can still join, by start, with cohort, academy and slot. One statement.

    A class that has not ended is listed as long as it can be joined (rule J4), a cancelled one until its planned end.
    `is_led` of each: the user teaches or assists there.
    """
    coming = classes_of_user(user_id).filter(ended_at__isnull=True, ending_at__gte=now - GRACE)
    coming = coming.exclude(cancelled_at__isnull=False, ending_at__lt=now)
    related = coming.select_related("cohort__academy", "cohort_time_slot", "teacher")
    led = related.annotate(is_led=models.ExpressionWrapper(_led_by(user_id), models.BooleanField()))
    return list(led.defer("log").order_by("starting_at", "id")[:limit])


def uncalled_rolls_of_user(
    user_id: int, *, academy_ids: Collection[int] | None, now: datetime.datetime, limit: int
) -> list[LiveClass]:
    """At most `limit` held classes of the last seven days that the user led and that have no marks.

    The newest first; one statement, or none. `academy_ids`: where the user may call the roll; None: everywhere.
    """
    if academy_ids is not None and not academy_ids:
        return []
    classes = classes_of_user(user_id).filter(_led_by(user_id), starting_at__gte=now - ROLL_DAYS, starting_at__lt=now)
    held = classes.filter(ended_at__isnull=False, started_at__isnull=False, cancelled_at=None)
    if academy_ids is not None:
        held = held.filter(academy__in=academy_ids)
    # By the name of the reverse relation: live classes cannot import attendance.
    uncalled = held.filter(attendance=None).select_related("cohort", "cohort_time_slot")
    return list(uncalled.defer("log").order_by("-starting_at", "id")[:limit])


def presence_in_classes(live_class_ids: Collection[int]) -> dict[int, Presence]:
    """Who of the students is in each class, by its id. One statement; none without classes."""
    if not live_class_ids:
        return {}
    students = active_students().filter(cohort=OuterRef("cohort"))
    here = active_students().filter(cohort=OuterRef("live_class__cohort"), user=OuterRef("user"))
    joins = ClassJoin.objects.filter(Exists(here), live_class=OuterRef("pk"))
    counted = LiveClass.objects.filter(pk__in=live_class_ids).annotate(
        joined=_number(joins, by="live_class"), students=_number(students, by="cohort")
    )
    return {pk: Presence(*numbers) for pk, *numbers in counted.values_list("pk", "joined", "students")}


def languages_of_class(hash_: str) -> tuple[str, ...]:
    """The language codes of the class's cohort and of its academy; empty for an unknown hash."""
    if not (hash_.isascii() and hash_.isalnum()):
        return ()
    found = LiveClass.objects.filter(hash=hash_).values_list("cohort__language", "academy__language").first()
    return tuple(found or ())


def _led_by(user_id: int) -> Q:
    """Of classes: the user teaches them (rule P4), or assists in their cohort."""
    assisting = CohortUser.objects.filter(cohort=OuterRef("cohort"), user=user_id, role=CohortUser.Role.ASSISTANT)
    return taught_by(user_id) | Q(Exists(assisting))


def _number(rows: QuerySet[Any], *, by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)
