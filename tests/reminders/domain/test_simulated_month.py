"""N2 over a month of a cohort, through the API and a real mail server, with a ledger that the test keeps by itself."""

import datetime
import random
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.calendars.tasks import send_due_invitations
from breathecode.events.models import LiveClass
from breathecode.events.tasks import close_overdue_live_classes
from breathecode.notify.tasks import send_due_mails
from breathecode.reminders.models import ReminderSettings
from breathecode.reminders.tasks import send_due_reminders
from breathecode.schedules.tasks import build_due_live_classes
from tests.support.invitations import ask_for_invitations
from tests.support.notices import CORRECTIONS, Belief, channels_of

HOUR = datetime.timedelta(hours=1)
STAFF = "/v1/events/academy/event/liveclass"
SLOTS = "/v1/admissions/academy/cohort/web-dev/timeslot"
READERS = ("student@example.org", "teacher@example.org", "assistant@example.org")


class Month:
    """Staff change something now and then; what every sweep sends is read by everybody."""

    def __init__(self, world, call, clock, server):
        self.world, self.call, self.clock, self.server = world, call, clock, server
        self.dice = random.Random(2025)
        self.beliefs: dict[tuple[str, str], Belief] = {}
        self.read: Counter[str] = Counter()

    def staff(self, method, path, body=None):
        self.call.keys.clear()  # tokens expire within the month
        response = self.call(method, path, as_=self.world.coordinator, academy=self.world.miami, body=body)
        assert response.status_code < 300 or response.status_code == 409, response.content

    def something_happens(self, now):
        deed = self.dice.choice(
            [self.move, self.cancel, self.cancel, self.restore, self.restore, self.hours, self.enrol]
        )
        classes = list(LiveClass.objects.filter(starting_at__gt=now, starting_at__lt=now + 30 * HOUR).order_by("pk"))
        if classes:
            deed(self.dice.choice(classes))

    def move(self, live_class):
        starting_at = live_class.starting_at + self.dice.choice([-2, -1, 1, 2, 24]) * HOUR / 2
        body = {"starting_at": starting_at.isoformat(), "ending_at": (starting_at + 2 * HOUR).isoformat()}
        self.staff("PUT", f"{STAFF}/{live_class.pk}", body)

    def cancel(self, live_class):
        self.staff("POST", f"{STAFF}/{live_class.pk}/cancel", {"reason": "Snow storm"})

    def restore(self, _live_class):
        coming = LiveClass.objects.filter(cancelled_at__isnull=False, starting_at__gt=timezone.now())
        for row in coming.order_by("starting_at")[:1]:
            self.staff("POST", f"{STAFF}/{row.pk}/restore")

    def hours(self, live_class):
        starting_at = self.dice.choice([900, 1000, 1400])
        body = {"starting_at": starting_at, "ending_at": starting_at + 200}
        self.staff("PUT", f"{SLOTS}/{live_class.cohort_time_slot_id}", body)

    def enrol(self, _live_class):
        student = CohortUser.objects.filter(user=self.world.student)
        away = student.filter(educational_status="ACTIVE").update(educational_status="POSTPONED")
        away or student.update(educational_status="ACTIVE")

    def sweep(self, now):
        close_overdue_live_classes()
        send_due_reminders()
        send_due_invitations()
        send_due_mails()
        messages, self.server.messages[:] = list(self.server.messages), []
        for message in messages:
            for said in channels_of(message):
                self.take_in(said)
        self.everybody_knows(now)

    def take_in(self, said):
        key = (said.to, said.title)
        known = self.beliefs.get(key)
        if said.template in CORRECTIONS:
            assert known is not None, f"{key} was never told"
            assert known != said.belief, f"{key} was told twice"
        self.read[said.template] += 1
        if said.belief is not None:
            self.beliefs[key] = said.belief

    def everybody_knows(self, now):
        active = set(CohortUser.objects.exclude(educational_status="POSTPONED").values_list("user__email", flat=True))
        truth = {row.title: Belief(None if row.cancelled_at else row.starting_at) for row in LiveClass.objects.all()}
        for (reader, title), belief in self.beliefs.items():
            fact = truth.get(title, Belief(None))
            waits = belief.starting_at and belief.starting_at > now - HOUR
            stays_away = belief.starting_at is None and fact.starting_at and fact.starting_at > now
            if reader in active and (waits or stays_away):
                assert belief == fact, (reader, title, now)
        for title, fact in truth.items():
            if fact.starting_at and now < fact.starting_at <= now + HOUR / 4:
                for reader in active & set(READERS):
                    assert self.beliefs.get((reader, title)) == fact, f"{reader} does not know of {title}"


@pytest.mark.usefixtures("clock")
@pytest.mark.slow
def test_a_month(clock, world, call, mail_server):
    """N1, N2: in every sweep of a month, what each person believes of a coming class is true."""
    world.student.language, world.student.timezone = "en", "Europe/Madrid"
    world.student.save()
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    ask_for_invitations(world.assistant)
    Cohort.objects.filter(pk=world.cohort.pk).update(kickoff_date="2025-03-06", ending_date="2025-04-06")
    slot = world.time_slot(starting_at=1000, ending_at=1200, recurrency_type="DAILY")
    month = Month(world, call, clock, mail_server)
    clock.move_to(datetime.datetime(2025, 3, 5, 20, 0, tzinfo=datetime.UTC))
    build_due_live_classes()
    for number, row in enumerate(LiveClass.objects.filter(cohort_time_slot=slot).order_by("pk")):
        month.staff("PUT", f"{STAFF}/{row.pk}", {"title": f"Day {number}"})
    first = datetime.datetime(2025, 3, 6, 8, 50, tzinfo=ZoneInfo("America/New_York"))
    for day in range(28):
        for hour in range(6):  # ten minutes before classes
            now = first + datetime.timedelta(days=day) + hour * HOUR
            clock.move_to(now)
            if month.dice.random() < 0.6:
                month.something_happens(now)
            build_due_live_classes()
            now += datetime.timedelta(minutes=2, seconds=1)  # in which calendars wait for the cohort to settle
            clock.move_to(now)
            month.sweep(now)
    assert min(month.read[template] for template in CORRECTIONS | {"class_reminder", "calendar_invitations"}) > 1
