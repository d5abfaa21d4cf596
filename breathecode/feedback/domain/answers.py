"""Opening a survey by its link, and answering it (rules S4, S5)."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from breathecode.authenticate.models import Token
from breathecode.feedback.errors import SurveyExpired, SurveyLinkNotValid
from breathecode.feedback.models import Answer, SurveyLink


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said to one question; `score` from 0 to 10, or None."""

    score: int | None
    comment: str


def open_link(*, survey_id: int, key: str, now: datetime.datetime) -> SurveyLink:
    """The link that this key is, which opens this survey and nothing else.

    Raises `survey-link-not-valid`, `survey-expired`.
    """
    links = SurveyLink.objects.select_related("survey__live_class__cohort_time_slot__cohort__academy", "user")
    link = links.filter(survey_id=survey_id, key_hash=Token.digest(key)).first() if survey_id < 2**63 else None
    if link is None or not link.user.is_active:
        raise SurveyLinkNotValid
    if link.survey.expires_at <= now:
        raise SurveyExpired
    return link


def end_links(*, user_ids: Iterable[int]) -> None:
    """The links that these users were sent open nothing any more; what they answered stays."""
    nobodys_hash = Concat(Value("ended:"), Cast("pk", CharField()), output_field=CharField())
    SurveyLink.objects.filter(user__in=list(user_ids)).update(key_hash=nobodys_hash)


def questions_of(link: SurveyLink) -> list[Answer]:
    """The class first, then each teacher."""
    answers = Answer.objects.filter(survey=link.survey_id, user=link.user_id).select_related("teacher")
    return sorted(answers, key=lambda answer: (answer.teacher_id is not None, answer.teacher_id or 0))


@transaction.atomic
def save_answers(*, link: SurveyLink, said: Mapping[int, Said], now: datetime.datetime) -> None:
    """Writes what was said, by question. Questions that are not this person's in this survey are not touched."""
    mine = Answer.objects.select_for_update().filter(survey=link.survey_id, user=link.user_id, pk__in=said)
    for answer in mine.order_by("pk"):
        write_answer(answer, said[answer.pk], now=now)


def write_answer(answer: Answer, said: Said, *, now: datetime.datetime) -> None:
    """An answer taken back entirely counts as not given."""
    answer.score, answer.comment = said.score, said.comment
    answer.answered_at = now if said.score is not None or said.comment else None
    answer.save(update_fields=["score", "comment", "answered_at", "updated_at"])


def change_answer(answer: Answer, *, fields: Mapping[str, object], now: datetime.datetime) -> None:
    """The person's own answer over the API, while the survey is open. Raises `survey-expired`."""
    if answer.survey.expires_at <= now:
        raise SurveyExpired
    score, comment = fields.get("score", answer.score), fields.get("comment", answer.comment)
    write_answer(answer, Said(score=score if isinstance(score, int) else None, comment=str(comment)), now=now)
