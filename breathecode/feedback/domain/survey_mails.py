"""Asking the attendees of a class, once (rules S1 to S4)."""

import contextlib
import datetime
import secrets
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import Token, User
from breathecode.events.domain.staffing.substitutes import teachers_of_class
from breathecode.events.errors import LiveClassNotFound
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.attendees import attendees_of
from breathecode.feedback.domain.texts import filled, survey_language, survey_texts
from breathecode.feedback.errors import ClassEndedTooLongAgo, ClassNotEnded, NobodyToAsk
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink
from breathecode.notify.domain.outbox import Mail, queue_mails

SEND_WINDOW = datetime.timedelta(hours=24)
SURVEY_LIFETIME = datetime.timedelta(hours=48)
DAYS_BY_HAND = 7  # since the class's end


def classes_to_ask_about(*, now: datetime.datetime) -> QuerySet[LiveClass]:
    """Classes that ended within 24 hours and whose academy asks about their cohort (rule S1).

    That there are attendees who have not been asked yet is not known yet.
    """
    academy = "academy__feedback_settings"
    excluded = FeedbackSettings.excluded_cohorts.through.objects.values("cohort_id")
    return LiveClass.objects.filter(
        Q(ended_at__gte=now - SEND_WINDOW, ended_at__lte=now + datetime.timedelta(minutes=5)),
        **{f"{academy}__send_surveys": True},
    ).exclude(
        # Made by a first build when it was over (rule G5): a class that ends in any other way ends at another moment.
        Q(started_at__isnull=True, ended_at=F("ending_at")) | Q(cohort__in=excluded)
    )


def classes_with_attendees_to_ask(*, now: datetime.datetime) -> QuerySet[LiveClass]:
    """Those without a survey, and those with a student who attended and has not been asked yet."""
    asked = SurveyLink.objects.filter(survey__live_class=OuterRef("live_class"), user=OuterRef("user"))
    marked = Attendance.objects.filter(live_class=OuterRef("pk"), status__in=Attendance.ATTENDED)
    return classes_to_ask_about(now=now).filter(Q(survey__isnull=True) | Exists(marked.exclude(Exists(asked))))


def queue_survey_of_class(*, live_class_id: int, now: datetime.datetime) -> int:
    """Asks the attendees of a class who have not been asked yet (rule S1); the number of people asked.

    0 if rule S1 says not to ask, if no student attended, and for the second of two callers.
    """
    live_class = _with_cohort(classes_to_ask_about(now=now)).filter(pk=live_class_id).first()
    return queue_survey_mails(live_class, now=now) if live_class else 0


def queue_survey_by_hand(*, live_class_id: int, within: QuerySet[LiveClass], now: datetime.datetime) -> Survey:
    """Asks the attendees of a class who have not been asked yet, as staff decide (rule S5).

    Neither the academy's settings nor an excluded cohort prevent it, since they are about surveys that are sent
    automatically. `within`: the classes of the caller's academy. Raises `not-found`, `class-not-ended`,
    `class-ended-too-long-ago`, `nobody-to-ask`.
    """
    live_class = _with_cohort(within).filter(pk=live_class_id).first()
    if live_class is None:
        raise LiveClassNotFound
    if live_class.ended_at is None:
        raise ClassNotEnded
    if now - live_class.ended_at > datetime.timedelta(days=DAYS_BY_HAND):
        raise ClassEndedTooLongAgo(days=DAYS_BY_HAND)
    if not queue_survey_mails(live_class, now=now):
        raise NobodyToAsk
    return Survey.objects.get(live_class=live_class)


def _with_cohort(classes: QuerySet[LiveClass]) -> QuerySet[LiveClass]:
    return classes.select_related("cohort__academy")


def queue_survey_mails(live_class: LiveClass, *, now: datetime.datetime) -> int:
    """Makes the survey of a class where there is none yet, and queues the mails, all in one transaction.

    Returns the number of people asked.
    """
    people = attendees_of(live_class)
    if not people:  # no survey yet: a roll call within the 24 hours may still name some
        return 0
    with transaction.atomic():
        survey = _locked_survey(live_class, now=now)
        asked = set(survey.links.values_list("user_id", flat=True))
        new = [person for person in people if person.pk not in asked]
        if new:
            closes_at = now + SURVEY_LIFETIME
            _ask(survey, live_class, new, closes_at=closes_at if closes_at > survey.expires_at else None)
    return len(new)


def _locked_survey(live_class: LiveClass, *, now: datetime.datetime) -> Survey:
    """The class's survey, created if missing; a concurrent caller waits for it."""
    if not Survey.objects.filter(live_class=live_class).exists():
        # Another may make it at the same moment.
        with contextlib.suppress(IntegrityError), transaction.atomic():
            _make_survey(live_class, now=now)
    return Survey.objects.select_for_update().get(live_class=live_class)


def _make_survey(live_class: LiveClass, *, now: datetime.datetime) -> Survey:
    cohort = live_class.cohort
    own = FeedbackSettings.objects.filter(academy=cohort.academy_id).select_related("liveclass_survey_template").first()
    template = own.liveclass_survey_template if own else None
    return Survey.objects.create(
        live_class=live_class,
        language=survey_language(cohort.language),
        texts=survey_texts(template.texts if template else None, cohort_language=cohort.language),
        expires_at=now + SURVEY_LIFETIME,
    )


def _ask(survey: Survey, live_class: LiveClass, people: Sequence[User], *, closes_at: datetime.datetime | None) -> None:
    teachers = teachers_of_class(live_class)
    keys = {person.pk: secrets.token_urlsafe(32) for person in people}
    SurveyLink.objects.bulk_create(
        SurveyLink(survey=survey, user_id=pk, key_hash=Token.digest(key), expires_at=closes_at)
        for pk, key in keys.items()
    )
    Answer.objects.bulk_create(
        Answer(survey=survey, user=person, teacher_id=teacher)
        for person in people
        for teacher in (None, *(pk for pk in teachers if pk != person.pk))
    )
    queue_mails([_mail(survey, live_class, person, key=keys[person.pk]) for person in people])


def survey_url(survey: Survey, key: str) -> str:
    return f"{settings.PUBLIC_URL}/survey/{survey.pk}?token={key}"


def _mail(survey: Survey, live_class: LiveClass, person: User, *, key: str) -> Mail:
    cohort = live_class.cohort
    title = live_class.title or cohort.name
    names = {"title": title, "cohort": cohort.name, "academy": cohort.academy.name}
    return Mail(
        purpose=f"survey:{survey.pk}:{person.pk}",
        to=person.email,
        template="survey",
        language=survey.language,
        context={
            "name": person.first_name,
            "title": filled(survey.texts["title"], names),
            "intro": filled(survey.texts["intro"], names),
            "academy": cohort.academy.name,
            "link": survey_url(survey, key),
            "hours": int(SURVEY_LIFETIME.total_seconds() // 3600),
        },
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
    )
