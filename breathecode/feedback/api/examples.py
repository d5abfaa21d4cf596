"""A survey sent by hand, for the API's schema (rule O1)."""

from drf_spectacular.utils import OpenApiExample

REQUEST = OpenApiExample("A class that ended yesterday", {"live_class": 789}, request_only=True)
SURVEY = OpenApiExample(
    "A survey without answers",
    {
        "id": 12,
        "live_class": 789,
        "cohort": {"id": 45, "slug": "web-dev-ft-2025", "name": "Web Development Full Time 2025"},
        "starting_at": "2025-10-28T18:00:00Z",
        "language": "en",
        "created_at": "2025-10-29T09:00:00Z",
        "expires_at": "2025-10-31T09:00:00Z",
        "people_asked": 14,
        "people_answered": 0,
        "response_rate": 0.0,
        "average": None,
    },
    response_only=True,
    status_codes=["201"],
)
