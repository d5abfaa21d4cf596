"""Asking the attendees of a class, once (rules S1 to S4)."""

import datetime
import secrets
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import Token, User
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.attendees import attendees_of
from breathecode.feedback.domain.texts import filled, survey_language, survey_texts
from breathecode.feedback.models import Answer, FeedbackSettings, Survey, SurveyLink
from breathecode.notify.domain.outbox import Mail, queue_mails

FRESH = datetime.timedelta(hours=24)
OPEN = datetime.timedelta(hours=48)


def classes_to_ask_about(*, now: datetime.datetime) -> QuerySet[LiveClass]:
    """Classes that ended within 24 hours, have no survey, and whose academy asks about their cohort (rule S1).

    That there are attendees is not known yet.
    """
    academy = "cohort_time_slot__cohort__academy__feedback_settings"
    excluded = FeedbackSettings.excluded_cohorts.through.objects.values("cohort_id")
    return LiveClass.objects.filter(
        Q(ended_at__gte=now - FRESH, ended_at__lte=now + datetime.timedelta(minutes=5)),
        survey__isnull=True,
        **{f"{academy}__send_surveys": True},
    ).exclude(
        # Made by a first build when it was over (rule G5): a class that ends in any other way ends at another moment.
        Q(started_at__isnull=True, ended_at=F("ending_at")) | Q(cohort_time_slot__cohort__in=excluded)
    )


def send_survey(*, live_class_id: int, now: datetime.datetime) -> int:
    """Makes the survey of a class and queues its mails, all in one transaction; the number of people asked.

    0 where rule S1 says not to ask, where nobody attended, and for the second of two callers.
    """
    classes = classes_to_ask_about(now=now).filter(pk=live_class_id)
    live_class = classes.select_related("cohort_time_slot__cohort__academy__feedback_settings").first()
    if live_class is None:
        return 0
    people = attendees_of(live_class)
    if not people:  # no survey yet: a roll call within the 24 hours may still name some
        return 0
    try:
        with transaction.atomic():
            survey = _make_survey(live_class, now=now)
            _ask(survey, live_class, people)
    except IntegrityError:  # another made it at the same moment
        return 0
    return len(people)


def _make_survey(live_class: LiveClass, *, now: datetime.datetime) -> Survey:
    cohort = live_class.cohort_time_slot.cohort
    template = cohort.academy.feedback_settings.liveclass_survey_template
    return Survey.objects.create(
        live_class=live_class,
        language=survey_language(cohort.language),
        texts=survey_texts(template.texts if template else None, cohort_language=cohort.language),
        expires_at=now + OPEN,
    )


def _ask(survey: Survey, live_class: LiveClass, people: Sequence[User]) -> None:
    cohort_id = live_class.cohort_time_slot.cohort_id
    teachers = list(
        CohortUser.objects.filter(cohort_id=cohort_id, role=CohortUser.Role.TEACHER)
        .order_by("user_id")
        .values_list("user_id", flat=True)
    )
    keys = {person.pk: secrets.token_urlsafe(32) for person in people}
    SurveyLink.objects.bulk_create(
        SurveyLink(survey=survey, user_id=pk, key_hash=Token.digest(key)) for pk, key in keys.items()
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
    cohort = live_class.cohort_time_slot.cohort
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
            "hours": int(OPEN.total_seconds() // 3600),
        },
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
    )
