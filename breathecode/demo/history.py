"""What has happened in a demo cohort so far: joins, attendance, the log, and surveys with their answers.

The same for every load: what a user does in a class follows from their place in the cohort and the number of the
class, so rates lie between 66 and 100 % whatever the day.
"""

import datetime
import itertools
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import F

from breathecode.admissions.models import Cohort, CohortUser, EnrolmentPeriod
from breathecode.attendance.models import Attendance, AttendanceChange, AttendanceSource, CohortDay, Mark
from breathecode.authenticate.models import Token
from breathecode.events.models import ClassJoin, LiveClass
from breathecode.feedback.domain.survey_mails import SURVEY_LIFETIME
from breathecode.feedback.domain.texts import survey_language, survey_texts
from breathecode.feedback.models import Answer, Survey, SurveyLink

AWAY_FOR = datetime.timedelta(days=10)  # since when those who are away are
SURVEYED_FOR = datetime.timedelta(days=14)  # before the last class
# A student misses every so many-th class, by their place in the cohort.
MISSES_EVERY = (12, 5, 8, 4, 15, 3, 10, 6)
COMMENTS = {
    "en": ("Great examples, thank you.", "A bit fast towards the end.", "", "More time for exercises, please."),
    "es": (
        "Muy buenos ejemplos, gracias.",
        "Un poco rápido al final.",
        "",
        "Más tiempo para ejercicios, por favor.",
    ),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """What a student (the `place`-th of the cohort) did in the `number`-th class of theirs."""

    live_class: LiveClass
    user_id: int
    place: int
    number: int

    @property
    def ended_at(self) -> datetime.datetime:
        assert self.live_class.ended_at is not None  # noqa: S101  (for the type checker)
        return self.live_class.ended_at

    @property
    def mark(self) -> Mark:
        every = MISSES_EVERY[self.place % len(MISSES_EVERY)]
        if self.number % every == every - 1:
            return Mark.EXCUSED if self.number // every % 3 == 2 else Mark.ABSENT
        return Mark.LATE if (3 * self.number + 5 * self.place) % 8 == 0 else Mark.PRESENT

    @property
    def attended(self) -> bool:
        return self.mark in Attendance.ATTENDED

    @property
    def source(self) -> AttendanceSource:
        """Some come to the room without the join link, and the teacher marks them."""
        by_link = self.attended and (self.number + self.place) % 13 != 5
        return AttendanceSource.JOIN if by_link else AttendanceSource.STAFF

    @property
    def joined_at(self) -> datetime.datetime | None:
        if self.source == AttendanceSource.STAFF:
            return None
        minutes = 18 if self.mark == Mark.LATE else 1
        return self.live_class.starting_at + datetime.timedelta(minutes=minutes + (7 * self.number + self.place) % 10)


def add_history(cohort: Cohort, *, now: datetime.datetime) -> Counter[str]:
    """Fills the ended classes of a new cohort; returns how many rows of each kind."""
    ended = LiveClass.objects.filter(cohort=cohort, ended_at__isnull=False)
    classes = list(ended.order_by("starting_at", "pk"))
    teacher_id = _teacher_id(cohort)
    if not classes or teacher_id is None:
        return Counter()
    visits = list(_visits(classes, _write_periods(cohort, now=now)))
    _write_joins(classes, visits, teacher_id=teacher_id)
    _write_marks(visits, teacher_id=teacher_id)
    _write_days(cohort, visits)
    newest = [visit for visit in visits if visit.live_class.starting_at > classes[-1].starting_at - SURVEYED_FOR]
    surveys, answers = _write_surveys(cohort, newest, teacher_id=teacher_id, now=now)
    return Counter({"attendance marks": len(visits), "surveys": surveys, "survey questions": answers})


def _teacher_id(cohort: Cohort) -> int | None:
    teachers = CohortUser.objects.filter(cohort=cohort, role=CohortUser.Role.TEACHER)
    return teachers.order_by("pk").values_list("user_id", flat=True).first()


def _write_periods(cohort: Cohort, *, now: datetime.datetime) -> list[EnrolmentPeriod]:
    """Everybody has been there from the first day on; those who are away left lately. In the order of the students."""
    assert cohort.kickoff_date is not None  # noqa: S101  (for the type checker)
    since = datetime.datetime.combine(cohort.kickoff_date, datetime.time(), ZoneInfo(cohort.effective_timezone))
    students = CohortUser.objects.filter(cohort=cohort, role=CohortUser.Role.STUDENT).order_by("pk")
    EnrolmentPeriod.objects.filter(cohort=cohort).delete()
    return EnrolmentPeriod.objects.bulk_create(
        EnrolmentPeriod(
            cohort=cohort,
            user_id=student.user_id,
            since=since,
            until=max(since, now - AWAY_FOR) if student.educational_status in CohortUser.AWAY else None,
        )
        for student in students
    )


def _visits(classes: list[LiveClass], periods: list[EnrolmentPeriod]) -> Iterator[Visit]:
    for place, period in enumerate(periods):
        attended = (row for row in classes if period.until is None or row.ending_at <= period.until)
        for number, live_class in enumerate(attended):
            yield Visit(live_class, period.user_id, place, number)


def _write_joins(classes: list[LiveClass], visits: list[Visit], *, teacher_id: int) -> None:
    starts = [
        ClassJoin(live_class=row, user_id=teacher_id, joined_at=row.started_at, starts_class=True)
        for row in classes
        if row.started_at
    ]
    ClassJoin.objects.bulk_create(starts)
    ClassJoin.objects.bulk_create(
        ClassJoin(live_class=visit.live_class, user_id=visit.user_id, joined_at=visit.joined_at)
        for visit in visits
        if visit.joined_at
    )


def _write_marks(visits: list[Visit], *, teacher_id: int) -> None:
    rows = Attendance.objects.bulk_create(
        Attendance(
            live_class=visit.live_class,
            user_id=visit.user_id,
            status=visit.mark,
            source=visit.source,
            joined_at=visit.joined_at,
            recorded_by_id=teacher_id if visit.source == AttendanceSource.STAFF else None,
            recorded_at=visit.ended_at,
        )
        for visit in visits
    )
    AttendanceChange.objects.bulk_create(
        AttendanceChange(
            live_class_id=row.live_class_id,
            user_id=row.user_id,
            to_status=row.status,
            source=row.source,
            changed_by_id=row.recorded_by_id,
            changed_at=row.recorded_at,
        )
        for row in rows
    )
    by_staff = {visit.live_class.pk for visit in visits if visit.attended and visit.source == AttendanceSource.STAFF}
    LiveClass.objects.filter(pk__in=by_staff).update(attended=True)


def _write_days(cohort: Cohort, visits: list[Visit]) -> None:
    """The days of the log (rule A4); who attended is read from the marks."""
    updated_at: dict[datetime.date, datetime.datetime] = {}
    for visit in visits:
        day = visit.live_class.day
        updated_at[day] = max(visit.ended_at, updated_at.get(day, visit.ended_at))
    CohortDay.objects.bulk_create(CohortDay(cohort=cohort, day=day, updated_at=at) for day, at in updated_at.items())
    Cohort.objects.filter(pk=cohort.pk).update(current_day=len(updated_at))


def _write_surveys(
    cohort: Cohort, visits: Iterable[Visit], *, teacher_id: int, now: datetime.datetime
) -> tuple[int, int]:
    """Asks who attended, as the product would have done at the end of each class; no mail is sent."""
    asked = sorted((visit for visit in visits if visit.attended), key=lambda visit: (visit.live_class.pk, visit.place))
    classes = {visit.live_class.pk: visit.live_class for visit in asked}
    texts = survey_texts(None, cohort_language=cohort.language)
    language = survey_language(cohort.language)
    made = Survey.objects.bulk_create(
        Survey(live_class=row, language=language, texts=texts, expires_at=row.ended_at + SURVEY_LIFETIME)
        for row in classes.values()
        if row.ended_at
    )
    Survey.objects.filter(pk__in=[survey.pk for survey in made]).update(created_at=F("expires_at") - SURVEY_LIFETIME)
    surveys = {survey.live_class_id: survey for survey in made}
    SurveyLink.objects.bulk_create(
        SurveyLink(survey=surveys[visit.live_class.pk], user_id=visit.user_id, key_hash=_random_key_hash())
        for visit in asked
    )
    comments = COMMENTS[language]
    answers = Answer.objects.bulk_create(
        _answer(surveys[visit.live_class.pk], visit, teacher_id=about, comments=comments, now=now)
        for visit, about in itertools.product(asked, (None, teacher_id))
    )
    return len(made), len(answers)


def _random_key_hash() -> str:
    return Token.digest(secrets.token_urlsafe(32))


def _answer(
    survey: Survey, visit: Visit, *, teacher_id: int | None, comments: tuple[str, ...], now: datetime.datetime
) -> Answer:
    """About 7 of 10 answer, within 40 hours of the end; whose answer would still be to come has not answered."""
    answer = Answer(survey=survey, user_id=visit.user_id, teacher_id=teacher_id)
    turn = visit.number + visit.place
    answered_at = survey.expires_at - SURVEY_LIFETIME + datetime.timedelta(hours=1 + turn % 40)
    if (visit.number + 3 * visit.place) % 10 < 7 and answered_at <= now:
        answer.score = 10 - (turn % 3 if teacher_id else 2 * turn % 5)
        answer.comment = "" if teacher_id else comments[turn % len(comments)]
        answer.answered_at = answered_at
    return answer
