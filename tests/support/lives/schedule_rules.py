"""What staff do to time slots, dates and holidays, and how they take it back."""

from __future__ import annotations

import datetime
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.schedules.domain.generation import build_time_slot
from breathecode.schedules.tasks import build_due_live_classes
from tests.support.lives.base import COHORT, DAY, HOLIDAYS, KICKOFF, SLOTS, Base, broken
from tests.support.lives.model import HolidayFields, Model
from tests.support.lives.timetable import SlotFields
from tests.support.plans import class_rows

# All of two hours, so that a start says all of a class's time; the first of them is in a gap of the clocks.
HOURS = st.sampled_from([(230, 430), (900, 1100), (1400, 1600), (1830, 2030), (2300, 100)])
ZONES = [*["America/New_York"] * 3, "Europe/Madrid", "Pacific/Auckland", "Asia/Kolkata"]
DATES = st.integers(0, 60).map(lambda days: KICKOFF + days * DAY)
FREQUENCIES = st.one_of(
    st.lists(st.sampled_from(["MO", "WE", "FR", "SU"]), unique=True, max_size=3).map(
        lambda days: {"recurrency_type": "WEEKLY", "weekdays": days}
    ),
    st.sampled_from(["DAILY", "MONTHLY"]).map(lambda kind: {"recurrency_type": kind, "weekdays": []}),
)
SLOT_FIELDS = st.one_of(
    HOURS.map(lambda hours: {"starting_at": hours[0], "ending_at": hours[1]}),
    HOURS.map(lambda hours: {"starting_at": hours[0], "ending_at": hours[1]}),
    st.sampled_from(ZONES).map(lambda zone: {"timezone": zone}),
    FREQUENCIES,
    st.integers(1, 3).map(lambda interval: {"interval": interval}),
    st.sampled_from([True, True, False]).map(lambda recurrent: {"recurrent": recurrent}),
    st.one_of(st.none(), DATES).map(lambda date: {"starts_on": date}),
)
COHORT_FIELDS = st.one_of(
    st.integers(0, 30).map(lambda days: {"kickoff_date": KICKOFF + days * DAY}),
    st.integers(10, 70).map(lambda days: {"ending_date": KICKOFF + days * DAY, "never_ends": False}),
    st.sampled_from([True, True, False]).map(lambda never_ends: {"ending_date": None, "never_ends": never_ends}),
    st.sampled_from(["STARTED", "STARTED", "PREWORK", "FINAL_PROJECT", "DELETED"]).map(lambda stage: {"stage": stage}),
)
CLOSED = st.builds(
    lambda first, days, whole: (first, first + days * DAY, None if whole else "web-dev"),
    DATES,
    st.integers(0, 9),
    st.booleans(),
)
REMOVED = "Its time slot was removed."


def as_json(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, datetime.date) else value for name, value in fields.items()}


