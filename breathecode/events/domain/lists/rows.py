"""Live classes as the dicts that the document shows, read as rows: a model object for each would cost five times more.

`LiveClassSerializer` describes the same shape for the schema; a test holds the two together.
"""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from breathecode.common.db.prepared import PreparedRows
from breathecode.events.domain.lists.links import calendar_links
from breathecode.events.domain.queries import classes_of_academy, classes_of_user
from breathecode.events.errors import LiveClassNotFound
from breathecode.events.models import LiveClass, held_of, status_of

CLASS_COLUMNS = (
    "id", "hash", "starting_at", "ending_at", "started_at", "ended_at", "cancelled_at", "attended",
    "remote_meeting_url", "title", "teacher_id", "teacher__first_name", "teacher__last_name",
    "replaces_id", "replaced_by__id", "moved_from", "move_reason", "cancel_reason",
    "cohort__name", "cohort__online_meeting_url",
)  # fmt: skip
COHORT_COLUMNS = (
    "cohort__id", "cohort__slug", "cohort__kickoff_date", "cohort__ending_date", "cohort__stage", "cohort__current_day",
    "academy__id", "academy__slug", "academy__name", "academy__logo_url",
)  # fmt: skip
COLUMNS = (*CLASS_COLUMNS, *COHORT_COLUMNS)
JOIN_PATH = "/v1/events/me/event/liveclass/join/"
DETAIL_COLUMNS = ("cohort_time_slot_id", "log", "created_at", "updated_at")
_NEWEST_FIRST = ("-starting_at", "id")
_FULL_PAGE = 1_000
rows_of_user = PreparedRows(
    LiveClass, classes_of_user, *COLUMNS, ordering=_NEWEST_FIRST, keeps_plan=True, ids_first_below=_FULL_PAGE
)
# Academies differ: one plan would be wrong for the smallest or the largest.
rows_of_academy = PreparedRows(LiveClass, classes_of_academy, *COLUMNS, ordering=_NEWEST_FIRST)


def join_url(hash_: str) -> str:
    """The absolute, private link of a class: it asks who you are, and leads staff to the room too (rule J2)."""
    return f"{settings.PUBLIC_URL}{JOIN_PATH}{hash_}"


def links_of_class(live_class: LiveClass) -> dict[str, str]:
    """The `calendar_links` of a class whose cohort is read already (rule L1)."""
    return calendar_links(
        live_class_id=live_class.pk,
        title=live_class.title or live_class.cohort.name,
        starting_at=live_class.starting_at,
        ending_at=live_class.ending_at,
        join_url=join_url(live_class.hash),
        public_url=settings.PUBLIC_URL,
    )


def as_dict(row: tuple[Any, ...], public_url: str) -> dict[str, Any]:
    """A row of COLUMNS as the document's object (rule L1), with links that begin with `public_url`."""
    (
        pk, hash_, starting_at, ending_at, started_at, ended_at, cancelled_at, attended, own_url, own_title,
        teacher_id, first_name, last_name, replaces, replaced_by, moved_from, move_reason, cancel_reason,
        cohort_name, cohort_url, *cohort,
    ) = row  # fmt: skip
    cancelled, ended, started = cancelled_at is not None, ended_at is not None, started_at is not None
    title, link = own_title or cohort_name, f"{public_url}{JOIN_PATH}{hash_}"
    return {
        "id": pk,
        "hash": hash_,
        "title": title,
        "status": status_of(cancelled=cancelled, ended=ended, started=started),
        "starting_at": starting_at,
        "ending_at": ending_at,
        "started_at": started_at,
        "ended_at": ended_at,
        "held": held_of(ended=ended, started=started, attended=attended),
        "remote_meeting_url": own_url or cohort_url or None,
        "join_url": link,
        "calendar_links": calendar_links(
            live_class_id=pk,
            title=title,
            starting_at=starting_at,
            ending_at=ending_at,
            join_url=link,
            public_url=public_url,
        ),
        "teacher": teacher_id and {"id": teacher_id, "first_name": first_name, "last_name": last_name},
        "moved_from": moved_from,
        "reason": (cancel_reason if cancelled else move_reason) or None,
        "replaces": replaces,
        "replaced_by": replaced_by,
        "cohort": _cohort_as_dict(cohort_name, *cohort),
    }


def _cohort_as_dict(name: str, *row: Any) -> dict[str, Any]:
    """The name, and a row of COHORT_COLUMNS."""
    pk, slug, kickoff_date, ending_date, stage, current_day, academy_id, academy_slug, academy_name, logo_url = row
    return {
        "id": pk,
        "slug": slug,
        "name": name,
        "kickoff_date": kickoff_date,
        "ending_date": ending_date,
        "stage": stage,
        "current_day": current_day,
        "academy": {"id": academy_id, "slug": academy_slug, "name": academy_name, "logo_url": logo_url or None},
    }


def read_detail(classes: QuerySet[LiveClass], live_class_id: int) -> dict[str, Any]:
    """One class with what only its own address shows (rule L8). Raises `not-found`."""
    row = classes.filter(pk=live_class_id).values_list(*COLUMNS, *DETAIL_COLUMNS).first()
    if row is None:
        raise LiveClassNotFound
    details = row[len(COLUMNS) :]
    return as_dict(row[: len(COLUMNS)], settings.PUBLIC_URL) | dict(
        zip(("cohort_time_slot", "log", "created_at", "updated_at"), details, strict=True)
    )
