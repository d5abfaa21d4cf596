"""How each page is opened, and what its forms send. A GET needs a row only where something is not as usual."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from benchmarks.filling.school import PASSWORD, School
from breathecode.events.models import LiveClass
from breathecode.pages.times import iso_utc
from breathecode.schedules.domain.holidays.makeups import moments_of_classes
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


def _at(days: int) -> dict[str, Any]:
    """The times of a class, so many days from now."""
    return {"day": in_days(days)[:10], "starts": "12:00", "ends": "13:00"}


def _slots_file(school: School) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("slots.csv", b"starting_at,ending_at\n19:00,20:00\n", "text/csv")}


def _people_file(school: School) -> dict[str, Any]:
    return {"cohort": "web-dev", "file": SimpleUploadedFile("people.csv", b"email\na@example.org\nb@example.org\n")}


def _moment(school: School) -> dict[str, Any]:
    """The first moment at which the class that the holiday cancelled can be made up for."""
    closed = LiveClass.objects.get(pk=school.rows["closed"])
    moments = moments_of_classes([closed], now=timezone.now())[closed.pk]
    return {f"class-{closed.pk}": iso_utc(moments[0][0])}


def _answer(school: School) -> dict[str, Any]:
    return {f"score-{school.rows['answer']}": "7"}


def _mark(school: School) -> dict[str, Any]:
    return {"user": school.students[0].pk, "status": "LATE"}


_ADMIN: dict[str, Any] = {"as_": "superuser"}
_UNASKED = {"live_class_id": "unasked"}
_INVITATIONS: dict[str, Any] = {"names": {"key": "invitations_off"}}
_REMINDERS: dict[str, Any] = {"names": {"key": "reminders_off"}}
_LINK: dict[str, Any] = {"names": {"key": "invitation"}}
_SURVEY: dict[str, Any] = {"query": "?token=survey-key"}
_OFF, _JOINED, _RUNNING = ({"live_class_id": name} for name in ("off", "joined", "running"))
_INVITED = {"user_id": "invited_member"}
_COHORT_HOLIDAY = {"holiday_id": "cohort_holiday"}
_HOLIDAY = same(name="Carnival", starts_on=in_days(6)[:10], ends_on="")
_CHOSEN = {"new_password1": "other-word-11", "new_password2": "other-word-11"}
PAGES: dict[tuple[str, str], Request] = {
    ("GET", "first-steps"): Request(**_ADMIN),
    ("POST", "first-steps"): Request(same(step="academy", name="New", slug="new", timezone="UTC"), **_ADMIN),
    ("POST", "calendar-address"): Request(same()),
    ("POST", "class-roll"): Request(_mark, names=_UNASKED),
    ("GET", "class"): Request(names=_UNASKED),
    **{("GET", f"class-{name}"): Request(names={"live_class_id": "off"}) for name in ("restore", "make-up")},
    ("GET", "class-start"): Request(names=_JOINED),
    ("GET", "class-end"): Request(names=_RUNNING),
    ("GET", "person-remove"): Request(names={"user_id": "invited_member"}),
    ("GET", "cohort-holiday"): Request(names={"holiday_id": "cohort_holiday"}),
    ("GET", "cohort-holiday-makeups"): Request(names={"holiday_id": "cohort_holiday"}),
    ("POST", "class-move"): Request(same(**_at(4), reason="Ill"), fills=True),
    ("POST", "class-cancel"): Request(same(reason="Ill"), fills=True),
    ("POST", "class-restore"): Request(same(), names=_OFF, fills=True),
    ("POST", "class-substitute"): Request(lambda school: {"teacher": str(school.ana.pk)}, fills=True),
    ("POST", "class-make-up"): Request(same(**_at(8)), names=_OFF, fills=True),
    ("POST", "class-edit"): Request(same(title="Loops"), fills=True),
    ("POST", "class-start"): Request(same(), names=_JOINED, fills=True),
    ("POST", "class-end"): Request(same(), names=_RUNNING, fills=True),
    ("POST", "class-new"): Request(same(**_at(4)), fills=True),
    ("POST", "person-invite"): Request(same(email="new@example.org", role="student", cohort="web-dev"), fills=True),
    ("POST", "people-import"): Request(_people_file, fills=True),
    ("POST", "person-invite-again"): Request(same(), names={"user_id": "invited"}, fills=True),
    ("POST", "person-role"): Request(same(role="teacher"), names=_INVITED, fills=True),
    ("POST", "person-remove"): Request(same(), names=_INVITED, fills=True),
    ("POST", "cohort-person-remove"): Request(same(), fills=True),
    ("POST", "cohort-holiday-new"): Request(_HOLIDAY, fills=True),
    ("POST", "cohort-holiday"): Request(_HOLIDAY, names=_COHORT_HOLIDAY, fills=True),
    ("POST", "cohort-holiday-remove"): Request(same(), names=_COHORT_HOLIDAY, fills=True),
    ("POST", "cohort-holiday-makeups"): Request(_moment, names=_COHORT_HOLIDAY, fills=True),
    ("POST", "holiday-new"): Request(_HOLIDAY, fills=True),
    ("POST", "holiday"): Request(_HOLIDAY, fills=True),
    ("POST", "holiday-remove"): Request(same(), fills=True),
    ("POST", "holiday-import"): Request(same(country="US", year=timezone.now().year + 1), fills=True),
    ("POST", "cohort-slot-template"): Request(same(), fills=True),
    ("POST", "cohort-slot-import"): Request(_slots_file, fills=True),
    ("POST", "template-new"): Request(
        same(name="New", new_syllabus="New", **{"slot-0-starting_at": "19:00", "slot-0-ending_at": "20:00"}), fills=True
    ),
    ("POST", "template"): Request(same(name="Late"), fills=True),
    ("POST", "template-remove"): Request(same(), fills=True),
    ("POST", "template-apply"): Request(lambda school: {"cohorts": [str(school.cohort.pk)]}, fills=True),
    ("POST", "settings"): Request(same(**{"academy-name": "Miami"}), fills=True),
    ("POST", "me"): Request(same(first_name="Ana", last_name="", language="en", timezone="UTC")),
    ("POST", "sign-out-everywhere"): Request(same()),
    ("POST", "sign-in"): Request(same(email="ana@example.org", password=PASSWORD)),
    ("POST", "sign-out"): Request(same()),
    ("POST", "cohort-new"): Request(_cohort, fills=True),
    ("POST", "cohort-edit"): Request(_cohort, fills=True),
    ("POST", "cohort-slot-new"): Request(_slot, fills=True),
    ("POST", "cohort-slot"): Request(_slot, fills=True),
    ("POST", "cohort-slot-remove"): Request(same(step="plan"), fills=True),
    ("POST", "cohort-people"): Request(same(email="student-1@example.org", role="REVIEWER")),
    ("POST", "cohort-person"): Request(same(role="STUDENT", educational_status="POSTPONED")),
    ("POST", "cohort-undo"): Request(same(step="plan"), after=("PUT", COHORT_ROUTE)),
    ("GET", "invitations-off"): Request(**_INVITATIONS),
    ("POST", "invitations-off"): Request(same(), **_INVITATIONS),
    ("GET", "reminders-off"): Request(**_REMINDERS),
    ("POST", "reminders-off"): Request(same(), **_REMINDERS),
    ("GET", "survey"): Request(**_SURVEY),
    ("POST", "survey"): Request(_answer, **_SURVEY),
    ("POST", "own-survey"): Request(_answer),
    ("GET", "demo"): Request(status=404),  # the demo's people are never on a server with classes of its own
    ("POST", "demo"): Request(same(), status=404),
    ("GET", "invitation"): Request(**_LINK),
    ("GET", "password-reset"): Request(**_LINK),
    ("GET", "password-choose"): Request(after=("GET", "invitation"), **_LINK),
    ("POST", "password-choose"): Request(same(**_CHOSEN), after=("GET", "invitation"), **_LINK),
    ("POST", "password-forgotten"): Request(same(email="ana@example.org")),
}
