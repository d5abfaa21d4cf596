"""Surveys with random answers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from breathecode.admissions.models import CohortTimeSlot
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.feedback.models import Answer, Survey

AnswerRow = tuple[LiveClass, int, int | None, int | None, str]  # class, user, teacher, score, comment
TEXTS = {"class_question": "How?", "teacher_question": "How did {teacher}?"}


def ended_classes(slot: CohortTimeSlot, number: int, *, now: datetime.datetime) -> list[LiveClass]:
    """One every three days, the last one yesterday."""
    starts = [now - datetime.timedelta(days=3 * n + 1) for n in range(number)]
    hour = datetime.timedelta(hours=1)
    return LiveClass.objects.bulk_create(
        LiveClass(cohort_time_slot=slot, starting_at=start, ending_at=start + hour, started_at=start, ended_at=start)
        for start in starts
    )


def answered_at_random(
    random: Random, live_class: LiveClass, people: Sequence[User], teachers: Sequence[User], *, now: datetime.datetime
) -> list[AnswerRow]:
    """Some are asked about the class and some teachers of it; some of them answer, some with a comment."""
    survey = Survey.objects.create(live_class=live_class, language="en", texts=TEXTS, expires_at=now)
    rows: list[AnswerRow] = []
    for person in random.sample(people, k=random.randint(1, len(people))):
        for teacher in (None, *(one for one in teachers if random.random() < 0.7)):
            score = random.choice([None, None, random.randint(0, 10)])
            comment = random.choice(["", "", "Well explained"])
            rows.append((live_class, person.pk, teacher.pk if teacher else None, score, comment))
    Answer.objects.bulk_create(
        Answer(
            survey=survey,
            user_id=user,
            teacher_id=about,
            score=score,
            comment=comment,
            answered_at=now if score is not None or comment else None,
        )
        for _class, user, about, score, comment in rows
    )
    return rows


def average(scores: Sequence[int]) -> str:
    """As a page writes it: one decimal, or a dash."""
    if not scores:
        return "\N{EN DASH}"
    return str((Decimal(sum(scores)) / len(scores)).quantize(Decimal("0.1"), ROUND_HALF_UP))
