"""The academy that is asked: of the same size whatever else the tables hold, and with something due for every task."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from breathecode.admissions.domain.enrolment import update_periods
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Holiday, Syllabus, SyllabusVersion
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import Academy, AcademyMember, Token, User
from breathecode.calendars.domain import mails as calendar_mails
from breathecode.calendars.models import CalendarPreference
from breathecode.common.actor import Through
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.domain.texts import survey_texts
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate
from breathecode.jobs.models import Job
from breathecode.reminders.domain import mails as reminder_mails
from breathecode.schedules.models import ScheduleTemplate

CLASSES, STUDENTS = 100, 20
PASSWORD = "pass-word-9"
DAY, HOUR, MINUTE = (datetime.timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes"))


@dataclass
class School:
    """Ana teaches, studies and administers; `rows` holds the ids and texts that addresses are made of."""

    academy: Academy
    cohort: Cohort
    slot: CohortTimeSlot
    ana: User
    superuser: User
    students: list[User]
    classes: list[LiveClass]
    rows: dict[str, Any] = field(default_factory=dict)


def make_school(*, now: datetime.datetime) -> School:
    """An academy with one cohort, its people and 100 classes around `now`: past ones with marks, others to come."""
    academy = Academy.objects.create(slug="downtown-miami", name="Downtown Miami", timezone="UTC")
    password = make_password(PASSWORD)
    ana = User.objects.create(email="ana@example.org", password=password, first_name="Ana")
    superuser = User.objects.create(email="root@example.org", password=password, is_staff=True, is_superuser=True)
    students = [User(email=f"student-{number}@example.org", password=password) for number in range(STUDENTS)]
    User.objects.bulk_create(students)
    AcademyMember.objects.create(academy=academy, user=ana, role="admin")
    cohort = Cohort.objects.create(
        academy=academy,
        slug="web-dev",
        name="Web Development",
        stage="STARTED",
        kickoff_date=(now - 70 * DAY).date(),
        ending_date=(now + 30 * DAY).date(),
        online_meeting_url="https://meet.example.org/1",
    )
    slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=900, ending_at=1000, recurrency_type="DAILY")
    _enrol(cohort, ana, students, now=now)
    school = School(academy, cohort, slot, ana, superuser, students, _classes(slot, now=now))
    _marks(school, now=now)
    return school


def _enrol(cohort: Cohort, ana: User, students: list[User], *, now: datetime.datetime) -> None:
    CohortUser.objects.bulk_create(
        [
            CohortUser(cohort=cohort, user=ana, role="TEACHER"),
            *(CohortUser(cohort=cohort, user=user) for user in (ana, *students)),
        ]
    )
    update_periods(within=Q(cohort=cohort), now=now - 70 * DAY)
    CalendarPreference.objects.bulk_create(
        CalendarPreference(user=user, calendar_invitations=True) for user in students[:2]
    )


def _classes(slot: CohortTimeSlot, *, now: datetime.datetime) -> list[LiveClass]:
    """One a day at 9 o'clock, 70 days of which are over and closed."""
    first = datetime.datetime.combine((now - 70 * DAY).date(), datetime.time(9), datetime.UTC)
    starts = [first + number * DAY for number in range(CLASSES)]
    starts = [start for start in starts if abs(start - now) > DAY]
    over = [start for start in starts if start < now]
    return LiveClass.objects.bulk_create(
        LiveClass(
            cohort_time_slot=slot,
            planned_date=start.date(),
            starting_at=start,
            ending_at=start + HOUR,
            started_at=start if start in over else None,
            ended_at=start + HOUR if start in over else None,
            marked=start in over,
            attended=start in over,
        )
        for start in starts
    )


def _marks(school: School, *, now: datetime.datetime) -> None:
    over = [live_class for live_class in school.classes if live_class.ended_at]
    pairs = [(live_class, user) for live_class in over for user in school.students[:5]]
    Attendance.objects.bulk_create(
        Attendance(live_class=live_class, user=user, status="PRESENT", source="JOIN", recorded_at=now)
        for live_class, user in pairs
    )
    ClassJoin.objects.bulk_create(
        ClassJoin(live_class=live_class, user=user, joined_at=live_class.starting_at) for live_class, user in pairs
    )
    texts = survey_texts(None, cohort_language="en")
    surveys = Survey.objects.bulk_create(
        Survey(live_class=live_class, language="en", texts=texts, expires_at=now + 5 * DAY) for live_class in over
    )
    SurveyLink.objects.bulk_create(
        SurveyLink(survey=survey, user=user, key_hash=f"{survey.pk}-{user.pk}", expires_at=now + 5 * DAY)
        for survey in surveys
        for user in school.students[:5]
    )


