"""The periodic task of reminders and corrections."""

from datetime import timedelta
from typing import Any

import pytest

from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail
from breathecode.reminders import tasks
from breathecode.reminders.tasks import send_due_reminders
from tests.support.classes import NOW
from tests.support.parts import batches_of


def test_reminders_before_corrections_in_parts(clock, world, make_class, monkeypatch):
    """N1, N2: corrections of many classes are sent a batch at a time, and a reminder waits for none of them."""
    monkeypatch.setattr(tasks, "CLASSES_PER_BATCH", 1)
    for start in (1.96, 1.98, 2):
        make_class(start=start)
    clock.move_to(NOW + timedelta(minutes=106))
    send_due_reminders()
    LiveClass.objects.update(cancelled_at=NOW)
    make_class(start=2.01)
    sent, seen = [], set(OutgoingMail.objects.values_list("pk", flat=True))
    for _ in batches_of(send_due_reminders):
        new = OutgoingMail.objects.exclude(pk__in=seen)
        sent.append([mail.template for mail in new])
        seen.update(new.values_list("pk", flat=True))
    assert [part for part in sent if part] == [["class_reminder"] * 3, *[["class_cancelled"] * 3] * 3]


@pytest.mark.django_db
def test_the_shortest_window_comes_first(monkeypatch):
    """N1: reminders a day before can wait, those of the last quarter of an hour cannot."""
    order: list[str] = []

    def classes_to_remind(kind: str, *, now: Any) -> list[Any]:
        order.append(kind)
        return []

    monkeypatch.setattr("breathecode.reminders.tasks.due.classes_to_remind", classes_to_remind)
    send_due_reminders()
    assert order == ["QUARTER_HOUR_BEFORE", "DAY_BEFORE"]
