"""The people and places that tests name."""

import datetime
from dataclasses import dataclass
from typing import Any

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, EnrolmentPeriod
from breathecode.authenticate.models import Academy, AcademyMember, User


@dataclass
class World:
    """Miami (New York time) runs the cohort `web-dev`; Madrid runs `data`. Staff are named by their role."""

    miami: Academy
    madrid: Academy
    cohort: Cohort
    other_cohort: Cohort
    student: User
    teacher: User
    assistant: User
    reviewer: User
    dropped: User
    admin: User
    coordinator: User
    staff_teacher: User
    reader: User
    stranger: User
    foreign_admin: User
    superuser: User

    @classmethod
    def make(cls) -> "World":
        miami = Academy.objects.create(slug="downtown-miami", name="Downtown Miami", timezone="America/New_York")
        madrid = Academy.objects.create(slug="madrid", name="Madrid", timezone="Europe/Madrid")
        people = {name: User.objects.create_user(f"{name}@example.org", "pass-word-9") for name in _PEOPLE}
        for name, role in _STAFF.items():
            AcademyMember.objects.create(academy=miami, user=people[name], role=role)
        AcademyMember.objects.create(academy=madrid, user=people["foreign_admin"], role="admin")
        cohort = Cohort.objects.create(
            academy=miami,
            slug="web-dev",
            name="Web Development",
            kickoff_date=datetime.date(2025, 1, 15),
            ending_date=datetime.date(2025, 6, 30),
            online_meeting_url="https://zoom.us/j/123456789",
            stage=Cohort.Stage.STARTED,
        )
        other = Cohort.objects.create(
            academy=madrid, slug="data", name="Data", kickoff_date=datetime.date(2025, 1, 15), stage="STARTED"
        )
        for name in ("student", "teacher", "assistant", "reviewer"):
            CohortUser.objects.create(cohort=cohort, user=people[name], role=name.upper())
        CohortUser.objects.create(cohort=cohort, user=people["dropped"], educational_status="DROPPED")
        CohortUser.objects.create(cohort=other, user=people["stranger"])
        kickoff = datetime.datetime(2025, 1, 15, tzinfo=datetime.UTC)
        EnrolmentPeriod.objects.update(since=kickoff)  # whenever a test runs, its students have been there all along
        superuser = User.objects.create_superuser("superuser@example.org", "pass-word-9")
        return cls(miami=miami, madrid=madrid, cohort=cohort, other_cohort=other, superuser=superuser, **people)

    def time_slot(self, **fields: Any) -> CohortTimeSlot:
        """The document's example: Wednesdays, 14:00 to 16:00 in New York, unless `fields` say otherwise."""
        given = {"cohort": self.cohort, "starting_at": 1400, "ending_at": 1600, **fields}
        return CohortTimeSlot.objects.create(**given)


_STAFF = {"admin": "admin", "coordinator": "academy_coordinator", "staff_teacher": "teacher", "reader": "staff"}
_PEOPLE = ("student", "teacher", "assistant", "reviewer", "dropped", "stranger", "foreign_admin", *_STAFF)
