"""Whom a reminder is due to (rule N1)."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from breathecode.admissions.models import Cohort
from breathecode.events.domain import class_notices
from breathecode.events.domain.queries import concerned_by
from breathecode.events.models import ClassNotice, LiveClass

HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """When a reminder may be sent: this long before the start at the earliest and at the latest."""

    earliest: datetime.timedelta
    latest: datetime.timedelta
    setting: str
    default: bool


# A new kind also needs its setting in both models, both serializers and the admin, and a subject in `mails.lead_of`
# that is true in the whole window. `latest` leaves room before the next kind, so that no two mails come a minute
# apart: a class made or moved at short notice skips the day's reminder.
WINDOWS = {
    "DAY_BEFORE": Window(24 * HOUR, 12 * HOUR, "day_before", default=False),
    "QUARTER_HOUR_BEFORE": Window(HOUR / 4, 0 * HOUR, "quarter_hour_before", default=True),
}


def classes_to_remind(kind: str, *, now: datetime.datetime) -> list[int]:
    """The ids of the classes that have reminders due."""
    window = WINDOWS[kind]
    coming = LiveClass.objects.filter(
        cancelled_at=None, ended_at=None, starting_at__gt=now + window.latest, starting_at__lte=now + window.earliest
    )
    class_ids = list(coming.values_list("pk", flat=True))
    parts = reminders_due(kind, class_ids=class_ids, now=now)
    due = (part.values_list("class_id", flat=True).distinct() for part in parts)
    return sorted({class_id for part in due for class_id in part})


def reminders_due(kind: str, *, class_ids: Collection[int], now: datetime.datetime) -> list[QuerySet[Any]]:
    """Rows with `recipient`, and `class_id` of the class that they have to be reminded of (rule N1), in two parts.

    They want such reminders (by their own setting, else the academy's) and were not sent the current time since the
    window opened, on any channel. Users who were sent another time get a correction instead.
    In two parts: members of the cohort, and substitutes, who are reminded in place of its teachers (rule P4).
    """
    classes = "cohort__live_classes"
    members = class_notices.cohort_members().filter(concerned_by(classes))
    substitutes = LiveClass.objects.filter(teacher__is_active=True)
    return [
        _due(members, kind, class_ids, user="user", class_=f"{classes}__", cohort="cohort", now=now),
        _due(substitutes, kind, class_ids, user="teacher", class_="", cohort="cohort", now=now),
    ]


def _due(
    rows: QuerySet[Any],
    kind: str,
    class_ids: Collection[int],
    *,
    user: str,
    class_: str,
    cohort: str,
    now: datetime.datetime,
) -> QuerySet[Any]:
    """`user`, `class_` and `cohort` are the lookup paths of these rows."""
    window = WINDOWS[kind]
    wanted = Coalesce(
        f"{user}__reminder_preference__{window.setting}",
        f"{cohort}__academy__reminder_settings__{window.setting}",
        Value(window.default),
    )
    members: QuerySet[Any] = rows.annotate(
        recipient=F(f"{user}_id"),
        class_id=F(f"{class_}id"),
        starts=F(f"{class_}starting_at"),
        ends=F(f"{class_}ending_at"),
        cancelled=F(f"{class_}cancelled_at"),
        ended=F(f"{class_}ended_at"),
        wanted=wanted,
    )
    coming: QuerySet[Any] = members.filter(
        class_id__in=class_ids,
        starts__gt=now + window.latest,
        starts__lte=now + window.earliest,
        cancelled__isnull=True,
        ended__isnull=True,
        wanted=True,
    ).exclude(**{f"{cohort}__stage": Cohort.Stage.DELETED})
    told_long_ago = Q(starting_at=OuterRef("starts"), ending_at=OuterRef("ends"), cancelled=False)
    told_long_ago &= Q(sent_at__lt=F("starting_at") - window.earliest)
    # That they are of these classes is implied; said, it keeps PostgreSQL from reading what was sent of all others.
    known = ClassNotice.objects.filter(live_class_id__in=class_ids)
    known = known.filter(user=OuterRef("recipient"), live_class_id=OuterRef("class_id"))
    return coming.exclude(Exists(known.exclude(told_long_ago)))
