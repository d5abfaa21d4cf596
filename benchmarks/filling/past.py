"""The past and the future of many academies: what a product that has run for years keeps in its tables.

Nothing of it is due: what ended has been closed, marked and asked about, calendars were sent what is to come, and no
class starts within two days. So what a periodic task reads of it is what it reads for nothing.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.db import connection, models, transaction

from benchmarks.filling.copying import NULL, copy_rows, next_id, set_sequence
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, EnrolmentPeriod, Holiday
from breathecode.attendance.models import Attendance, AttendanceChange, CohortDay
from breathecode.authenticate.models import Academy, AcademyMember, Invitation, Token, User
from breathecode.calendars.domain.invitations import end_of_window
from breathecode.calendars.models import CalendarInvitation, CalendarPreference
from breathecode.common.actor import Through
from breathecode.events.models import ClassJoin, ClassNotice, LiveClass
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink
from breathecode.history.models import Change
from breathecode.jobs.models import Job
from breathecode.notify.models import OutgoingMail

CLASSES_OF_COHORT, PEOPLE_OF_COHORT = 100, 10  # the first of whom teaches
COHORTS_OF_ACADEMY, MEMBERS_OF_ACADEMY = 4, 5
ATTENDEES = 2  # students with a join, a mark and a mail for each class; the teachers' joins start it
RUNNING = 7  # one cohort in so many runs; the others are over
SURVEYED = 10  # one class in so many has a survey, and each that ended within the last month
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
QUIET = 2 * DAY
MODELS: tuple[type[models.Model], ...] = (
    Academy, AcademyMember, FeedbackSettings, Holiday, Job, User, Token, Invitation, CalendarPreference, Cohort,
    CohortTimeSlot, CohortUser, EnrolmentPeriod, LiveClass, ClassJoin, Attendance, AttendanceChange, CohortDay, Change,
    OutgoingMail, Survey, SurveyLink, Answer, ClassNotice, CalendarInvitation,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Session:
    """A class of the past or future, by the numbers of its class and cohort."""

    number: int
    cohort: int
    start: str
    end: str
    day: str
    over: bool
    recent: bool  # ended within the last month, or starts within the time that calendars are sent
    surveyed: bool


class Past:
    """`classes` classes of academies of their own, with ids from where the tables end."""

    def __init__(self, classes: int, *, now: datetime.datetime) -> None:
        self.classes = classes
        self.now = now
        self.cohorts = -(-classes // CLASSES_OF_COHORT)
        self.academies = -(-self.cohorts // COHORTS_OF_ACADEMY)
        self.first = {model: next_id(model) for model in MODELS}

    def fill(self) -> None:
        """Writes all of it in one transaction, then counts the rows for the planner as autovacuum would."""
        if not self.classes:
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no checks of foreign keys
            for write in (self._academies, self._cohorts, self._people, self._classes, self._calendars, self._surveys):
                write()
        for model in MODELS:
            set_sequence(model)
        with connection.cursor() as cursor:
            # FREEZE waits for a page that is being written to disk, where VACUUM alone leaves it to the next time: how
            # many pages an index-only scan visits must not depend on that.
            cursor.execute("VACUUM (FREEZE, ANALYZE)")

    # --- Numbers and texts -----------------------------------------------------------------------
    def id(self, model: type[models.Model], number: int) -> int:
        return self.first[model] + number

    def is_running(self, cohort: int) -> bool:
        return cohort % RUNNING == 0

    def start(self, cohort: int, place: int) -> datetime.datetime:
        """Of the class at this place in its cohort: daily, in running cohorts half of them to come."""
        begun = self.now.replace(minute=0, second=0, microsecond=0) - (cohort % 12) * HOUR
        if not self.is_running(cohort):
            return begun - (CLASSES_OF_COHORT + 35 + cohort % 900 - place) * DAY
        half = CLASSES_OF_COHORT // 2
        return begun + QUIET + (place - half + 1) * DAY if place >= half else begun - QUIET - (half - place) * DAY

    def sessions(self) -> Iterator[Session]:
        end_of_calendars = end_of_window(self.now)
        for number in range(self.classes):
            cohort, place = divmod(number, CLASSES_OF_COHORT)
            start = self.start(cohort, place)
            over = start < self.now
            recent = start > self.now - 30 * DAY if over else start < end_of_calendars
            surveyed = over and (recent or number % SURVEYED == 0)
            text, end = start.isoformat(), (start + HOUR).isoformat()
            yield Session(number, cohort, text, end, text[:10], over, recent, surveyed)

    def over(self) -> Iterator[Session]:
        return (session for session in self.sessions() if session.over)

    def person(self, cohort: int, place: int) -> int:
        return self.id(User, cohort * PEOPLE_OF_COHORT + place)

    def key(self, number: int) -> str:
        """The hash of the join link, of no order, as in the product."""
        return hashlib.sha1(str(self.id(LiveClass, number)).encode(), usedforsecurity=False).hexdigest()

    def email(self, cohort: int, place: int) -> str:
        return f"p{self.person(cohort, place)}@example.net"

    # --- Rows ------------------------------------------------------------------------------------
    def _copy(self, model: type[models.Model], columns: str, rows: Iterator[str], **constants: object) -> None:
        """Numbers the rows itself; `columns` names the others, separated by spaces."""
        first = self.first[model]
        numbered = (f"{first + number}\t{row}" for number, row in enumerate(rows))
        copy_rows(model, ["id", *columns.split()], numbered, now=self.now, **constants)

    def _pks(self, model: type[models.Model], count: int) -> range:
        return range(self.first[model], self.first[model] + count)

    def _of_academies(self, row: Callable[[int, int], str], times: int = 1) -> Iterator[str]:
        return (row(pk, part) for pk in self._pks(Academy, self.academies) for part in range(times))

    def _academies(self) -> None:
        until = (self.now + 10 * DAY).date()
        self._copy(
            Academy, "slug name", (f"a{pk}\tAcademy {pk}" for pk in self._pks(Academy, self.academies)), timezone="UTC"
        )
        members = self._of_academies(
            lambda pk, place: f"{pk}\t{self.person((pk - self.first[Academy]) * COHORTS_OF_ACADEMY, place)}",
            MEMBERS_OF_ACADEMY,
        )
        self._copy(AcademyMember, "academy_id user_id", members, role="teacher")
        self._copy(FeedbackSettings, "academy_id", self._of_academies(lambda pk, _part: str(pk)))
        holidays = self._of_academies(lambda pk, part: f"{pk}\tHoliday {part}", 2)
        self._copy(Holiday, "academy_id name", holidays, starts_on=until, ends_on=until)
        jobs = self._of_academies(lambda pk, _part: str(pk), 3)
        finished = {"state": Job.State.DONE, "total": 1, "done": 1, "kind": "build", "next_try_at": self.now}
        self._copy(Job, "academy_id", jobs, through=Through.API, finished_at=self.now, **finished)

    def _cohorts(self) -> None:
        def cohort(number: int) -> str:
            kickoff, last = (self.start(number, place).date() for place in (0, CLASSES_OF_COHORT - 1))
            academy = self.id(Academy, number // COHORTS_OF_ACADEMY)
            stage = "STARTED" if self.is_running(number) else "ENDED"
            return f"{academy}\tc{number}\tCohort {number}\t{kickoff}\t{last}\t{stage}"

        columns = "academy_id slug name kickoff_date ending_date stage"
        rows = (cohort(number) for number in range(self.cohorts))
        self._copy(Cohort, columns, rows, language="en", online_meeting_url="https://meet.example.net/1")
        slots = (f"{self.id(Cohort, number)}\t{self.start(number, 99).date()}" for number in range(self.cohorts))
        built = {"revision": 1, "built_revision": 1, "zone_data_version": settings.TIME_ZONE_DATA_VERSION}
        hours = {"starting_at": 1400, "ending_at": 1500, "recurrency_type": "DAILY", "timezone": "UTC"}
        built_until = self.now.date() + 4000 * DAY
        self._copy(CohortTimeSlot, "cohort_id starts_on", slots, built_until=built_until, first_built_at=self.now,
                   **built, **hours)  # fmt: skip

    def _people(self) -> None:
        def everybody(row: Callable[[int, int], str]) -> Iterator[str]:
            return (row(cohort, place) for cohort in range(self.cohorts) for place in range(PEOPLE_OF_COHORT))

        self._copy(User, "email", everybody(self.email), password="!", first_name="Ana", date_joined=self.now)
        keys = everybody(lambda cohort, place: f"{self.person(cohort, place)}\tk{self.person(cohort, place):063}")
        self._copy(Token, "user_id key_hash", keys, expires_at=self.now + 14 * DAY)
        invited = (
            f"{self.id(Academy, number // COHORTS_OF_ACADEMY)}\t{self.person(number, 1)}"
            for number in range(self.cohorts)
        )
        self._copy(Invitation, "academy_id user_id", invited, as_student=True)
        enrolled = everybody(
            lambda cohort, place: (
                f"{self.id(Cohort, cohort)}\t{self.person(cohort, place)}\t" + ("STUDENT" if place else "TEACHER")
            )
        )
        self._copy(CohortUser, "cohort_id user_id role", enrolled)
        students = (
            f"{self.id(Cohort, cohort)}\t{self.person(cohort, place)}"
            for cohort in range(self.cohorts)
            for place in range(1, PEOPLE_OF_COHORT)
        )
        self._copy(EnrolmentPeriod, "cohort_id user_id", students, since=self.now - 2000 * DAY)

    def _classes(self) -> None:
        def row(session: Session) -> str:
            cohort, academy = session.cohort, session.cohort // COHORTS_OF_ACADEMY
            ids = f"{self.id(CohortTimeSlot, cohort)}\t{self.id(Cohort, cohort)}\t{self.id(Academy, academy)}"
            cancelled = session.over and session.number % 40 == 7
            happened = session.over and not cancelled
            off = session.end if cancelled else NULL
            times = f"{session.start}\t{session.end}" if happened else f"{NULL}\t{NULL}"
            marked = "t\tt" if happened else "f\tf"
            key = self.key(session.number)
            plan = f"{session.day}\t{session.day}\t{session.start}\t{session.end}"
            return f"{key}\t{ids}\t{plan}\t{times}\t{off}\t{marked}"

        columns = (
            "hash cohort_time_slot_id cohort_id academy_id planned_date day starting_at ending_at started_at ended_at "
            "cancelled_at marked attended"
        )
        self._copy(LiveClass, columns, map(row, self.sessions()))
        self._attendance()
        kept = (
            f"{self.id(LiveClass, s.number)}\t{self.id(Academy, s.cohort // COHORTS_OF_ACADEMY)}\t"
            f"{self.id(Cohort, s.cohort)}"
            for s in self.sessions()
        )
        by_build = {"kind": "live_class", "through": Through.BUILD, "changes": {"title": ["", ""]}, "at": self.now}
        self._copy(Change, "object_id academy_id cohort_id", kept, **by_build)

    def _attendance(self) -> None:
        def each(row: Callable[[Session, int], str], first: int = 1) -> Iterator[str]:
            return (row(s, place) for s in self.over() for place in range(first, ATTENDEES + 1))

        def of_person(session: Session, place: int) -> str:
            return f"{self.id(LiveClass, session.number)}\t{self.person(session.cohort, place)}\t{session.start}"

        joined = (f"{of_person(s, place)}\t{'f' if place else 't'}" for s in self.over() for place in range(3))
        self._copy(ClassJoin, "live_class_id user_id joined_at starts_class", joined)
        marked = {"source": "JOIN", "recorded_by_id": None}
        self._copy(Attendance, "live_class_id user_id recorded_at", each(of_person), status="PRESENT", **marked)
        changed = {"from_status": "", "to_status": "PRESENT", "source": "JOIN"}
        self._copy(AttendanceChange, "live_class_id user_id changed_at", each(of_person), **changed)
        days = (f"{self.id(Cohort, s.cohort)}\t{s.day}" for s in self.over())
        self._copy(CohortDay, "cohort_id day", days, updated_at=self.now)
        mails = each(
            lambda s, place: (
                f"reminder:{s.number}:{place}:{self.first[LiveClass]}\t{self.email(s.cohort, place)}\t"
                f"{s.start}\t{s.start}\t{s.start}"
            )
        )
        sent = {"state": "SENT", "template": "class_reminder", "language": "en", "subject": "A class in 15 minutes"}
        self._copy(OutgoingMail, "purpose to created_at sent_at next_try_at", mails, **sent)

    def _calendars(self) -> None:
        subscribers = range(1, ATTENDEES + 1)
        wanted = (str(self.person(cohort, place)) for cohort in range(self.cohorts) for place in subscribers)
        self._copy(CalendarPreference, "user_id", wanted, calendar_invitations=True)

        def row(session: Session, place: int) -> str:
            number, cohort = session.number, session.cohort
            who = f"{self.person(cohort, place)}\t{self.id(Cohort, cohort)}\t{self.id(LiveClass, number)}"
            return f"{who}\t{self.key(number)}\tCohort {cohort}\t{session.start}\t{session.end}"

        def sent(*, over: bool) -> Iterator[tuple[str, str]]:
            return (
                (row(session, place), self.email(session.cohort, place))
                for session in self.sessions()
                if session.recent and session.over == over
                for place in subscribers
            )

        columns = "user_id cohort_id {} hash title starting_at ending_at"
        invitations = (f"{text}\t{email}" for text, email in sent(over=False))
        self._copy(CalendarInvitation, columns.format("class_id") + " email", invitations, sequence=0, sent_at=self.now)
        coming = (f"{text}\tCALENDAR\t0" for text, _email in sent(over=False))
        past = (f"{text}\tREMINDER\t1" for text, _email in sent(over=True))
        columns = columns.format("live_class_id") + " channel mail_count"
        self._copy(ClassNotice, columns, chain(coming, past), cancelled=False, sent_at=self.now)

    def _surveys(self) -> None:
        surveyed = [session for session in self.over() if session.surveyed]
        asked = (str(self.id(LiveClass, session.number)) for session in surveyed)
        self._copy(Survey, "live_class_id", asked, language="en", texts={}, expires_at=self.now)
        people = [
            (pk, session, place)
            for pk, session in enumerate(surveyed, start=self.first[Survey])
            for place in range(1, ATTENDEES + 1)
        ]
        keys = (f"{pk}\t{self.person(session.cohort, place)}\ts{pk:050}{place:013}" for pk, session, place in people)
        self._copy(SurveyLink, "survey_id user_id key_hash", keys)
        answers = (f"{pk}\t{self.person(session.cohort, place)}" for pk, session, place in people)
        self._copy(Answer, "survey_id user_id", answers, score=8, answered_at=self.now)
