"""Loads the demo academies. What exists already is left as it is, so that a second run changes nothing."""

import collections
import datetime
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from breathecode.admissions.models import (
    Cohort,
    CohortTimeSlot,
    CohortUser,
    Holiday,
    Syllabus,
    SyllabusVersion,
)
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.demo.data import ACADEMIES, MAILBOXES, PASSWORD, STAFF, SUPERUSER, DemoAcademy, DemoCohort
from breathecode.demo.history import add_history
from breathecode.events.models import LiveClass
from breathecode.feedback.models import FeedbackSettings
from breathecode.reminders.models import ReminderSettings
from breathecode.schedules.domain.generation import build_time_slot

Counts = collections.Counter[str]


def load_demo(*, now: datetime.datetime) -> dict[str, Counts]:
    """Makes what is missing of the demo academies; answers how much of each kind, by the academy's name.

    One transaction: the demo is there as a whole or not at all, and what its saves queue finds the classes built.
    """
    with transaction.atomic():
        # All users share one hash: hashing is slow on purpose, and the demo's password is public.
        loader = _Loader(now=now, password=make_password(PASSWORD))
        loader.person(SUPERUSER, "Alex Rivera", is_staff=True, is_superuser=True)
        return {"All academies": loader.made, **{data.name: loader.academy(data) for data in ACADEMIES}}


def staff_email(*, place: str, role: str) -> str:
    return f"{MAILBOXES.get(role, role)}@{place}.example.org"


