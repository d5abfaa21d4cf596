"""What people believe of their classes by all the mails that they read, and whether they have to know better (N2)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

from breathecode.notify.models import OutgoingMail
from breathecode.reminders.models import ReminderPreference
from tests.support.notices import CORRECTIONS, Belief, ReadMail, told_in

HOUR = datetime.timedelta(hours=1)
KINDS = {"day_before": (12, 24), "quarter_hour_before": (0, 0.25)}
_MAKEUP = re.compile(r"^A make-up class takes place: .+$", re.MULTILINE)


class Beliefs:
    """`held` is what each person read last of each class. It knows the mails' texts and not the notices.

    `makeups`: by the title of a cancelled class, the title and the start of the make-up class that replaces it.
    """

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Belief] = {}
        self.mailed: set[tuple[str, str]] = set()
        self.makeups: dict[str, tuple[str, datetime.datetime]] = {}
        self._read_up_to = 0

    def read(self) -> list[ReadMail]:
        """Everybody reads their new mails, in the order in which they were written."""
        mails = list(OutgoingMail.objects.filter(pk__gt=self._read_up_to).order_by("pk"))
        self._read_up_to = mails[-1].pk if mails else self._read_up_to
        return [said for mail in mails for said in self._read_one(mail)]

    def _read_one(self, mail: OutgoingMail) -> list[ReadMail]:
        said = told_in(mail)
        for one in said:
            self._take_in(one)
            if one.template == "class_cancelled" and _MAKEUP.search(mail.text):
                title, starting_at = self.makeups[one.title]
                self.held[one.to, title] = Belief(starting_at)
                self.mailed.add((one.to, title))
        return said

    def _take_in(self, said: ReadMail) -> None:
        key = (said.to, said.title)
        known = self.held.get(key)
        if said.template in CORRECTIONS:
            assert known is not None, f"{key} was never told"
            assert known != said.belief, f"{key} was told twice"
            assert (said.template == "class_restored") == (known.starting_at is None)
        if said.template == "class_reminder":
            assert known is None or known == said.belief, f"{key}: a reminder in the place of a correction"
        if said.template == "class_makeup":
            assert known is None, f"{key} knew of the make-up class"
        if said.template != "calendar_invitations":
            self.mailed.add(key)
        if said.belief is not None:
            self.held[key] = said.belief
        elif key not in self.mailed:
            self.held.pop(key, None)

    def check(
        self, truth: Mapping[str, Belief], *, now: datetime.datetime, concerns: Callable[[str, str], bool]
    ) -> None:
        """Nobody whom a class `concerns` (address, title) believes what is wrong and matters."""
        for (reader, title), belief in self.held.items():
            true = truth.get(title, Belief(None))
            if concerns(reader, title) and _matters(belief, true, now):
                assert belief == true, (reader, title)


def _matters(belief: Belief, truth: Belief, now: datetime.datetime) -> bool:
    """Whether somebody who believes this has to know better, if it is wrong."""
    to_come = truth.starting_at is not None and truth.starting_at > now
    if belief.starting_at is None:
        return to_come
    return belief.starting_at > now - HOUR or (to_come and belief.starting_at > now - 24 * HOUR)


def titles_to_be_reminded(reader: str, truth: Mapping[str, Belief], *, now: datetime.datetime) -> list[str]:
    """The classes of which this reader has a reminder due (N1); their academy sends both kinds."""
    chosen = ReminderPreference.objects.filter(user__email=reader).first()
    found = []
    for setting, (latest, earliest) in KINDS.items():
        wanted = getattr(chosen, setting, None)
        if wanted is None or wanted:
            for title, belief in truth.items():
                if belief.starting_at and latest * HOUR < belief.starting_at - now <= earliest * HOUR:
                    found.append(title)
    return found