class ScheduleRules(Base):
    def exists(self) -> bool:
        return self.model.cohort.stage != "DELETED"

    def sweep(self) -> None:
        raise NotImplementedError

    def has_slots(self) -> bool:
        return bool(self.model.slots) and self.exists()

    def slot(self, data: Any) -> SlotFields:
        return self.model.slots[data.draw(st.sampled_from(sorted(self.model.slots)))]

    @initialize(hours=HOURS, zone=st.sampled_from(ZONES))
    def begin(self, hours: tuple[int, int], zone: str) -> None:
        self.set_up()
        self.make_slot(hours, zone, {"weekdays": ["WE", "TH", "SU"]})
        self.sweep()

    # Changes through the API.

    @precondition(lambda self: self.exists() and sum(not slot.removed_at for slot in self.model.slots.values()) < 3)
    @rule(hours=HOURS, zone=st.sampled_from(ZONES), frequency=FREQUENCIES)
    def make_slot(self, hours: tuple[int, int], zone: str, frequency: dict[str, Any]) -> None:
        body = {"starting_at": hours[0], "ending_at": hours[1], "timezone": zone, **frequency}
        answer = self.change("POST", SLOTS, body)
        self.model.slots[answer["id"]] = SlotFields(answer["id"], **body)
        self.built()

    @precondition(has_slots)
    @rule(data=st.data(), fields=SLOT_FIELDS, undo=st.booleans())
    def edit_slot(self, data: Any, fields: dict[str, Any], undo: bool) -> None:
        slot = self.slot(data)
        path, before = f"{SLOTS}/{slot.id}", self.model.copy()
        last = self.last_change(path)
        if self.change("PUT", path, as_json(fields)) is None:
            return
        vars(slot).update(fields)
        self.built()
        if undo:
            self.take_back(path, before, last)

    @precondition(has_slots)
    @rule(data=st.data(), kept=st.sampled_from(["", "&kept=cancel"]), undo=st.booleans())
    def delete_slot(self, data: Any, kept: str, undo: bool) -> None:
        slot = self.slot(data)
        path, before = f"{SLOTS}/{slot.id}", self.model.copy()
        last = self.last_change(path)
        plan = self.change("DELETE", path, option=kept)["plan"]
        slot.removed_at = slot.removed_at or self.now
        self.model.build(self.now)
        if kept:
            self.model.cancel_kept(slot.id, self.now)
        self.compare()
        stay = {row.id for row in self.model.classes if row.slot == slot.id and row.start > self.now}
        stay -= {row.id for row in self.model.classes if row.cancelled}
        assert {entry["id"] for entry in plan["kept"]} == stay
        if undo:
            self.take_back(path, before, last)

    @precondition(exists)
    @rule(fields=COHORT_FIELDS, undo=st.booleans())
    def edit_cohort(self, fields: dict[str, Any], undo: bool) -> None:
        before, last = self.model.copy(), self.last_change(COHORT)
        path = f"/v1/admissions/academy/cohort/{self.world.cohort.pk}"
        if self.change("PUT", COHORT, as_json(fields)) is None:
            return
        vars(self.model.cohort).update(fields)
        self.built()
        if undo:
            self.take_back(path, before, last)

    @precondition(lambda self: len(self.model.holidays) < 4)
    @rule(closed=CLOSED, undo=st.booleans())
    def close_dates(self, closed: tuple[datetime.date, datetime.date, str | None], undo: bool) -> None:
        before = self.model.copy()
        answer = self.change("POST", HOLIDAYS, self.holiday_body(closed))
        self.model.holidays[answer["id"]] = HolidayFields(answer["id"], answer["name"], *closed[:2])
        self.built()
        if undo:
            self.take_back(f"{HOLIDAYS}/{answer['id']}", before, None)

    @precondition(lambda self: self.model.holidays)
    @rule(data=st.data(), closed=CLOSED, undo=st.booleans())
    def edit_holiday(self, data: Any, closed: tuple[datetime.date, datetime.date, str | None], undo: bool) -> None:
        pk = data.draw(st.sampled_from(sorted(self.model.holidays)))
        path, before = f"{HOLIDAYS}/{pk}", self.model.copy()
        last = self.last_change(path)
        answer = self.change("PUT", path, self.holiday_body(closed))
        self.model.holidays[pk] = HolidayFields(pk, answer["name"], *closed[:2])
        self.built()
        if undo:
            self.take_back(path, before, last)

    @precondition(lambda self: self.model.holidays)
    @rule(data=st.data(), undo=st.booleans())
    def open_dates(self, data: Any, undo: bool) -> None:
        pk = data.draw(st.sampled_from(sorted(self.model.holidays)))
        path, before = f"{HOLIDAYS}/{pk}", self.model.copy()
        last = self.last_change(path)
        self.change("DELETE", path)
        del self.model.holidays[pk]
        self.built()
        if undo:
            self.take_back(path, before, last)

    def holiday_body(self, closed: tuple[datetime.date, datetime.date, str | None]) -> dict[str, Any]:
        first, last, cohort = closed
        return {"name": f"Closed {first}", "starts_on": str(first), "ends_on": str(last), "cohort": cohort}

    # The way back.

    def last_change(self, path: str) -> int | None:
        history = self.send("GET", f"{path}/history").json()
        return history[0]["id"] if history else None

    def take_back(self, path: str, before: Model, last: int | None) -> None:
        """P8: the schedule is the one that was, but for what the change has put into the past by now."""
        change = self.last_change(path)
        if change == last:  # a save that changed nothing
            return
        over = {row.id for row in self.model.classes if row.start <= self.now or row.ended}
        self.change("POST", f"{path}/history/{change}/undo")
        built = {pk: slot.built for pk, slot in self.model.slots.items()}
        self.model.cohort, self.model.slots, self.model.holidays = before.cohort, before.slots, before.holidays
        for pk, slot in self.model.slots.items():
            slot.built = built[pk]
        self.built()
        if not before.suspended():  # else what was deleted returns once classes are built again (G11)
            self.check_schedule_that_was(before, over)

    def check_schedule_that_was(self, before: Model, over: set[int | None]) -> None:
        """By time slot and date; a class whose own hours had passed, so that it stayed at others, may stay again."""
        late = {
            (slot.id, day)
            for slot in self.model.slots.values()
            for day, hours in self.model.wanted(slot, self.now).items()
            if hours[1] <= self.now
        }

        def schedule(model: Model) -> dict[Any, Any]:
            coming = [row for row in model.classes if row.start > self.now and not row.cancelled]
            named = {(row.slot, row.day or row.id): (row.start, row.end) for row in coming if row.id not in over}
            return {key: hours for key, hours in named.items() if key not in late}

        now = schedule(self.model)
        cancelled = {(row.slot, row.day or row.id) for row in self.model.classes if row.reason == REMOVED}
        assert now == {key: hours for key, hours in schedule(before).items() if key not in cancelled}

    # Changes past the API, and processes that die.

    @precondition(has_slots)
    @rule(data=st.data(), fields=SLOT_FIELDS)
    def crash_while_a_slot_is_edited(self, data: Any, fields: dict[str, Any]) -> None:
        """The request fails after it has written classes: nothing of it is left."""
        slot = self.slot(data)
        rows, slots = class_rows(), list(CohortTimeSlot.objects.order_by("pk").values())
        with mock.patch("breathecode.schedules.domain.changes.mark_as_built", broken):
            answer = self.send("PUT", f"{SLOTS}/{slot.id}", as_json(fields))
        assert answer.status_code in (400, 500, 503), answer.content
        assert class_rows() == rows
        assert list(CohortTimeSlot.objects.order_by("pk").values()) == slots

    @precondition(has_slots)
    @rule(data=st.data(), fields=SLOT_FIELDS)
    def save_slot_in_a_shell_and_crash(self, data: Any, fields: dict[str, Any]) -> None:
        """The message is lost and the first build dies after it has written; the sweep finds what is left (G9)."""
        slot = self.slot(data)
        rows = class_rows()
        if slot.recurrency_type != "WEEKLY" and fields.get("weekdays", slot.weekdays):
            return
        row = CohortTimeSlot.objects.get(pk=slot.id)
        with TestCase.captureOnCommitCallbacks(execute=False):
            vars(row).update(fields)
            row.save()
        self.crash_a_build(slot.id, rows)
        vars(slot).update(fields)
        build_due_live_classes()
        self.built()

    @rule(fields=COHORT_FIELDS)
    def save_cohort_in_a_shell(self, fields: dict[str, Any]) -> None:
        """Brings a deleted cohort back, too."""
        cohort = Cohort.objects.get(pk=self.world.cohort.pk)
        vars(cohort).update({"stage": "STARTED", **fields} if not self.exists() else fields)
        if cohort.ending_date and cohort.kickoff_date and cohort.ending_date < cohort.kickoff_date:
            return
        with TestCase.captureOnCommitCallbacks(execute=False):
            cohort.save()
        for name in ("kickoff_date", "ending_date", "never_ends", "stage"):
            setattr(self.model.cohort, name, getattr(cohort, name))
        build_due_live_classes()
        self.built()

    @precondition(lambda self: len(self.model.holidays) < 4 and self.model.slots)
    @rule(data=st.data(), closed=CLOSED)
    def close_dates_in_a_shell_and_crash(
        self, data: Any, closed: tuple[datetime.date, datetime.date, str | None]
    ) -> None:
        rows, slot = class_rows(), self.slot(data)
        body = self.holiday_body(closed)
        body["cohort"] = self.world.cohort if body["cohort"] else None
        with TestCase.captureOnCommitCallbacks(execute=False):
            holiday = Holiday.objects.create(academy=self.world.miami, **body)
        self.crash_a_build(slot.id, rows)
        self.model.holidays[holiday.pk] = HolidayFields(holiday.pk, holiday.name, *closed[:2])
        build_due_live_classes()
        self.built()

    def crash_a_build(self, slot_id: int, rows: dict[int, dict[str, Any]]) -> None:
        crash = mock.patch("breathecode.schedules.domain.generation.mark_as_built", broken)
        with crash, pytest.raises(DatabaseError, match="nowhere"):
            build_time_slot(time_slot_id=slot_id, now=self.now)
        assert class_rows() == rows
