"""What staff, teachers and students do to single classes."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.support.lives.base import CLASSES, DAY, OWN, Base, is_over, text
from tests.support.lives.model import ClassFields

HOUR = datetime.timedelta(hours=1)
# Before the present, across the reminders' windows, and far from both.
HOURS_AWAY = st.sampled_from([-3, -1, 0.25, 1, 5, 11.5, 20, 23.75, 26, 75, 200])


class ClassRules(Base):
    def has_classes(self) -> bool:
        return any(self.near(row) for row in self.model.classes)

    def near(self, row: ClassFields) -> bool:
        """Past for hours at most; the farther future is like the nearer."""
        return self.now - 30 * HOUR < row.start < self.now + 12 * DAY

    def pick(self, data: Any) -> ClassFields:
        ids = sorted(row.id or 0 for row in self.model.classes if self.near(row))
        return self.model.by_id(data.draw(st.sampled_from(ids)))

    def at(self, hours: float) -> datetime.datetime:
        return (self.now + hours * HOUR).replace(second=0, microsecond=0)  # mails give minutes

    def put(self, row: ClassFields, **body: Any) -> Any:
        return self.send("PUT", f"{CLASSES}/{row.id}", body)

    @precondition(lambda self: self.model.slots)
    @rule(data=st.data(), hours=HOURS_AWAY.filter(lambda hours: hours > 0))
    def make(self, data: Any, hours: float) -> None:
        slot = data.draw(st.sampled_from(sorted(self.model.slots)))
        self.make_by_hand(slot, self.at(hours))

    @precondition(has_classes)
    @rule(data=st.data(), hours=HOURS_AWAY.filter(lambda hours: hours > 0))
    def make_up(self, data: Any, hours: float) -> None:
        """P5: in place of a cancelled class, once."""
        row = self.pick(data)
        free = row.cancelled and row.id not in self.replaced
        made = self.make_by_hand(row.slot, self.at(hours), replaces=row.id)
        assert made is None or free
        if made and row.id:
            self.replaced[row.id] = made.id or 0
            self.model.known.add(row.id)

    def make_by_hand(self, slot: int, start: datetime.datetime, **more: Any) -> ClassFields | None:
        body = {"cohort_time_slot": slot, "starting_at": text(start), "ending_at": text(start + 2 * HOUR), **more}
        answer = self.send("POST", CLASSES, {**body, "remote_meeting_url": "https://meet.example.org/1"})
        if answer.status_code in (400, 409):
            same = any(row.slot == slot and row.start == start for row in self.model.classes)
            assert same or more, answer.content
            return None
        made = answer.json()
        fields = ClassFields(slot, None, start, start + 2 * HOUR, id=made["id"], hash=made["hash"])
        self.model.classes.append(fields)
        return fields

    @precondition(has_classes)
    @rule(data=st.data(), hours=HOURS_AWAY)
    def move(self, data: Any, hours: float) -> None:
        row, start = self.pick(data), self.at(hours)
        answer = self.put(row, starting_at=text(start), ending_at=text(start + 2 * HOUR))
        if (row.start, row.end) == (start, start + 2 * HOUR):
            assert answer.status_code == 200, answer.content  # what is stored counts as not sent
        elif row.started or row.ended:
            assert answer.status_code == 400, answer.content
        elif any(other.slot == row.slot and other.start == start and other is not row for other in self.model.classes):
            assert answer.status_code == 409, answer.content
        else:
            assert answer.status_code == 200, answer.content
            row.moved = True
            row.start, row.end = start, start + 2 * HOUR

    @precondition(has_classes)
    @rule(data=st.data(), reason=st.sampled_from(["", "Ill"]))
    def cancel(self, data: Any, reason: str) -> None:
        row = self.pick(data)
        answer = self.send("POST", f"{CLASSES}/{row.id}/cancel", {"reason": reason})
        if row.started or row.ended:
            assert answer.status_code in (400, 409), answer.content
            return
        assert answer.status_code == 200, answer.content
        if not row.cancelled or (reason and reason != row.reason):
            row.cancelled, row.by_schedule, row.reason = True, False, reason

    @precondition(lambda self: any(row.cancelled and self.near(row) for row in self.model.classes))
    @rule(data=st.data())
    def restore(self, data: Any) -> None:
        ids = sorted(row.id or 0 for row in self.model.classes if row.cancelled and self.near(row))
        row = self.model.by_id(data.draw(st.sampled_from(ids)))
        answer = self.send("POST", f"{CLASSES}/{row.id}/restore", {})
        assert answer.status_code == 200, answer.content
        self.model.restore(row, self.now)

    @precondition(has_classes)
    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        """Only what was made by hand and has not begun (W6)."""
        row = self.pick(data)
        answer = self.send("DELETE", f"{CLASSES}/{row.id}")
        if row.day or row.started:
            assert answer.status_code in (400, 409), answer.content
            return
        assert answer.status_code == 204, answer.content
        self.model.classes.remove(row)
        self.replaced = {old: new for old, new in self.replaced.items() if row.id not in (old, new)}

    @precondition(has_classes)
    @rule(data=st.data(), who=st.sampled_from(["staff_teacher", None]))
    def substitute(self, data: Any, who: str | None) -> None:
        row = self.pick(data)
        teacher = self.user(who).pk if who else None
        assert self.put(row, teacher=teacher).status_code == 200
        row.teacher = teacher

    @precondition(has_classes)
    @rule(data=st.data())
    def start_and_end(self, data: Any) -> None:
        """Starts it; what was started 30 minutes ago ends (W3)."""
        row = self.pick(data)
        if row.started and not row.ended and self.now - row.started >= 0.5 * HOUR:
            assert self.put(row, ended_at=text(self.now)).status_code == 200
            row.ended = self.now
            return
        answer = self.put(row, started_at=text(self.now))
        if row.started == self.now:
            assert answer.status_code == 200, answer.content  # what is stored counts as not sent
        elif row.cancelled or row.started or row.ended:
            assert answer.status_code == 400, answer.content
        else:
            assert answer.status_code == 200, answer.content
            row.started = self.now

    @precondition(has_classes)
    @rule(data=st.data(), who=st.sampled_from(["student", "teacher"]))
    def join(self, data: Any, who: str) -> None:
        """J3 to J6: a countdown before, the meeting during, a page that says why not after."""
        row = self.pick(data)
        answer = self.call("GET", f"{OWN}/join/{row.hash}", as_=self.user(who))
        if not self.is_active(who) or self.model.cohort.stage == "DELETED":
            assert answer.status_code == 404, answer.content
        elif row.cancelled or is_over(row, self.now):
            assert answer.status_code == 400, answer.content
        elif self.now < row.start:
            assert answer.status_code == 200, answer.content
        else:
            assert answer.status_code == 302, answer.content
            self.model.known.add(row.id or 0)
            if who == "teacher":
                row.started = row.started or self.now
