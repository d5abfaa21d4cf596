"""The periodic task of calendar invitations."""

from breathecode.calendars import tasks
from breathecode.calendars.tasks import send_due_invitations
from breathecode.common.models import PendingCheck
from breathecode.notify.models import OutgoingMail
from tests.support.invitations import REST, ask_for_invitations
from tests.support.parts import batches_of


def test_many_calendars_in_parts(clock, world, make_class, monkeypatch):
    """Invitations: those of a large cohort are sent a batch at a time, each once; messages go on with what is left."""
    monkeypatch.setattr(tasks, "MAILS_PER_BATCH", 1, raising=False)
    ask_for_invitations(world.student, world.teacher, world.assistant)
    make_class(start=48)
    clock.shift(REST)
    sent = [
        OutgoingMail.objects.filter(template="calendar_invitations").count() for _ in batches_of(send_due_invitations)
    ]
    assert sorted(set(sent)) == [1, 2, 3]
    assert sent[-1] == 3
    assert not PendingCheck.objects.filter(task=PendingCheck.Task.INVITATIONS).exists()
