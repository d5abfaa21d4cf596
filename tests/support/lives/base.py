"""The state of a life, and what has to hold after each step."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, ClassVar

import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.test import override_settings
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine, invariant
from icalendar import Calendar

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.beliefs import Beliefs, titles_to_be_reminded
from tests.support.client import Call
from tests.support.invitations import ask_for_invitations
from tests.support.lives.model import HALF_AN_HOUR, ClassFields, Model
from tests.support.lives.timetable import CohortFields
from tests.support.notices import Belief
from tests.support.plans import check_kept, check_plan, class_rows
from tests.support.world import World

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
# Clocks change in New York on 9 March, in Madrid on 30 March, in Auckland on 6 April.
KICKOFF = datetime.date(2025, 2, 10)
START = datetime.datetime(2025, 2, 26, 7, 10, tzinfo=UTC)
COHORT = "/v1/admissions/academy/cohort/web-dev"
SLOTS = f"{COHORT}/timeslot"
HOLIDAYS = "/v1/admissions/academy/holiday"
CLASSES = "/v1/events/academy/event/liveclass"
OWN = "/v1/events/me/event/liveclass"
READERS = ("student", "teacher", "assistant", "staff_teacher")
NO_CACHE = {name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "requests")}


def broken(*args: Any, **kwargs: Any) -> None:
    """What a statement that fails does to a transaction; the process goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM nowhere")


