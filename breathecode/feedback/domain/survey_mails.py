"""Asking the attendees of a class, once (rules S1 to S4)."""

import datetime
import secrets
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from breathecode.authenticate.models import Token, User
from breathecode.events.domain.staffing.substitutes import teachers_of_classes
from breathecode.events.errors import LiveClassNotFound
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.attendees import attendees_of_classes, has_logged_attendees, marked_attendees
from breathecode.feedback.domain.texts import filled, survey_language, survey_texts
from breathecode.feedback.errors import ClassEndedTooLongAgo, ClassNotEnded, NobodyToAsk
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink, SurveyTemplate
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


def classes_with_attendees_to_ask(*, now: datetime.datetime) -> list[int]:
    """The ids of those with a student who attended and has not been asked yet, in the order in which they ended.

    Who is there by the day's log alone is asked where there is no survey yet. In two parts: joined by OR, the database
    would look up both for each class.
    """
    asked = SurveyLink.objects.filter(survey__live_class=OuterRef("live_class"), user=OuterRef("user"))
    classes = classes_to_ask_about(now=now)
    parts = (
        classes.filter(Exists(marked_attendees().exclude(Exists(asked)))),
        classes.filter(has_logged_attendees(), survey__isnull=True),
    )
    due = {row for part in parts for row in part.values_list("ended_at", "pk")}
    return [pk for _ended_at, pk in sorted(due)]


def queue_survey_of_class(*, live_class_id: int, now: datetime.datetime) -> int:
    """Asks the attendees of a class who have not been asked yet (rule S1); the number of people asked.

    0 if rule S1 says not to ask, if no student attended, and for the second of two callers.
    """
    return queue_surveys_of_classes(live_class_ids=[live_class_id], now=now)


def queue_surveys_of_classes(*, live_class_ids: Collection[int], now: datetime.datetime) -> int:
    """The same for several classes, in one transaction, in as many statements as for one."""
    classes = _with_cohort(classes_to_ask_about(now=now)).filter(pk__in=live_class_ids)
    return queue_survey_mails(list(classes.order_by("pk")), now=now)


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
    if not queue_survey_mails([live_class], now=now):
        raise NobodyToAsk
    return Survey.objects.get(live_class=live_class)


def _with_cohort(classes: QuerySet[LiveClass]) -> QuerySet[LiveClass]:
    return classes.select_related("cohort__academy")


class _Asked(NamedTuple):
    """One person who is asked about one class, with the key of their link."""

    survey: Survey
    live_class: LiveClass
    person: User
    key: str


def queue_survey_mails(classes: Sequence[LiveClass], *, now: datetime.datetime) -> int:
    """Makes the surveys of classes where there are none yet, and queues the mails, all in one transaction.

    Returns the number of people asked.
    """
    people = attendees_of_classes(classes) if classes else {}
    # No survey yet of the others: a roll call within the 24 hours may still name some.
    attended = [live_class for live_class in classes if people[live_class.pk]]
    if not attended:
        return 0
    with transaction.atomic():
        surveys = _locked_surveys(attended, now=now)
        links = SurveyLink.objects.filter(survey__in=surveys.values())
        known = set(links.values_list("survey__live_class_id", "user_id"))
        new = [
            _Asked(surveys[row.pk], row, person, secrets.token_urlsafe(32))
            for row in attended
            for person in people[row.pk]
            if (row.pk, person.pk) not in known
        ]
        if new:
            _ask(new, now=now)
    return len(new)


def _locked_surveys(classes: Sequence[LiveClass], *, now: datetime.datetime) -> dict[int, Survey]:
    """The surveys by the ids of their classes, created where missing; a concurrent caller waits for them."""
    ids = [live_class.pk for live_class in classes]
    known = set(Survey.objects.filter(live_class__in=ids).values_list("live_class_id", flat=True))
    if missing := [live_class for live_class in classes if live_class.pk not in known]:
        # Another may make some of them at the same moment.
        Survey.objects.bulk_create(_new_surveys(missing, now=now), ignore_conflicts=True)
    surveys = Survey.objects.select_for_update().filter(live_class__in=ids).order_by("live_class_id")
    return {survey.live_class_id: survey for survey in surveys}


def _new_surveys(classes: Sequence[LiveClass], *, now: datetime.datetime) -> list[Survey]:
    academies = {live_class.academy_id for live_class in classes}
    settings_ = FeedbackSettings.objects.filter(academy__in=academies).select_related("liveclass_survey_template")
    templates = {own.academy_id: own.liveclass_survey_template for own in settings_}
    return [_new_survey(row, templates.get(row.academy_id), now=now) for row in classes]


def _new_survey(live_class: LiveClass, template: SurveyTemplate | None, *, now: datetime.datetime) -> Survey:
    language = live_class.cohort.language
    return Survey(
        live_class=live_class,
        language=survey_language(language),
        texts=survey_texts(template.texts if template else None, cohort_language=language),
        expires_at=now + SURVEY_LIFETIME,
    )


def _ask(new: Sequence[_Asked], *, now: datetime.datetime) -> None:
    teachers = teachers_of_classes([asked.live_class for asked in new])
    closes_at = now + SURVEY_LIFETIME
    SurveyLink.objects.bulk_create(
        SurveyLink(
            survey=asked.survey,
            user=asked.person,
            key_hash=Token.digest(asked.key),
            expires_at=closes_at if closes_at > asked.survey.expires_at else None,
        )
        for asked in new
    )
    Answer.objects.bulk_create(
        Answer(survey=asked.survey, user=asked.person, teacher_id=teacher)
        for asked in new
        for teacher in (None, *(pk for pk in teachers[asked.live_class.pk] if pk != asked.person.pk))
    )
    queue_mails([_mail(asked.survey, asked.live_class, asked.person, key=asked.key) for asked in new])


def survey_url(survey: Survey, key: str) -> str:
    return f"{settings.PUBLIC_URL}/survey/{survey.pk}?token={key}"


def _mail(survey: Survey, live_class: LiveClass, person: User, *, key: str) -> Mail:
    cohort = live_class.cohort
    title = live_class.title or cohort.name
    names = {"title": title, "cohort": cohort.name, "academy": cohort.academy.name}
    return Mail(
        purpose=f"survey:{survey.pk}:{person.pk}",
        to=person.email,
        user_id=person.pk,
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
