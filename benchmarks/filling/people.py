"""Users with a token and a list of classes to come, for requests over HTTP."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import Academy, AcademyMember, Token, User
from breathecode.events.models import LiveClass

DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
URL = "https://meet.example.org/123456789"


@dataclass(frozen=True)
class Reader:
    """A student and teacher of one cohort, on the staff of its academy; `headers` are those of each request."""

    user: User
    cohort: Cohort
    headers: dict[str, str]


def make_reader(name: str, *, classes: int) -> Reader:
    """An academy of this name, whose one cohort has so many classes from tomorrow on, one a day."""
    academy = Academy.objects.create(slug=name, name=name.title())
    cohort = Cohort.objects.create(academy=academy, slug="web-dev", name="Web Development", stage="STARTED")
    user = User.objects.create_user(f"ana@{name}.example.org")
    CohortUser.objects.create(cohort=cohort, user=user)
    AcademyMember.objects.create(academy=academy, user=user, role="teacher")
    slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600)
    first = timezone.now().replace(minute=0, second=0, microsecond=0) + DAY
    starts = [first + number * DAY for number in range(classes)]
    LiveClass.objects.bulk_create(
        LiveClass(cohort_time_slot=slot, starting_at=start, ending_at=start + HOUR, remote_meeting_url=URL)
        for start in starts
    )
    key, _token = sign_in(user=user)
    return Reader(user, cohort, {"Authorization": f"Token {key}", "Academy": str(academy.pk)})


def make_students(cohort: Cohort, *, count: int) -> list[str]:
    """Students of the cohort; the key of a token for each."""
    first = cohort.pk * 1_000_000
    students = User.objects.bulk_create(
        User(email=f"student-{first + number}@example.org", password="!") for number in range(count)
    )
    CohortUser.objects.bulk_create(CohortUser(cohort=cohort, user=user) for user in students)
    keys = [f"key-of-{user.pk}" for user in students]
    expires_at = timezone.now() + DAY
    Token.objects.bulk_create(
        Token(user=user, key_hash=Token.digest(key), fingerprint=user.access_fingerprint(), expires_at=expires_at)
        for user, key in zip(students, keys, strict=True)
    )
    return keys
