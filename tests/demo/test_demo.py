"""The demo academies (rule O5)."""

import datetime
import io
import json
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.attendance.domain.log import read_log
from breathecode.attendance.domain.recording import classes_of_day
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.authenticate.roles import ROLES
from breathecode.events.models import LiveClass
from breathecode.events.tasks import close_overdue_live_classes
from breathecode.feedback.tasks import send_due_surveys
from breathecode.notify.models import OutgoingMail

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MOMENTS = {
    "a working day": datetime.datetime(2026, 11, 23, 15, tzinfo=datetime.UTC),
    "a Sunday, as the clocks change in New York": datetime.datetime(2026, 3, 8, 6, 30, tzinfo=datetime.UTC),
    "the last night of a leap year's February": datetime.datetime(2028, 2, 29, 23, 30, tzinfo=datetime.UTC),
    "New Year's Eve, tomorrow in Madrid": datetime.datetime(2026, 12, 31, 23, 30, tzinfo=datetime.UTC),
}


def load(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def everything() -> dict[str, list]:
    """All rows of all our models, every column."""
    models = [model for model in apps.get_models() if model.__module__.startswith("breathecode.")]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def local_days(academy: Academy, stage: str) -> list[datetime.date]:
    """The dates of the classes of the academy's cohorts in this stage, in its own zone."""
    zone = ZoneInfo(academy.timezone)
    classes = LiveClass.objects.filter(cohort__academy=academy, cohort__stage=stage)
    return [row.starting_at.astimezone(zone).date() for row in classes]


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_there_are_classes_around_the_day_of_loading(moment):
    """O5: whatever day it is loaded, each academy has classes yesterday, today and tomorrow, built without a queue."""
    with time_machine.travel(moment, tick=False):
        load()
        for academy in Academy.objects.all():
            today = moment.astimezone(ZoneInfo(academy.timezone)).date()
            days = local_days(academy, Cohort.Stage.STARTED)
            assert {today + datetime.timedelta(days=day) for day in (-1, 0, 1)} <= set(days), academy.slug
            assert local_days(academy, Cohort.Stage.PREWORK) == []
            assert max(local_days(academy, Cohort.Stage.ENDED), default=datetime.date.min) < today


def test_what_the_demo_holds():
    """O5: three zones; cohorts running, ended, in prework and never ending; people of every role; held classes."""
    load()
    zones = set(Academy.objects.values_list("timezone", flat=True))
    assert zones == {"America/New_York", "Europe/Madrid", "America/Santiago"}
    assert set(Cohort.objects.values_list("stage", flat=True)) == {"STARTED", "FINAL_PROJECT", "ENDED", "PREWORK"}
    assert Cohort.objects.filter(never_ends=True).count() == 2
    assert Cohort.objects.filter(online_meeting_url="").count() == 0
    for academy in Academy.objects.all():
        roles = AcademyMember.objects.filter(academy=academy).values_list("role", flat=True)
        assert sorted(roles) == sorted(ROLES)
        languages = set(academy.cohorts.values_list("language", flat=True))
        assert languages == {"en" if academy.timezone == "America/New_York" else "es"}
    ended = LiveClass.objects.filter(ended_at__isnull=False)
    assert ended.filter(cohort__stage="ENDED").exists()
    assert {row.held for row in ended} == {True}
    assert not LiveClass.objects.filter(ended_at=None, started_at__isnull=False).exists()


@pytest.mark.parametrize("later", [datetime.timedelta(0), datetime.timedelta(days=3)])
def test_a_second_run_changes_nothing(later):
    """O5: neither at once nor on another day, when "today" is another date."""
    with time_machine.travel(MOMENTS["a working day"], tick=False) as clock:
        load()
        before = everything()
        clock.shift(later)
        assert "Demo loaded: nothing new." in load()
        assert everything() == before


def test_a_second_run_brings_back_nothing_that_was_changed():
    """O5: a removed time slot stays removed, and a changed cohort keeps its dates."""
    load()
    slot = CohortTimeSlot.objects.earliest("pk")
    slot.removed_at = slot.created_at
    slot.save()
    Cohort.objects.filter(pk=slot.cohort_id).update(name="Renamed")
    before = everything()
    load()
    assert everything() == before


def test_if_empty_leaves_a_used_database_alone(world):
    """O5: `--if-empty` loads nothing beside an academy, and names nobody to sign in as."""
    before = everything()
    out = load("--if-empty")
    assert everything() == before
    assert "was not loaded" in out
    assert "Accounts" not in out


def test_if_empty_loads_into_an_empty_database_and_tells_again_whom_to_sign_in_as():
    """O5: a second `make run` still says where to look and whom to sign in as."""
    first, second = load("--if-empty"), load("--if-empty")
    assert Academy.objects.count() == 3
    assert first.partition("\nURLs")[2] == second.partition("\nURLs")[2] != ""


def test_everybody_printed_can_sign_in_with_the_password_printed(call):
    """O5, U1: the table names people who exist, with the role and the academy it says."""
    out = load()
    (password,) = re.findall(r"password of all is (\S+)\)", out)
    table = re.findall(r"^  (\S+@\S+) +(\w+) +(.+)$", out, re.MULTILINE)
    assert len(table) == 1 + 3 * (len(ROLES) + 1)
    for email, role, academy in table:
        answer = call("POST", "/v1/auth/login", body={"email": email, "password": password})
        assert answer.status_code == 200, email
        person = User.objects.get(email=email)
        if role == "superuser":
            assert person.is_superuser
        elif role == "student":
            assert set(person.cohort_roles.values_list("cohort__academy__name", "role")) == {(academy, "STUDENT")}
        else:
            assert list(person.memberships.values_list("role", "academy__name")) == [(role, academy)]


def test_every_address_printed_answers(client):
    """O5: where to look is somewhere."""
    addresses = re.findall(r"http://testserver(\S+)", load())
    assert {"/", "/v1/docs", "/admin/", "/healthz"} <= set(addresses)
    for address in addresses:
        assert client.get(address, follow=True).status_code == 200, address


def test_the_demo_student_sees_a_class_of_today(call):
    """O5, L7: what the printed student's own list shows."""
    load()
    student = User.objects.get(email="ava.collins@miami.example.org")
    now = datetime.datetime.now(ZoneInfo("America/New_York"))
    rows = call("GET", "/v1/events/me/event/liveclass?limit=1000", as_=student).json()
    days = {datetime.datetime.fromisoformat(row["starting_at"]).astimezone(now.tzinfo).date() for row in rows}
    assert now.date() in days


def test_the_readme_has_hours_of_its_own():
    """O5: the time slot that the README creates, 14:00 to 16:00, meets no demo slot's hours."""
    load()
    hours = set(CohortTimeSlot.objects.values_list("starting_at", "ending_at"))
    assert all(ending <= 1400 or starting >= 1600 for starting, ending in hours), hours


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_the_reports_say_something(call, moment):
    """O5, A5, S5: right after loading, each cohort with classes has rates from 60 to 100 %, surveys and answers."""
    with time_machine.travel(moment, tick=False):
        load()
        for academy in Academy.objects.all():
            staff = User.objects.get(email__startswith="staff@", memberships__academy=academy)

            def get(path, who=staff, where=academy):
                response = call("GET", f"/v1/{path}", as_=who, academy=where)
                assert response.status_code == 200, response.content
                return json.loads(b"".join(response) if response.streaming else response.content)

            held = academy.cohorts.filter(live_classes__ended_at__isnull=False).distinct()
            assert {"STARTED", "ENDED"} & set(held.values_list("stage", flat=True))
            for cohort in held:
                students = get(f"admissions/academy/cohort/{cohort.slug}/attendance.json")["students"]
                assert len(students) >= 3, cohort.slug
                assert all(0.6 <= student["rate"] <= 1 for student in students), cohort.slug
                assert cohort.current_day == len(get(f"admissions/academy/cohort/{cohort.slug}/log")) > 0
            marks = set(Attendance.objects.filter(live_class__cohort__academy=academy).values_list("status", "source"))
            assert {("PRESENT", "JOIN"), ("LATE", "JOIN"), ("PRESENT", "STAFF"), ("ABSENT", "STAFF")} <= marks
            surveys = get("feedback/academy/survey")
            assert len(surveys) >= 20
            answered = [survey["response_rate"] for survey in surveys]
            assert 0.4 < sum(answered) / len(answered) < 0.9
            report = get("feedback/academy/report")
            assert all(6 <= cohort["average"] <= 10 for cohort in report["cohorts"])
            assert all(6 <= teacher["average"] <= 10 for teacher in report["teachers"])
            assert get("feedback/academy/answer?status=PENDING")
            assert get("events/academy/reminder/settings") == {"day_before": True, "quarter_hour_before": True}


def test_the_log_of_the_demo_agrees_with_its_marks():
    """O5, A4: each entry is what the rows of the day's classes make."""
    load()
    for cohort in Cohort.objects.filter(current_day__gt=0):
        for day, entry in read_log(cohort.pk).items():
            classes = classes_of_day(cohort.pk, datetime.date.fromisoformat(day))
            marks = Attendance.objects.filter(live_class__in=classes)
            attended = set(marks.filter(status__in=Attendance.ATTENDED).values_list("user_id", flat=True))
            absent = set(marks.filter(status="ABSENT").values_list("user_id", flat=True)) - attended
            assert (entry["attendance_ids"], entry["unattendance_ids"]) == (sorted(attended), sorted(absent))
        marked = LiveClass.objects.filter(cohort=cohort, attendance__isnull=False).distinct()
        assert len(read_log(cohort.pk)) == len({row.day for row in marked})


def test_a_student_who_was_postponed_keeps_what_was_earned(call):
    """O5, A5: of the time before they left."""
    load()
    away = CohortUser.objects.filter(educational_status="POSTPONED", cohort__slug="miami-full-stack").get()
    academy = Academy.objects.get(slug="demo-miami")
    staff = User.objects.get(email="staff@miami.example.org")
    url = "/v1/admissions/academy/cohort/miami-full-stack/attendance.json"
    students = json.loads(b"".join(call("GET", url, as_=staff, academy=academy)))["students"]
    (line,) = [line for line in students if line["user"] == away.user_id]
    assert 0 < line["expected"] < min(other["expected"] for other in students if other is not line)


def test_the_demo_mails_nobody_about_its_past():
    """O5, S1, N2: the surveys of the demo count as sent, and no reminder is due for what is over."""
    load()
    send_due_surveys()
    close_overdue_live_classes()
    assert not OutgoingMail.objects.filter(template="survey").exists()


def test_the_demo_student_can_answer(call):
    """O5, S5: an open survey waits for the student whom the command prints."""
    load()
    student = User.objects.get(email="ava.collins@miami.example.org")
    url = "/v1/feedback/user/me/answer"
    pending = [row for row in call("GET", url, as_=student).json() if row["status"] == "PENDING"]
    assert call("PUT", f"{url}/{pending[0]['id']}", as_=student, body={"score": 9}).json()["status"] == "ANSWERED"
