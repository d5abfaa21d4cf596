"""N2 in long random lives: what people believe by their mails, against what is true of the classes."""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from breathecode.admissions.models import CohortTimeSlot, CohortUser
from breathecode.calendars.tasks import send_due_invitations
from breathecode.common.errors import ApiError
from breathecode.events.domain import lifecycle, writing
from breathecode.events.models import LiveClass
from breathecode.reminders.models import ReminderPreference, ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from tests.support.beliefs import Beliefs, titles_to_be_reminded
from tests.support.classes import NOW
from tests.support.invitations import ask_for_invitations
from tests.support.notices import Belief
from tests.support.world import World

HOUR = datetime.timedelta(hours=1)
READERS = st.sampled_from(["student", "teacher", "assistant"])
# Quarters of an hour and a little: across the reminders' windows, and on both sides of the present.
MINUTES = st.sampled_from([-600, -70, -30, -5, 5, 12, 25, 70, 130, 700, 1000, 1445, 2000, 6000])


class Lives(RuleBasedStateMachine):
    """Staff move classes about, people come and go, and after each sweep everybody knows what is true.

    The model is `beliefs`: what each person read last of each class. It knows the mails' texts and not the notices.
    """

    world: World
    slot: CohortTimeSlot

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = time_machine.travel(NOW, tick=False)
        self.now = self.clock.start()
        self.titles: dict[str, int] = {}
        self.before: dict[str, datetime.datetime] = {}
        self.beliefs = Beliefs()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        self.clock.stop()

    # What happens.

    @initialize()
    def a_class_that_everybody_knows(self) -> None:
        ask_for_invitations(self.world.assistant)
        self.make(minutes=1400)
        self.sweep(calendars_first=False)

    @rule(minutes=MINUTES.filter(lambda minutes: minutes > 0))
    def make(self, minutes: int) -> None:
        title = f"Class {len(self.titles)}"
        starting_at = timezone.now() + datetime.timedelta(minutes=minutes)
        times = self.times(starting_at.replace(second=0))  # mails give minutes
        self.titles[title] = LiveClass.objects.create(cohort_time_slot=self.slot, title=title, **times).pk

    @rule(data=st.data(), minutes=MINUTES)
    def move(self, data: Any, minutes: int) -> None:
        if live_class := self.pick(data):
            self.before[live_class.title] = live_class.starting_at
            self.change(live_class, live_class.starting_at + datetime.timedelta(minutes=minutes))
        self.maybe_sweep(data)

    @rule(data=st.data())
    def move_back(self, data: Any) -> None:
        live_class = self.pick(data)
        if live_class and live_class.title in self.before:
            self.change(live_class, self.before[live_class.title])
        self.maybe_sweep(data)

    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        if live_class := self.pick(data):
            lifecycle.cancel_class(live_class.pk, reason="", now=timezone.now(), within=LiveClass.objects.all())
        self.maybe_sweep(data)

    @rule(data=st.data())
    def restore(self, data: Any) -> None:
        if live_class := self.pick(data):
            lifecycle.restore_class(live_class.pk, now=timezone.now(), within=LiveClass.objects.all())
        self.maybe_sweep(data)

    @rule(data=st.data())
    @precondition(lambda self: len(self.titles) > 3)
    def delete(self, data: Any) -> None:
        if live_class := self.pick(data):
            lifecycle.delete_class(live_class.pk, within=LiveClass.objects.all())

    @rule(who=READERS)
    def drop(self, who: str) -> None:
        CohortUser.objects.filter(user=getattr(self.world, who)).delete()

    @rule(who=READERS)
    def enrol(self, who: str) -> None:
        user = getattr(self.world, who)
        CohortUser.objects.get_or_create(cohort=self.world.cohort, user=user, role=who.upper())

    @rule(who=READERS, day=st.sampled_from([None, True, False]), quarter=st.sampled_from([None, True, False]))
    def set_reminders(self, who: str, day: bool | None, quarter: bool | None) -> None:
        chosen = {"day_before": day, "quarter_hour_before": quarter}
        ReminderPreference.objects.update_or_create(user=getattr(self.world, who), defaults=chosen)

    @rule(who=READERS, wanted=st.booleans())
    def set_calendar(self, who: str, wanted: bool) -> None:
        ask_for_invitations(getattr(self.world, who), wanted=wanted)

    @rule(minutes=st.sampled_from([1, 10, 50, 700]))
    def time_passes(self, minutes: int) -> None:
        self.now.shift(datetime.timedelta(minutes=minutes))

    @rule(calendars_first=st.booleans())
    def sweep(self, calendars_first: bool) -> None:
        self.now.shift(datetime.timedelta(minutes=2, seconds=1))  # invitations wait for the cohort to settle
        tasks = [send_due_reminders, send_due_invitations]
        for _round in range(2):
            for task in reversed(tasks) if calendars_first else tasks:
                task()
            said = self.beliefs.read()
            assert not (_round and said), "said twice"
        self.everybody_knows()

    def maybe_sweep(self, data: Any) -> None:
        if data.draw(st.booleans()):
            self.sweep(calendars_first=data.draw(st.booleans()))

    # What it comes to.

    def times(self, starting_at: datetime.datetime) -> dict[str, datetime.datetime]:
        return {"starting_at": starting_at, "ending_at": starting_at + HOUR}

    def pick(self, data: Any) -> LiveClass | None:
        """A class that is to come, or that was to begin within the last hours."""
        classes = LiveClass.objects.filter(starting_at__gt=timezone.now() - 5 * HOUR).order_by("pk")
        found = list(classes)
        return data.draw(st.sampled_from(found)) if found else None

    def change(self, live_class: LiveClass, starting_at: datetime.datetime) -> None:
        try:
            writing.change_class(
                live_class.pk, fields=self.times(starting_at), now=timezone.now(), within=LiveClass.objects.all()
            )
        except ApiError as error:
            if error.slug != "live-class-already-exists":
                raise

    def everybody_knows(self) -> None:
        now = timezone.now()
        truth = {row.title: Belief(None if row.cancelled_at else row.starting_at) for row in LiveClass.objects.all()}
        readers = set(CohortUser.objects.filter(cohort=self.world.cohort).values_list("user__email", flat=True))
        self.beliefs.check(truth, now=now, concerns=lambda reader, _title: reader in readers)
        for reader in readers - {"reviewer@example.org", "dropped@example.org"}:
            for title in titles_to_be_reminded(reader, truth, now=now):
                assert self.beliefs.held.get((reader, title)) == truth[title], f"{reader} was not reminded of {title}"


@pytest.mark.slow
def test_long_random_lives(clock, world):
    """N1, N2: whoever was told knows what is true after each sweep, is told of each change once, and nobody else is."""
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    Lives.world, Lives.slot = world, world.time_slot()
    LiveClass.objects.all().delete()
    examples = settings(
        max_examples=20,
        stateful_step_count=40,
        phases=[Phase.generate],  # shrinking a life to its shortest takes minutes
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Lives, settings=examples)
