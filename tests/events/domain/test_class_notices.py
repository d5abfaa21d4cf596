"""The rule of what there is to tell, case by case, and the same question asked of the database."""

from datetime import timedelta

import pytest

from breathecode.events.domain.class_notices import (
    ClassTime,
    Correction,
    corrected_by_mail,
    due_corrections_by_recipient,
    next_notice,
    wrong_notices,
)
from breathecode.events.models import ClassNotice
from tests.support.classes import NOW

HOUR = timedelta(hours=1)


def at(hours, *, takes_place=True, length=1):
    return ClassTime(NOW + hours * HOUR, NOW + (hours + length) * HOUR, takes_place)


def off(hours):
    return at(hours, takes_place=False)


CASES = [
    # last told, the class now, to be told
    (at(2), at(2), None),
    (at(2), at(3), Correction.MOVED),
    (at(2), at(2, length=2), Correction.MOVED),
    (at(2), at(-3), Correction.MOVED),
    (at(-0.9), at(-3), Correction.MOVED),
    (at(-1), at(-3), None),
    (at(-1), at(3), Correction.MOVED),
    (at(-20), at(3), Correction.MOVED),
    (at(2), off(2), Correction.CANCELLED),
    (at(2), off(5), Correction.CANCELLED),
    (at(2), None, Correction.CANCELLED),
    (at(-0.9), off(-0.9), Correction.CANCELLED),
    (at(-1), off(-1), None),
    (at(-1), off(5), None),
    (at(-1), None, None),
    (off(2), off(2), None),
    (off(2), off(5), None),
    (off(2), None, None),
    (off(2), at(2), Correction.RESTORED),
    (off(2), at(5), Correction.RESTORED),
    (off(-5), at(5), Correction.RESTORED),
    (off(2), at(0), None),
    (off(2), at(-2), None),
]


@pytest.mark.parametrize(("last_sent", "current", "expected"), CASES)
def test_the_rule(last_sent, current, expected):
    """N2: what was told last and the class as it is decide; who is no recipient, or was never told, hears nothing."""
    assert next_notice(last_sent, current, is_recipient=True, now=NOW) is expected
    assert next_notice(last_sent, current, is_recipient=False, now=NOW) is None
    assert next_notice(None, current, is_recipient=True, now=NOW) is None


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("mail_count", [0, 1])
@pytest.mark.parametrize(("last_sent", "current", "expected"), CASES)
def test_the_database_asks_the_same(make_class, world, last_sent, current, expected, mail_count):
    """N2: the sweep finds exactly the notices to which the rule has an answer."""
    live_class = make_class()
    ClassNotice.objects.create(
        user=world.student,
        cohort=world.cohort,
        live_class_id=live_class.pk,
        starting_at=last_sent.starting_at,
        ending_at=last_sent.ending_at,
        cancelled=not last_sent.takes_place,
        channel="CORRECTION",
        sent_at=NOW,
        mail_count=mail_count,
    )
    if current is None:
        live_class.delete()
    else:
        live_class.starting_at, live_class.ending_at = current.starting_at, current.ending_at
        live_class.cancelled_at = None if current.takes_place else NOW
        live_class.save()
    due = due_corrections_by_recipient() & corrected_by_mail(NOW)
    found = sum(part.filter(due).count() for part in wrong_notices(now=NOW))
    # The calendar corrects by itself what it alone has told and what is to come.
    calendars_own = mail_count == 0 and last_sent.takes_place and last_sent.starting_at > NOW
    assert found == (expected is not None and not calendars_own)
