"""How far an installation is on the way to its first class: academy, cohort, time slot, users."""

import datetime
from dataclasses import dataclass

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import Academy, User
from breathecode.events.models import LiveClass


@dataclass(frozen=True, slots=True)
class Progress:
    """The first academy and its first cohort, as far as there are any, and what the cohort has."""

    academy: Academy | None
    cohort: Cohort | None
    has_time_slot: bool
    has_users: bool
    next_class: LiveClass | None

    @property
    def is_done(self) -> bool:
        return self.has_time_slot and self.has_users

    @property
    def step(self) -> str:
        """What comes next: "academy", "cohort", "slot", "users", or "" where all is done."""
        done = {
            "academy": self.academy is not None,
            "cohort": self.cohort is not None,
            "slot": self.has_time_slot,
            "users": self.has_users,
        }
        return next((name for name, is_done in done.items() if not is_done), "")


def progress_of_installation(*, now: datetime.datetime) -> Progress:
    academy = Academy.objects.order_by("pk").first()
    cohorts = Cohort.objects.filter(academy=academy).exclude(stage=Cohort.Stage.DELETED)
    cohort = cohorts.select_related("academy").order_by("pk").first()
    coming = LiveClass.objects.filter(cohort=cohort, ending_at__gt=now, cancelled_at=None)
    return Progress(
        academy=academy,
        cohort=cohort,
        has_time_slot=CohortTimeSlot.objects.filter(cohort=cohort, removed_at=None).exists(),
        has_users=CohortUser.objects.filter(cohort=cohort).exists(),
        next_class=coming.select_related("cohort_time_slot", "cohort").order_by("starting_at", "pk").first(),
    )


def has_no_class(user: User) -> bool:
    """For superusers: whether the first steps lead on."""
    return user.is_superuser and not LiveClass.objects.exists()
