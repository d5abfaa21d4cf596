"""The people and places that tests name."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from breathecode.admissions.domain.enrolment import update_periods
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
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
        people = _make_users()
        members = [AcademyMember(academy=miami, user=people[name], role=role) for name, role in _STAFF.items()]
        AcademyMember.objects.bulk_create(
            [*members, AcademyMember(academy=madrid, user=people["foreign_admin"], role="admin")]
        )
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
        CohortUser.objects.bulk_create(
            [
                *(
                    CohortUser(cohort=cohort, user=people[name], role=name.upper())
                    for name in ("student", "teacher", "assistant", "reviewer")
                ),
                CohortUser(cohort=cohort, user=people["dropped"], educational_status="DROPPED"),
                CohortUser(cohort=other, user=people["stranger"]),
            ]
        )
        # Whenever a test runs, its students have been there from the kickoff on.
        update_periods(within=Q(), now=datetime.datetime(2025, 1, 15, tzinfo=datetime.UTC))
        return cls(miami=miami, madrid=madrid, cohort=cohort, other_cohort=other, **people)

    def time_slot(self, **fields: Any) -> CohortTimeSlot:
        """The document's example: Wednesdays, 14:00 to 16:00 in New York, unless `fields` say otherwise."""
        given = {"cohort": self.cohort, "starting_at": 1400, "ending_at": 1600, **fields}
        return CohortTimeSlot.objects.create(**given)


_STAFF = {"admin": "admin", "coordinator": "academy_coordinator", "staff_teacher": "teacher", "reader": "staff"}
_PEOPLE = ("student", "teacher", "assistant", "reviewer", "dropped", "stranger", "foreign_admin", *_STAFF)


def _make_users() -> dict[str, User]:
    """All users of the world in one statement; each password is `pass-word-9`, hashed once."""
    password = make_password("pass-word-9")
    users = {name: User(email=f"{name}@example.org", password=password) for name in (*_PEOPLE, "superuser")}
    users["superuser"].is_staff = users["superuser"].is_superuser = True
    User.objects.bulk_create(users.values())
    return users