def make_due(school: School, *, now: datetime.datetime) -> None:
    """Something for each periodic task: a class to start, to close, to remind of, to ask about."""
    FeedbackSettings.objects.create(academy=school.academy)
    times = {
        "soon": (10 * MINUTE, HOUR),
        "joined": (-5 * MINUTE, HOUR),
        "overdue": (-3 * HOUR, -2 * HOUR),
        "unasked": (-5 * HOUR, -4 * HOUR),
        "coming": (50 * HOUR, 51 * HOUR),
        "off": (60 * HOUR, 61 * HOUR),
        "running": (-30 * MINUTE, HOUR),
    }
    made = {
        name: LiveClass.objects.create(cohort_time_slot=school.slot, starting_at=now + start, ending_at=now + end)
        for name, (start, end) in times.items()
    }
    LiveClass.objects.filter(pk=made["off"].pk).update(cancelled_at=now)
    LiveClass.objects.filter(pk=made["running"].pk).update(started_at=now - 30 * MINUTE)
    ended = {"started_at": now - 5 * HOUR, "ended_at": now - 4 * HOUR, "marked": True, "attended": True}
    LiveClass.objects.filter(pk=made["unasked"].pk).update(**ended)
    Attendance.objects.create(
        live_class=made["unasked"], user=school.students[0], status="PRESENT", source="JOIN", recorded_at=now
    )
    ClassJoin.objects.create(live_class=made["joined"], user=school.ana, joined_at=now, starts_class=True)
    school.rows |= {name: live_class.pk for name, live_class in made.items()}
    school.rows["hash"] = made["joined"].hash


def make_things(school: School, *, now: datetime.datetime) -> None:
    """One row of each kind that an address names; a class that a holiday cancelled, and a free hour for it."""
    academy, ana = school.academy, school.ana
    holiday = Holiday.objects.create(
        academy=academy, name="May Day", starts_on=(now + 5 * DAY).date(), ends_on=(now + 5 * DAY).date()
    )
    cohort_holiday = Holiday.objects.create(
        academy=academy, cohort=school.cohort, name="Trip", starts_on=holiday.starts_on, ends_on=holiday.ends_on
    )
    closed = LiveClass.objects.get(cohort=school.cohort, planned_date=holiday.starts_on)
    LiveClass.objects.filter(pk=closed.pk).update(cancelled_at=now, cancelled_by_schedule=True)
    moved = LiveClass.objects.get(cohort=school.cohort, planned_date=holiday.starts_on + 2 * DAY)
    at = {"starting_at": moved.starting_at + 6 * HOUR, "ending_at": moved.ending_at + 6 * HOUR}
    LiveClass.objects.filter(pk=moved.pk).update(moved_from=moved.starting_at, moved_by_hand=True, **at)
    syllabus = Syllabus.objects.create(academy=academy, slug="full-stack", name="Full Stack")
    SyllabusVersion.objects.create(syllabus=syllabus, version=1)
    slots = [{"starting_at": 1800, "ending_at": 2000}]
    schedule_template = ScheduleTemplate.objects.create(syllabus=syllabus, name="Evenings", slots=slots)
    job = Job.objects.create(academy=academy, kind="build", total=1, done=1, state="DONE", through=Through.API,
                             created_by=ana, next_try_at=now)  # fmt: skip
    school.rows |= {
        "holiday": holiday.pk,
        "cohort_holiday": cohort_holiday.pk,
        "closed": closed.pk,
        "syllabus": syllabus.slug,
        "schedule_template": schedule_template.pk,
        "survey_template": SurveyTemplate.objects.create(academy=academy, name="Short").pk,
        "job": job.pk,
        "member": AcademyMember.objects.get(academy=academy).pk,
        "other_member": AcademyMember.objects.create(academy=academy, user=school.students[-1], role="staff").pk,
        "enrolment": CohortUser.objects.get(cohort=school.cohort, user=school.students[0]).pk,
    }


def make_links(school: School, *, now: datetime.datetime) -> None:
    """What mails link to: a survey, an invitation, and the two ways to have no more of them."""
    ana, expires_at = school.ana, now + 5 * DAY
    survey = Survey.objects.filter(live_class__academy=school.academy).latest("pk")
    SurveyLink.objects.create(survey=survey, user=ana, key_hash=Token.digest("survey-key"), expires_at=expires_at)
    invited = User.objects.create_user("invited@example.org")
    CohortUser.objects.create(cohort=school.cohort, user=invited)
    Token.objects.create(
        user=invited,
        purpose=Token.Purpose.INVITATION,
        key_hash=Token.digest("invitation-key"),
        fingerprint=invited.access_fingerprint(),
        expires_at=expires_at,
    )
    school.rows |= {
        "survey": survey.pk,
        "answer": Answer.objects.create(survey=survey, user=ana).pk,
        "survey_key": "survey-key",
        "invitation": "invitation-key",
        "invited": invited.pk,
        "invited_member": AcademyMember.objects.create(academy=school.academy, user=invited, role="staff").user_id,
        "invitations_off": calendar_mails.LINK.url(ana).rpartition("/")[2],
        "reminders_off": reminder_mails.LINK.url(ana).rpartition("/")[2],
    }
