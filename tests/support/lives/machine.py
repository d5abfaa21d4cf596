"""Time, zone rules and people; and all rules together."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import Counter
from pathlib import Path

import tzdata
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from breathecode.admissions.models import CohortUser
from breathecode.calendars.tasks import send_due_invitations
from breathecode.events.tasks import close_overdue_live_classes, start_joined_live_classes
from breathecode.reminders.tasks import send_due_reminders
from breathecode.schedules.tasks import build_due_live_classes
from tests.support.invitations import REST
from tests.support.lives.base import COHORT
from tests.support.lives.class_rules import ClassRules
from tests.support.lives.schedule_rules import ScheduleRules
from tests.support.lives.timetable import HORIZON
from tests.support.notices import ReadMail

PACKAGE = Path(tzdata.__file__).parent / "zoneinfo"
# What New York's rules become: without a change of clocks, an hour behind, as they were.
RULES = ["America/Caracas", "America/Chicago", "America/New_York"]
RATHER_SOON = [10, 45, 60 * 3, 60 * 11, 60 * 24, 60 * 24 * 4]


def zone_folders(root: Path) -> dict[str, Path]:
    """For each of RULES a folder of zone data in which New York has them."""
    folders = {name: root / name.replace("/", "-") for name in RULES}
    for name, folder in folders.items():
        for path in PACKAGE.iterdir():
            if path.name != "America":
                (folder).mkdir(exist_ok=True)
                (folder / path.name).symlink_to(path)
        (folder / "America").mkdir()
        for path in (PACKAGE / "America").iterdir():
            (folder / "America" / path.name).symlink_to(PACKAGE / name if path.name == "New_York" else path)
    return folders


class CohortLife(ScheduleRules, ClassRules):
    """The whole life of a cohort."""

    def __init__(self) -> None:
        super().__init__()
        self.versions = 0
        self.settings = override_settings(GENERATION_HORIZON_DAYS=HORIZON)
        self.settings.enable()
        self.tzpath = zoneinfo.TZPATH

    def teardown(self) -> None:
        zoneinfo.reset_tzpath(self.tzpath)
        zoneinfo.ZoneInfo.clear_cache()
        self.settings.disable()
        super().teardown()

    @rule(minutes=st.sampled_from(RATHER_SOON))
    def time_passes(self, minutes: int) -> None:
        self.traveller.shift(datetime.timedelta(minutes=minutes))
        self.call.keys.clear()  # tokens expire
        self.sweep()

    @rule()
    def sweep(self) -> None:
        """The periodic tasks, and a rest in which calendars may be written; then nothing is left to be said."""
        self.tidy_up()
        self.traveller.shift(REST)
        said: list[ReadMail] = []
        while new := self.mails():
            said += new
        channels = Counter((one.to, one.title, one.template == "calendar_invitations") for one in said)
        assert set(channels.values()) <= {1}, f"said twice: {said}"
        self.check_mails()
        self.tidy_up()

    def tidy_up(self) -> None:
        for task in (build_due_live_classes, start_joined_live_classes, close_overdue_live_classes):
            task()
        self.model.close(self.now)
        self.built()

    def mails(self) -> list[ReadMail]:
        """One round of the tasks that write mails. One to a calendar holds 100 classes; the next round has the rest."""
        send_due_reminders()
        send_due_invitations()
        return self.read_mails()

    def read_mails(self) -> list[ReadMail]:
        makeups = {old: self.model.by_id(new) for old, new in self.replaced.items()}
        self.beliefs.makeups = {f"Class {old}": (f"Class {new.id}", new.start) for old, new in makeups.items()}
        said = self.beliefs.read()
        self.model.known |= {int(title.removeprefix("Class ")) for _email, title in self.beliefs.mailed}
        return said

    @rule(rules=st.sampled_from(RULES))
    def zone_rules_change(self, rules: str) -> None:
        """A newer version of the zone data is installed; the sweep builds what it moves (G16)."""
        self.versions += 1
        self.settings.disable()
        self.settings = override_settings(
            GENERATION_HORIZON_DAYS=HORIZON, TIME_ZONE_DATA_VERSION=f"2099{self.versions:04}a"
        )
        self.settings.enable()
        zoneinfo.reset_tzpath([str(self.zone_folders[rules])])
        zoneinfo.ZoneInfo.clear_cache()
        self.model.zones.new_york = rules
        build_due_live_classes()
        self.built()

    @rule(status=st.sampled_from(["ACTIVE", "ACTIVE", "POSTPONED", "DROPPED"]))
    def enrol_student(self, status: str) -> None:
        """Enrols, readmits or sends away."""
        student, path = self.world.student, f"{COHORT}/user"
        body = {"educational_status": status}
        if self.send("PUT", f"{path}/{student.pk}", body).status_code == 404 and self.exists():
            answer = self.send("POST", path, {"user": student.pk, "role": "STUDENT", **body})
            assert answer.status_code == 201, answer.content

    @rule(who=st.sampled_from(["student", "teacher", "assistant"]))
    def change_enrolment(self, who: str) -> None:
        """Leaves the cohort, or returns to it by other ways than the API: it knows no teacher who has left (U6)."""
        user = self.user(who)
        if self.send("DELETE", f"{COHORT}/user/{user.pk}").status_code == 404:
            CohortUser.objects.get_or_create(cohort=self.world.cohort, user=user, role=who.upper())