def student_email(*, place: str, name: str) -> str:
    """`ava.collins@miami.example.org`: letters without their accents, as mail servers everywhere take them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"{plain.lower().replace(' ', '.')}@{place}.example.org"


class _Loader:
    def __init__(self, *, now: datetime.datetime, password: str) -> None:
        self.now, self.password = now, password
        self.made: Counts = Counts()

    def _make(self, model: Any, kind: str, **fields: Any) -> Any:
        row, created = model.objects.get_or_create(**fields)
        self.made[kind] += created
        return row

    def academy(self, data: DemoAcademy) -> Counts:
        """Everything of one academy; answers what was made just now."""
        self.made = Counts()
        defaults = {
            "name": data.name,
            "timezone": data.timezone,
            "feedback_email": f"feedback@{data.place}.example.org",
        }
        academy = self._make(Academy, "academies", slug=data.slug, defaults=defaults)
        self._settings(academy)
        today = self.now.astimezone(ZoneInfo(data.timezone)).date()
        teachers = self._staff(academy, data)
        students = [self.person(student_email(place=data.place, name=name), name, data) for name in data.students]
        syllabus, version = self._syllabus(academy, data)
        day_off = today + datetime.timedelta(days=10)
        dates = {"starts_on": day_off, "ends_on": day_off}
        self._make(Holiday, "holidays", academy=academy, name=data.holiday, defaults=dates)
        for plan in data.cohorts:
            fields = self._cohort_fields(plan, data, today) | {"syllabus": syllabus, "syllabus_version": version}
            is_new = not Cohort.objects.filter(academy=academy, slug=plan.slug).exists()
            cohort = self._make(Cohort, "cohorts", academy=academy, slug=plan.slug, defaults=fields)
            self._members(cohort, teachers, students[plan.students])
            self._time_slots(cohort, plan)
            if is_new:
                self.made.update(add_history(cohort, now=self.now))
        return self.made

    def _settings(self, academy: Academy) -> None:
        """Reminders a day and 15 minutes before each class, and surveys after it."""
        self._make(ReminderSettings, "reminder settings", academy=academy, defaults={"day_before": True})
        self._make(FeedbackSettings, "feedback settings", academy=academy)

    def person(self, email: str, name: str, data: DemoAcademy | None = None, **fields: Any) -> User:
        first_name, _space, last_name = name.partition(" ")
        defaults = {"first_name": first_name, "last_name": last_name, "password": self.password, **fields}
        if data:
            defaults |= {"language": data.language, "timezone": data.timezone}
        person: User = self._make(User, "people", email=email, defaults=defaults)
        return person

    def _staff(self, academy: Academy, data: DemoAcademy) -> list[tuple[User, str]]:
        """The members of each role; answers those who have a part in the cohorts, with it."""
        teaching = []
        for first_name, last_name, role, part in STAFF[data.place]:
            person = self.person(staff_email(place=data.place, role=role), f"{first_name} {last_name}", data)
            self._make(AcademyMember, "members", academy=academy, user=person, defaults={"role": role})
            if part:
                teaching.append((person, part))
        return teaching

    def _syllabus(self, academy: Academy, data: DemoAcademy) -> tuple[Syllabus, SyllabusVersion]:
        """Two versions: the published one that the cohorts follow, and the draft of the next."""
        defaults = {"name": data.syllabus}
        syllabus = self._make(Syllabus, "syllabi", academy=academy, slug="full-stack", defaults=defaults)
        published, _draft = (
            self._make(SyllabusVersion, "syllabus versions", syllabus=syllabus, version=number, defaults=fields)
            for number, fields in enumerate(
                (
                    {"status": SyllabusVersion.Status.PUBLISHED, "json": {"days": [{"id": 1, "label": "HTML"}]}},
                    {"status": SyllabusVersion.Status.DRAFT, "json": {"days": []}},
                ),
                1,
            )
        )
        return syllabus, published

    def _cohort_fields(self, plan: DemoCohort, data: DemoAcademy, today: datetime.date) -> dict[str, Any]:
        def day(offset: int) -> datetime.date:
            return today + datetime.timedelta(days=offset)

        return {
            "name": plan.name,
            "stage": plan.stage,
            "kickoff_date": day(plan.kickoff),
            "ending_date": None if plan.ending is None else day(plan.ending),
            "never_ends": plan.ending is None,
            "language": data.language,
            "online_meeting_url": f"https://meet.example.org/{plan.slug}",
        }

    def _members(self, cohort: Cohort, teaching: list[tuple[User, str]], students: list[User]) -> None:
        for person, role in teaching:
            self._make(CohortUser, "cohort members", cohort=cohort, user=person, role=role)
        status = CohortUser.EducationalStatus
        usual = status.GRADUATED if cohort.stage == Cohort.Stage.ENDED else status.ACTIVE
        for person in students:
            # In each cohort the last student has put the course off, and sees none of its classes.
            away = person is students[-1] and usual == status.ACTIVE
            defaults = {"educational_status": status.POSTPONED if away else usual}
            part = {"cohort": cohort, "user": person, "role": CohortUser.Role.STUDENT}
            self._make(CohortUser, "cohort members", **part, defaults=defaults)

    def _time_slots(self, cohort: Cohort, plan: DemoCohort) -> None:
        for slot in plan.slots:
            known = {
                "cohort": cohort,
                "starting_at": slot.starting_at,
                "ending_at": slot.ending_at,
                "recurrency_type": slot.recurrence["recurrency_type"],
            }
            if not CohortTimeSlot.objects.filter(**known).exists():
                # Not saved one by one: that would queue a build of what is built here and now.
                days, zone = slot.recurrence.get("weekdays", []), cohort.effective_timezone
                (row,) = CohortTimeSlot.objects.bulk_create([CohortTimeSlot(**known, weekdays=days, timezone=zone)])
                self.made["time slots"] += 1
                self.made["live classes"] += self._classes(row)

    def _classes(self, slot: CohortTimeSlot) -> int:
        """Builds the slot's classes, and gives the past ones a start."""
        created = build_time_slot(time_slot_id=slot.pk, now=self._time_of_build(slot)).created
        past = LiveClass.objects.filter(cohort_time_slot=slot, ended_at__isnull=False)
        past.update(started_at=F("starting_at") + datetime.timedelta(minutes=2))
        return created

    def _time_of_build(self, slot: CohortTimeSlot) -> datetime.datetime:
        """Now; for a cohort that has ended, its last evening, since later nothing would be built (rule G11)."""
        if slot.cohort.ending_date is None:
            return self.now
        last_evening = datetime.datetime.combine(
            slot.cohort.ending_date, datetime.time(23, 59), ZoneInfo(slot.timezone)
        )
        return min(self.now, last_evening.astimezone(datetime.UTC))
