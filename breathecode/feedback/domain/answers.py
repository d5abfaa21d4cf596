"""Opening a survey by its link, and answering it (rules S4, S5)."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from breathecode.authenticate.models import Token, User
from breathecode.events.models import LiveClass
from breathecode.feedback.domain.texts import filled
from breathecode.feedback.errors import SurveyExpired, SurveyLinkNotValid
from breathecode.feedback.models import Answer, SurveyLink

# The answer to one question: `score` (0 to 10, or None) and `comment`, only the fields that were sent (rule S6).
AnswerInput = Mapping[str, Any]


def open_link(*, survey_id: int, key: str, now: datetime.datetime) -> SurveyLink:
    """The link that this key is, which opens this survey and nothing else.

    Raises `survey-link-not-valid`, `survey-expired`.
    """
    return _open(survey_id, now=now, key_hash=Token.digest(key))


def open_own_link(*, survey_id: int, user: User, now: datetime.datetime) -> SurveyLink:
    """The user's own link to this survey, where they are signed in and need no key (rule S4).

    Raises `survey-link-not-valid` where the user was not asked, `survey-expired`.
    """
    return _open(survey_id, now=now, user=user)


def _open(survey_id: int, *, now: datetime.datetime, **whose: Any) -> SurveyLink:
    links = SurveyLink.objects.select_related("survey__live_class__cohort__academy", "user")
    # By `survey__pk`, since a comparison with `survey_id` fails for a number that the column cannot hold.
    link = links.filter(survey__pk=survey_id, **whose).first()
    if link is None or not link.user.is_active:
        raise SurveyLinkNotValid
    if link.closes_at <= now:
        raise SurveyExpired
    return link


def questions_of(link: SurveyLink) -> list[Answer]:
    """The class first, then each teacher."""
    answers = Answer.objects.filter(survey=link.survey_id, user=link.user_id).select_related("teacher")
    return sorted(answers, key=lambda answer: (answer.teacher_id is not None, answer.teacher_id or 0))


@transaction.atomic
def save_answers(*, link: SurveyLink, answers: Mapping[int, AnswerInput], now: datetime.datetime) -> None:
    """Writes the answers, by question id. Questions of other users or surveys are not touched."""
    mine = Answer.objects.select_for_update().filter(survey=link.survey_id, user=link.user_id, pk__in=answers)
    for answer in mine.order_by("pk"):
        write_answer(answer, answers[answer.pk], now=now)


def write_answer(answer: Answer, given: AnswerInput, *, now: datetime.datetime) -> None:
    """Changes what is named and differs (rule S6). An answer taken back entirely counts as not given."""
    changed = {name for name in ("score", "comment") if name in given and given[name] != getattr(answer, name)}
    if not changed:
        return
    for name in changed:
        setattr(answer, name, given[name])
    answer.answered_at = now if answer.score is not None or answer.comment else None
    answer.save(update_fields=[*changed, "answered_at", "updated_at"])


def change_answer(answer: Answer, *, fields: AnswerInput, closes_at: datetime.datetime, now: datetime.datetime) -> None:
    """The person's own answer over the API, while the survey is open to them. Raises `survey-expired`."""
    if closes_at <= now:
        raise SurveyExpired
    write_answer(answer, fields, now=now)


def names_of(live_class: LiveClass) -> dict[str, str]:
    """What the placeholders of a survey's texts stand for; a teacher's name comes with each question."""
    cohort = live_class.cohort
    return {"title": live_class.title or cohort.name, "cohort": cohort.name, "academy": cohort.academy.name}


def question_text(answer: Answer) -> str:
    """The question as it was asked: about the class, or about one teacher of it."""
    text = answer.survey.texts["teacher_question" if answer.teacher_id else "class_question"]
    teacher = {"teacher": answer.teacher.get_full_name()} if answer.teacher else {}
    return filled(text, names_of(answer.survey.live_class) | teacher)
