"""The document's own requests and answers, for the API's schema (rule O1)."""

import datetime
from typing import Any

from drf_spectacular.utils import OpenApiExample

from breathecode.events.domain.lists.links import calendar_links

_JOIN = "https://classes.example.org/v1/events/me/event/liveclass/join/a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
_ROW: dict[str, Any] = {
    "id": 123,
    "hash": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
    "title": "Web Development Full Time 2025",
    "status": "SCHEDULED",
    "starting_at": "2025-10-28T18:00:00Z",
    "ending_at": "2025-10-28T20:00:00Z",
    "started_at": None,
    "ended_at": None,
    "held": None,
    "remote_meeting_url": "https://zoom.us/j/123456789",
    "join_url": _JOIN,
    "calendar_links": calendar_links(
        live_class_id=123,
        title="Web Development Full Time 2025",
        starting_at=datetime.datetime(2025, 10, 28, 18, tzinfo=datetime.UTC),
        ending_at=datetime.datetime(2025, 10, 28, 20, tzinfo=datetime.UTC),
        join_url=_JOIN,
        public_url="https://classes.example.org",
    ),
    "teacher": None,
    "moved_from": None,
    "reason": None,
    "replaces": None,
    "replaced_by": None,
    "cohort": {
        "id": 45,
        "slug": "web-dev-ft-2025",
        "name": "Web Development Full Time 2025",
        "kickoff_date": "2025-01-15",
        "ending_date": "2025-06-30",
        "stage": "STARTED",
        "current_day": 85,
        "academy": {
            "id": 1,
            "slug": "downtown-miami",
            "name": "4Geeks Downtown Miami",
            "logo_url": "https://example.org/logo.png",
        },
    },
}
_DETAIL = {
    **_ROW,
    "id": 789,
    "cohort_time_slot": 123,
    "log": {},
    "created_at": "2025-10-21T20:00:00Z",
    "updated_at": "2025-10-21T20:00:00Z",
}
_SLOT = {
    "starting_at": 1400,
    "ending_at": 1600,
    "recurrent": True,
    "recurrency_type": "WEEKLY",
    "timezone": "America/New_York",
}


def _sent(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


ROW = OpenApiExample("A live class", _ROW, response_only=True)
DETAIL = OpenApiExample("A live class with its log", _DETAIL, response_only=True)
CHANGED = OpenApiExample(
    "A live class whose teacher has another class at the same time",
    {
        **_DETAIL,
        "warnings": ["Ana Ruiz (teacher) has another class at this time, in Data: … (America/New_York)."],
    },
    response_only=True,
)
SUBSTITUTE = OpenApiExample(
    "A teacher who is free",
    {"user": {"id": 7, "email": "ana@example.org", "first_name": "Ana", "last_name": "Ruiz"}, "same_syllabus": True},
    response_only=True,
)
CREATION = _sent(
    "A special session",
    {
        "cohort_time_slot": 123,
        "starting_at": "2025-10-28T18:00:00Z",
        "ending_at": "2025-10-28T20:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/special-session",
    },
)
MAKEUP_CREATION = _sent(
    "A make-up class",
    {
        "cohort_time_slot": 123,
        "starting_at": "2025-10-30T18:00:00Z",
        "ending_at": "2025-10-30T20:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/123456789",
        "replaces": 789,
    },
)
MAKEUP = OpenApiExample(
    "A moment for a make-up class",
    {"starting_at": "2025-10-30T18:00:00Z", "ending_at": "2025-10-30T20:00:00Z"},
    response_only=True,
)
CHANGES = [
    _sent("Mark as started", {"started_at": "2025-10-28T18:05:00Z"}),
    _sent("Mark as ended", {"ended_at": "2025-10-28T20:00:00Z"}),
    _sent(
        "Another time",
        {
            "starting_at": "2025-10-30T18:00:00Z",
            "ending_at": "2025-10-30T20:00:00Z",
            "reason": "The teacher is ill.",
        },
    ),
    _sent("A substitute", {"teacher": 7}),
    _sent("Another meeting link", {"remote_meeting_url": "https://meet.google.com/new-link"}),
]
CANCELLATION = _sent("With a reason", {"reason": "The teacher is ill."})
CANCELLED = OpenApiExample("A cancelled class", {**_DETAIL, "status": "CANCELLED"}, response_only=True)
TIME_SLOT = _sent("Wednesdays, 2 PM to 4 PM in New York", _SLOT)
TIME_SLOT_CHANGE = _sent("Another time zone", {"timezone": "America/New_York"})
TIME_SLOT_ANSWER = OpenApiExample(
    "A time slot",
    {
        "id": 123,
        "cohort": 45,
        **_SLOT,
        "starts_on": None,
        "weekdays": [],
        "interval": 1,
        "removed_at": None,
        "generation": {"live_classes": 24, "issue": None},
        "created_at": "2025-01-10T15:00:00Z",
        "updated_at": "2025-01-10T15:00:00Z",
    },
    response_only=True,
)
