"""How each route is called as Ana of `benchmarks.filling.school`, so that it answers what she asked for.

GET needs a row only where the address must name something other than usual; every other method needs one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from benchmarks.filling.school import PASSWORD, School

ADMISSIONS, AUTH, EVENTS, FEEDBACK = "/v1/admissions", "/v1/auth", "/v1/events", "/v1/feedback"
COHORT, HOLIDAY, SYLLABUS = f"{ADMISSIONS}/academy/cohort", f"{ADMISSIONS}/academy/holiday", f"{ADMISSIONS}/syllabus"
SLOT, TEMPLATE = f"{COHORT}/<str:cohort>/timeslot", f"{SYLLABUS}/<str:syllabus>/template"
CLASS, SURVEY = f"{EVENTS}/academy/event/liveclass", f"{FEEDBACK}/academy/survey"
Body = Callable[[School], Any]


@dataclass(frozen=True)
class Request:
    """`body` makes the JSON, or a text for a file; `names` says which rows of the school the address names.

    `after` is a request (method and path) that has to come before, and is not measured; `status` is the answer's where
    it is an error. `fills`: a page's form is sent as the page shows it, with the fields of `body` over it, and then the
    form of the plan or question that is the answer; it has to end in a redirect.
    """

    body: Body | None = None
    names: dict[str, str] = field(default_factory=dict)
    as_: str = "ana"
    query: str = ""
    after: tuple[str, str] | None = None
    status: int = 200
    fills: bool = False


def same(**fields: Any) -> Body:
    return lambda school: fields


def csv(text: str) -> Body:
    return lambda school: text


def in_days(days: int, hour: int = 12) -> str:
    day = (timezone.now() + datetime.timedelta(days=days)).date()
    return f"{day}T{hour:02}:00:00Z"


def _new_class(school: School) -> dict[str, Any]:
    return {
        "cohort_time_slot": school.slot.pk,
        "starting_at": in_days(3),
        "ending_at": in_days(3, 13),
        "remote_meeting_url": "https://meet.example.org/2",
    }


def _marks(school: School) -> dict[str, Any]:
    return {"attendance": [{"user": user.pk, "status": "PRESENT"} for user in school.students]}


def _holiday(school: School) -> dict[str, Any]:
    return {"name": "Carnival", "starts_on": in_days(6)[:10], "ends_on": in_days(6)[:10]}


def _day(school: School) -> dict[str, Any]:
    return {"day": in_days(-2)[:10], "attendance_ids": [user.pk for user in school.students[:3]]}


SLOT_HOURS = {"starting_at": 1900, "ending_at": 2000}
NEW_STUDENT = same(email="new@example.org", cohort="web-dev")
REQUESTS: dict[tuple[str, str], Request] = {
    ("POST", f"{AUTH}/login"): Request(same(email="ana@example.org", password=PASSWORD)),
    ("POST", f"{AUTH}/logout"): Request(same()),
    ("POST", f"{AUTH}/password/reset"): Request(same(email="ana@example.org")),
    ("POST", f"{AUTH}/password/change"): Request(same(current_password=PASSWORD, new_password="other-word-11")),
    ("POST", f"{AUTH}/me/calendar-token"): Request(same()),
    ("POST", f"{AUTH}/academy/student"): Request(NEW_STUDENT),
    ("PUT", f"{AUTH}/academy/student/<id:user_id>/invite"): Request(same(), names={"user_id": "invited"}),
    ("POST", f"{AUTH}/academy/member"): Request(same(email="new@example.org", role="staff")),
    ("PUT", f"{AUTH}/academy/member/<id:member_id>"): Request(same(role="admin")),
    ("PUT", f"{AUTH}/academy/member/<id:user_id>/invite"): Request(same(), names={"user_id": "invited"}),
    ("DELETE", f"{AUTH}/academy/member/<id:member_id>"): Request(names={"member_id": "other_member"}),
    ("POST", f"{ADMISSIONS}/academy"): Request(same(slug="new", name="New", timezone="UTC"), as_="superuser"),
    ("PUT", f"{ADMISSIONS}/academy/me"): Request(same(name="Miami")),
    ("POST", SYLLABUS): Request(same(slug="new", name="New")),
    ("POST", f"{SYLLABUS}/<str:syllabus>/version"): Request(same(json={})),
    ("POST", COHORT): Request(same(slug="new", name="New")),
    ("PUT", f"{COHORT}/<str:cohort>"): Request(same(name="Web", ending_date=in_days(35)[:10])),
    ("DELETE", f"{COHORT}/<str:cohort>"): Request(),
    ("POST", f"{COHORT}/<str:cohort>/user"): Request(
        lambda school: {"user": school.students[0].pk, "role": "REVIEWER"}
    ),
    ("POST", f"{COHORT}/<str:cohort>/user/import"): Request(csv("email\na@example.org\nb@example.org\n")),
    ("PUT", f"{COHORT}/<str:cohort>/user/<id:user_id>"): Request(same(educational_status="POSTPONED")),
    ("DELETE", f"{COHORT}/<str:cohort>/user/<id:user_id>"): Request(),
    ("PUT", f"{COHORT}/<str:cohort>/log"): Request(_day),
    ("POST", f"{COHORT}/<str:cohort>/history/<id:change_id>/undo"): Request(
        same(), after=("PUT", f"{COHORT}/<str:cohort>")
    ),
    ("POST", SLOT): Request(same(**SLOT_HOURS)),
    ("POST", f"{SLOT}/import"): Request(csv("starting_at,ending_at\n19:00,20:00\n")),
    ("POST", f"{SLOT}/preview"): Request(same(**SLOT_HOURS)),
    ("PUT", f"{SLOT}/<id:time_slot_id>"): Request(same(starting_at=800)),
    ("DELETE", f"{SLOT}/<id:time_slot_id>"): Request(),
    ("POST", f"{SLOT}/<id:time_slot_id>/history/<id:change_id>/undo"): Request(
        same(), after=("PUT", f"{SLOT}/<id:time_slot_id>")
    ),
    ("POST", TEMPLATE): Request(same(name="New", slots=[SLOT_HOURS])),
    ("PUT", f"{TEMPLATE}/<id:template_id>"): Request(same(name="Late")),
    ("DELETE", f"{TEMPLATE}/<id:template_id>"): Request(),
    ("POST", f"{TEMPLATE}/<id:template_id>/apply"): Request(same(cohorts=["web-dev"])),
    ("POST", HOLIDAY): Request(_holiday),
    ("POST", f"{HOLIDAY}/import"): Request(same(country="US", year=timezone.now().year + 1)),
    ("PUT", f"{HOLIDAY}/<id:holiday_id>"): Request(same(ends_on=in_days(6)[:10])),
    ("DELETE", f"{HOLIDAY}/<id:holiday_id>"): Request(),
    ("POST", f"{HOLIDAY}/<id:holiday_id>/history/<id:change_id>/undo"): Request(
        same(), after=("PUT", f"{HOLIDAY}/<id:holiday_id>")
    ),
    ("POST", CLASS): Request(_new_class),
    ("PUT", f"{CLASS}/<id:live_class_id>"): Request(same(title="Loops")),
    ("DELETE", f"{CLASS}/<id:live_class_id>"): Request(),
    ("POST", f"{CLASS}/<id:live_class_id>/cancel"): Request(same(reason="Ill")),
    ("POST", f"{CLASS}/<id:live_class_id>/restore"): Request(same(), names={"live_class_id": "off"}),
    ("GET", f"{CLASS}/<id:live_class_id>/makeups"): Request(names={"live_class_id": "off"}),
    ("PUT", f"{CLASS}/<id:live_class_id>/attendance"): Request(_marks, names={"live_class_id": "unasked"}),
    ("GET", f"{CLASS}/<id:live_class_id>/attendance"): Request(names={"live_class_id": "unasked"}),
    ("PUT", f"{EVENTS}/academy/attendance/settings"): Request(same(late_after_minutes=10)),
    ("PUT", f"{EVENTS}/academy/reminder/settings"): Request(same(day_before=True)),
    ("PUT", f"{EVENTS}/me/reminder/settings"): Request(same(day_before=True)),
    ("PUT", f"{EVENTS}/me/calendar/settings"): Request(same(calendar_invitations=True)),
    ("PUT", f"{FEEDBACK}/academy/settings"): Request(same(send_surveys=True)),
    ("POST", SURVEY): Request(lambda school: {"live_class": school.rows["unasked"]}),
    ("POST", f"{SURVEY}/template"): Request(same(name="Ours", texts={})),
    ("PUT", f"{SURVEY}/template/<id:template_id>"): Request(same(name="Ours")),
    ("PUT", f"{FEEDBACK}/user/me/answer/<id:answer_id>"): Request(same(score=7)),
}


def usual_names(school: School, path: str) -> dict[str, Any]:
    """What the placeholders of an address stand for, unless a row says otherwise."""
    rows = school.rows
    return {
        "academy_slug": school.academy.slug,
        "answer_id": rows["answer"],
        "cohort": school.cohort.slug,
        "cohort_slug": school.cohort.slug,
        "names": school.cohort.slug,
        "hash_": rows["hash"],
        "holiday_id": rows["holiday"],
        "job_id": rows["job"],
        "live_class_id": rows["coming"],
        "member_id": rows["member"],
        "role": "admin",
        "survey_id": rows["survey"],
        "syllabus": rows["syllabus"],
        "template_id": rows["survey_template" if path.startswith(FEEDBACK) else "schedule_template"],
        "time_slot_id": school.slot.pk,
        "user_id": school.students[0].pk,
        "membership_id": rows["enrolment"],
        "key": "",
        "suffix": "csv",
    }


def sent(body: Any) -> dict[str, Any]:
    """The arguments of `Call` for this body."""
    if isinstance(body, str):
        return {"data": {"file": SimpleUploadedFile("f.csv", body.encode(), "text/csv")}, "format": "multipart"}
    return {} if body is None else {"body": body}
