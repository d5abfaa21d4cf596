"""The requests of the API's document, as facts: method, address, body. A test holds them against its text."""

from typing import Any

MINE = "/v1/events/me/event/liveclass"
ACADEMY = "/v1/events/academy/event/liveclass"
SLOTS = "/v1/admissions/academy/cohort/{cohort_id}/timeslot"
ENDING = {"ended_at": "2025-10-28T20:00:00Z"}
TIMES = {"starting_at": "2025-10-28T18:00:00Z", "ending_at": "2025-10-28T20:00:00Z"}

Request = tuple[str, str, dict[str, Any] | None]

# What stands in code blocks, in the order of the document.
REQUESTS: list[Request] = [
    ("GET", f"{MINE}?upcoming=null", None),
    ("GET", f"{MINE}?cohort=web-dev-ft-2025", None),
    ("GET", f"{MINE}?starting_at__gte=2025-10-28&starting_at__lte=2025-11-04", None),
    ("GET", ACADEMY, None),
    ("GET", f"{ACADEMY}?user=456&cohort=web-dev-ft-2025", None),
    ("GET", f"{ACADEMY}?started_at__is_null=false&ended_at__is_null=true", None),
    ("GET", f"{MINE}/join/a1b2c3d4e5f6789?token={{auth_token}}", None),
    (
        "POST",
        SLOTS,
        {
            "starting_at": 1400,
            "ending_at": 1600,
            "recurrent": True,
            "recurrency_type": "WEEKLY",
            "timezone": "America/New_York",
        },
    ),
    ("GET", f"{ACADEMY}?cohort={{cohort_slug}}", None),
    ("GET", SLOTS, None),
    (
        "POST",
        ACADEMY,
        {"cohort_time_slot": 123, **TIMES, "remote_meeting_url": "https://zoom.us/j/special-session"},
    ),
    ("GET", f"{MINE}/join/{{hash}}?token={{teacher-token}}", None),
    ("PUT", f"{ACADEMY}/{{live_class_id}}", ENDING),
    ("GET", f"{MINE}?starting_at__gte=2025-10-28T00:00:00Z&starting_at__lte=2025-10-28T23:59:59Z", None),
    ("GET", f"{MINE}?starting_at__gte=2025-10-28&starting_at__lte=2025-11-03", None),
    ("GET", f"{ACADEMY}?started_at__is_null=false&ended_at__is_null=true", None),
    ("GET", f"{ACADEMY}?ended_at__is_null=false&ending_at__gte=2025-10-01", None),
    ("GET", f"{ACADEMY}?cohort__in=cohort-1,cohort-2,cohort-3", None),
    ("PUT", f"{SLOTS}/{{timeslot_id}}", {"timezone": "America/New_York"}),
]

# The bodies that the endpoints' own sections show.
BODIES: list[Request] = [
    ("POST", ACADEMY, {"cohort_time_slot": 123, **TIMES, "remote_meeting_url": "https://zoom.us/j/123456789"}),
    ("PUT", f"{ACADEMY}/{{live_class_id}}", {"started_at": "2025-10-28T18:05:00Z"}),
    ("PUT", f"{ACADEMY}/{{live_class_id}}", ENDING),
    ("PUT", f"{ACADEMY}/{{live_class_id}}", {"remote_meeting_url": "https://meet.google.com/new-link"}),
]

# Its "Common Errors": status, slug, sentence.
ERRORS: list[tuple[int, str, str]] = [
    (404, "not-found", "Live class not found for this academy"),
    (400, "started-at-already-set", "This class has already been started"),
    (400, "started-at-not-now", "You can only start a class within 2 minutes of the current time"),
    (400, "started-at-not-set", "The class must be started before you can end it"),
    (400, "ended-at-too-soon", "You cannot end a class less than 30 minutes after it started"),
]