class Base(RuleBasedStateMachine):
    """One cohort of Miami with its time slots, people and holidays; `model` says what its classes have to be.

    Rules change both, through the API where it can be. All of a life is one transaction, which is rolled back.
    """

    world: ClassVar[World]
    call: ClassVar[Call]
    zone_folders: ClassVar[dict[str, Path]]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.call.keys.clear()
        self.model = Model(CohortFields(KICKOFF, KICKOFF + 56 * DAY))
        self.beliefs = Beliefs()
        self.hashes: dict[int, str] = {}
        self.steps = 0
        self.replaced: dict[int, int] = {}  # the ids of cancelled classes and of their make-up classes
        self.feeds: dict[str, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock.stop()

    def set_up(self) -> None:
        cache.clear()  # an earlier life had the same ids and versions
        cohort = self.model.cohort
        Cohort.objects.filter(pk=self.world.cohort.pk).update(
            kickoff_date=cohort.kickoff_date, ending_date=cohort.ending_date
        )
        ask_for_invitations(self.world.assistant)
        for reader in READERS:
            answer = self.call("POST", "/v1/auth/me/calendar-token", as_=self.user(reader))
            self.feeds[reader] = answer.json()["token"]

    # What rules are made of.

    @property
    def now(self) -> datetime.datetime:
        return timezone.now()

    def user(self, name: str) -> User:
        found: User = getattr(self.world, name)
        return found

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        return self.call(method, path, as_=self.world.admin, academy=self.world.miami, body=body, **options)

    def change(self, method: str, path: str, body: Any = None, option: str = "") -> Any:
        """A change of schedules: what is announced is what happens (P1, P2). None where it is refused."""
        before = class_rows()
        announced = self.send(method, f"{path}?dry_run=true{option}", body)
        assert class_rows() == before
        if announced.status_code == 400:  # such as an end before the kickoff
            assert self.send(method, f"{path}?dry_run=false{option}", body).status_code == 400
            assert class_rows() == before
            return None
        plan = announced.json()["plan"]
        headers = {"If-Match": f'"{plan["version"]}"'}
        answer = self.send(method, f"{path}?dry_run=false{option}", body, headers=headers)
        assert answer.status_code in (200, 201), answer.content
        assert answer.json()["plan"] == plan
        after = class_rows()
        check_plan(plan, before, after)
        check_kept(plan, before, after, self.now)
        return answer.json()

    def built(self) -> None:
        """The model builds too, and has to agree."""
        self.model.build(self.now)
        self.compare()

    # What has to hold.

    def compare(self) -> None:
        """Each class is what the model says, and keeps its id and hash as long as it exists (G6, G7)."""
        LiveClass.objects.filter(title="").update(title=Concat(Value("Class "), Cast("pk", CharField())))
        rows = {row.pk: row for row in LiveClass.objects.order_by("pk")}
        known = {row.id for row in self.model.classes}
        made = {(row.cohort_time_slot_id, row.planned_date): row for pk, row in rows.items() if pk not in known}
        for fields in self.model.classes:
            if fields.id is None and (fields.slot, fields.day) in made:
                fields.id = made[fields.slot, fields.day].pk
                fields.hash = made[fields.slot, fields.day].hash
            if fields.id in rows and fields.reason is None and fields.day:
                assert rows[fields.id].cancel_reason in self.model.closed_by(fields.day)
                fields.reason = rows[fields.id].cancel_reason
        expected = {fields.id or 0: fields for fields in self.model.classes}
        found = {pk: as_fields(row) for pk, row in rows.items()}
        wrong = {pk for pk in expected.keys() | found.keys() if expected.get(pk) != found.get(pk)}
        assert not wrong, [(pk, expected.get(pk), found.get(pk)) for pk in sorted(wrong)]
        self.hashes |= {pk: row.hash for pk, row in rows.items()}

    @invariant()
    def is_true_everywhere(self) -> None:
        """Lists, feeds and links by turns: all of them after each step would halve the number of steps."""
        if not self.feeds:
            return
        self.compare()
        self.steps += 1
        reader = READERS[self.steps % len(READERS)]
        checks = (lambda: self.check_list(reader), lambda: self.check_feed(reader), self.check_links)
        checks[self.steps % len(checks)]()

    def seen_by(self, reader: str) -> list[ClassFields]:
        """L7, P4."""
        if self.model.cohort.stage == "DELETED":
            return []
        if self.is_active(reader):
            return self.model.classes
        return [row for row in self.model.classes if row.teacher == self.user(reader).pk]

    def is_active(self, reader: str) -> bool:
        parts = CohortUser.objects.filter(cohort=self.world.cohort, user=self.user(reader))
        return any(part.role != "STUDENT" or part.educational_status == "ACTIVE" for part in parts)

    def check_list(self, reader: str) -> None:
        """The cached list is the uncached one, and shows what the user may see (O2, L7)."""
        cached = self.call("GET", OWN, as_=self.user(reader)).json()
        with override_settings(CACHES=NO_CACHE):
            assert self.call("GET", OWN, as_=self.user(reader)).json() == cached
        assert {(row["id"], row["hash"], row["starting_at"], row["status"]) for row in cached} == {
            (row.id, row.hash, text(row.start), status(row)) for row in self.seen_by(reader)
        }

    def check_feed(self, reader: str) -> None:
        """The feed is the list, but for the classes that a substitute teaches (I1, P4)."""
        content = self.call("GET", f"/v1/events/ical/me?token={self.feeds[reader]}").content
        events = Calendar.from_ical(content).walk("VEVENT")
        found = {
            (int(str(event["uid"]).partition("@")[0].partition("-")[2]), event.decoded("dtstart"), str(event["status"]))
            for event in events
        }
        assert found == {
            (row.id, row.start, "CANCELLED" if row.cancelled else "CONFIRMED")
            for row in self.seen_by(reader)
            if reader != "teacher" or row.teacher in (None, self.user(reader).pk)
        }
        assert len(events) == len(found)

    def check_links(self) -> None:
        """The link of a coming class works for as long as the class is there, whatever became of it (G6)."""
        if not self.is_active("student") or self.model.cohort.stage == "DELETED":
            return
        for pk in sorted(self.hashes)[self.steps % 5 :: max(1, len(self.hashes) // 4)]:
            row = next((row for row in self.model.classes if row.id == pk), None)
            if row is None or row.start > self.now:
                expected = 404 if row is None else 400 if row.cancelled or row.ended else 200
                answer = self.call("GET", f"{OWN}/join/{self.hashes[pk]}", as_=self.world.student)
                assert answer.status_code == expected, (row, answer.content)

    def check_mails(self) -> None:
        """N1, N2: everybody knows what is true of the classes that are theirs."""
        now = self.now
        truth = {f"Class {row.id}": self.truth(row) for row in self.model.classes}
        users = {self.user(name).email: name for name in READERS}
        seen = {email: {f"Class {row.id}" for row in self.concerning(name)} for email, name in users.items()}

        def concerns(email: str, title: str) -> bool:
            gone = title not in truth
            return title in seen[email] or (gone and (users[email] == "staff_teacher" or self.is_active(users[email])))

        self.beliefs.check(truth, now=now, concerns=concerns)
        for email, name in users.items():
            reminded = {f"Class {row.id}" for row in self.reminded(name)}
            mine = {title: belief for title, belief in truth.items() if title in reminded}
            for title in titles_to_be_reminded(email, mine, now=now):
                assert self.beliefs.held.get((email, title)) == truth[title], f"{email} was not reminded of {title}"

    def truth(self, row: ClassFields) -> Belief:
        off = row.cancelled or (self.model.cohort.stage == "DELETED" and not row.started and not row.ended)
        return Belief(None if off else row.start)

    def concerning(self, reader: str) -> list[ClassFields]:
        """Those of which the user has to know better, whether they are reminded of them or not."""
        active, own = self.is_active(reader), self.user(reader).pk
        return [row for row in self.model.classes if active or row.teacher == own]

    def reminded(self, reader: str) -> list[ClassFields]:
        """Teachers are not reminded of what a substitute teaches (P4)."""
        own = self.user(reader).pk
        rows = [row for row in self.concerning(reader) if not row.ended]
        return [row for row in rows if reader != "teacher" or row.teacher in (None, own)]


def as_fields(row: LiveClass) -> ClassFields:
    return ClassFields(
        slot=row.cohort_time_slot_id,
        day=row.planned_date,
        start=row.starting_at,
        end=row.ending_at,
        started=row.started_at,
        ended=row.ended_at,
        cancelled=row.cancelled_at is not None,
        by_schedule=row.cancelled_by_schedule,
        reason=row.cancel_reason,
        moved=row.moved_by_hand,
        kept=row.kept_by_staff,
        teacher=row.teacher_id,
        id=row.pk,
        hash=row.hash,
    )


def status(row: ClassFields) -> str:
    if row.cancelled:
        return "CANCELLED"
    return "ENDED" if row.ended else "STARTED" if row.started else "SCHEDULED"


def text(moment: datetime.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def is_over(row: ClassFields, now: datetime.datetime) -> bool:
    return row.ended is not None or row.end + HALF_AN_HOUR < now
