"""How each page is opened, and what its forms send. A GET needs a row only where something is not as usual."""

from __future__ import annotations

from typing import Any

from benchmarks.filling.school import PASSWORD, School
from tests.support.flat.requests import COHORT, Request, in_days, same

COHORT_ROUTE = f"{COHORT}/<str:cohort>"


def _cohort(school: School) -> dict[str, Any]:
    return {
        "name": "Web", "slug": "new", "stage": "STARTED", "language": "en", "kickoff_date": in_days(-70)[:10],
        "ending_date": in_days(40)[:10], "timezone": "", "syllabus": "", "step": "plan",
    }  # fmt: skip


def _slot(school: School) -> dict[str, Any]:
    return {
        "starting_at": "19:00", "ending_at": "20:00", "recurrency_type": "DAILY", "interval": 1, "recurrent": "on",
        "timezone": "UTC", "step": "plan",
    }  # fmt: skip


def _mark(school: School) -> dict[str, Any]:
    return {"user": school.students[0].pk, "status": "LATE"}


_ADMIN: dict[str, Any] = {"as_": "superuser"}
_UNASKED = {"live_class_id": "unasked"}
_INVITATIONS: dict[str, Any] = {"names": {"key": "invitations_off"}}
_REMINDERS: dict[str, Any] = {"names": {"key": "reminders_off"}}
_LINK: dict[str, Any] = {"names": {"key": "invitation"}}
_SURVEY: dict[str, Any] = {"query": "?token=survey-key"}
_CHOSEN = {"new_password1": "other-word-11", "new_password2": "other-word-11"}
PAGES: dict[tuple[str, str], Request] = {
    ("GET", "first-steps"): Request(**_ADMIN),
    ("POST", "first-steps"): Request(same(step="academy", name="New", slug="new", timezone="UTC"), **_ADMIN),
    ("POST", "calendar-address"): Request(same()),
    ("POST", "class-roll"): Request(_mark, names=_UNASKED),
    ("GET", "class"): Request(names=_UNASKED),
    **{("GET", f"class-{name}"): Request(names={"live_class_id": "off"}) for name in ("restore", "make-up")},
    **{("GET", f"class-{name}"): Request(names={"live_class_id": "joined"}) for name in ("start", "end")},
    ("GET", "person-remove"): Request(names={"user_id": "invited_member"}),
    ("GET", "cohort-holiday"): Request(names={"holiday_id": "cohort_holiday"}),
    ("GET", "cohort-holiday-makeups"): Request(names={"holiday_id": "cohort_holiday"}),
    ("POST", "me"): Request(same(first_name="Ana", last_name="", language="en", timezone="UTC")),
    ("POST", "sign-out-everywhere"): Request(same()),
    ("POST", "sign-in"): Request(same(email="ana@example.org", password=PASSWORD)),
    ("POST", "sign-out"): Request(same()),
    ("POST", "cohort-new"): Request(_cohort),
    ("POST", "cohort-edit"): Request(_cohort),
    ("POST", "cohort-slot-new"): Request(_slot),
    ("POST", "cohort-slot"): Request(_slot),
    ("POST", "cohort-slot-remove"): Request(same(step="plan")),
    ("POST", "cohort-people"): Request(same(email="student-1@example.org", role="REVIEWER")),
    ("POST", "cohort-person"): Request(same(role="STUDENT", educational_status="POSTPONED")),
    ("POST", "cohort-undo"): Request(same(step="plan"), after=("PUT", COHORT_ROUTE)),
    ("GET", "invitations-off"): Request(**_INVITATIONS),
    ("POST", "invitations-off"): Request(same(), **_INVITATIONS),
    ("GET", "reminders-off"): Request(**_REMINDERS),
    ("POST", "reminders-off"): Request(same(), **_REMINDERS),
    ("GET", "survey"): Request(**_SURVEY),
    ("POST", "survey"): Request(lambda school: {f"score-{school.rows['answer']}": "7"}, **_SURVEY),
    ("GET", "demo"): Request(status=404),  # the demo's people are never on a server with classes of its own
    ("POST", "demo"): Request(same(), status=404),
    ("GET", "invitation"): Request(**_LINK),
    ("GET", "password-reset"): Request(**_LINK),
    ("GET", "password-choose"): Request(after=("GET", "invitation"), **_LINK),
    ("POST", "password-choose"): Request(same(**_CHOSEN), after=("GET", "invitation"), **_LINK),
    ("POST", "password-forgotten"): Request(same(email="ana@example.org")),
}
# Forms of pages that have no row yet: the functions that they call are called by the API's routes above. Remove a name
# with the row that it gets; a new page's form must have one.
FORMS_WITHOUT_A_ROW = frozenset({
    "class-move", "class-cancel", "class-restore", "class-substitute", "class-make-up", "class-edit", "class-start",
    "class-end", "own-survey", "person-invite", "people-import", "person-invite-again", "person-role", "person-remove",
    "class-new", "cohort-person-remove", "cohort-holiday-new", "cohort-holiday", "cohort-holiday-remove",
    "cohort-holiday-makeups", "cohort-slot-template", "cohort-slot-import", "template-new", "template",
    "template-remove", "template-apply", "settings", "holiday-new", "holiday-import", "holiday", "holiday-remove",
})  # fmt: skip
