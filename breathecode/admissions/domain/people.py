"""Bringing people into a cohort: one by one, or a whole file at once (rule U4)."""

import dataclasses
import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from breathecode.admissions.domain.enrolment import update_periods
from breathecode.admissions.domain.people_file import PersonRow
from breathecode.admissions.errors import AlreadyInCohort
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.invitations import FILE_AGAIN_AFTER, invite, users_to_invite
from breathecode.authenticate.domain.members import find_or_create_user
from breathecode.authenticate.domain.people import as_sent, known_ids
from breathecode.authenticate.models import Academy, User
from breathecode.common.db.insert_select import insert_selected
from breathecode.common.text import normalize_email

STATEMENT_ROWS = 5_000


@dataclasses.dataclass(frozen=True, slots=True)
class Student:
    """A person as a student, with the names that the academy may read (rule U6).

    `created` where the person is new to the academy, or their place in the cohort is new. `invited` where they are new
    to it, or were sent a mail; who has a password needs none.
    """

    user: User
    cohort: Cohort | None
    created: bool
    invited: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ImportedRow:
    line: int
    email: str
    role: str
    user_id: int | None  # None in a preview of somebody who is new to the academy, with or without an account
    result: str  # "created" or "already_member"
    invited: bool


@transaction.atomic
def invite_student(
    *, academy: Academy, email: str, first_name: str = "", last_name: str = "", cohort: Cohort | None = None
) -> Student:
    """Makes the person and their place in the cohort where they lack them; a place they have stays as it is."""
    user = find_or_create_user(email=email, first_name=first_name, last_name=last_name)
    new = not known_ids([user], academy_id=academy.pk)
    enrolled = False
    if cohort is not None:
        _part, enrolled = CohortUser.objects.get_or_create(cohort=cohort, user=user, role=CohortUser.Role.STUDENT)
    invited = invite([user], academy=academy, language=cohort.language if cohort else "", as_student=True)
    shown = as_sent(user, first_name=first_name, last_name=last_name) if new else user
    return Student(user=shown, cohort=cohort, created=new or enrolled, invited=new or bool(invited))


@transaction.atomic
def add_person(*, cohort: Cohort, role: str, email: str, first_name: str = "", last_name: str = "") -> User:
    """Gives one person the role, as an import does: who is new is made and invited. Raises `already-in-cohort`."""
    row = PersonRow(1, normalize_email(email), first_name, last_name, role)
    [done] = import_people(cohort=cohort, rows=[row])
    if done.result != "created":
        raise AlreadyInCohort(role=CohortUser.Role(role).label)
    return User.objects.get(email=row.email)


@transaction.atomic
def import_people(*, cohort: Cohort, rows: Sequence[PersonRow]) -> list[ImportedRow]:
    """All rows or none, in a number of statements that does not grow with them.

    Known names are not overwritten, and nobody's role or status changes: a row adds what is not there.
    """
    users = _find_or_create_users(rows)
    known = known_ids(users.values(), academy_id=cohort.academy_id)
    held = _roles_held(cohort, users.values())
    _enrol(cohort, rows, users)
    update_periods(within=Q(cohort=cohort, user__in=list(users.values())), now=timezone.now())
    mailed = invite(
        list(users.values()), academy=cohort.academy, language=cohort.language, again_after=FILE_AGAIN_AFTER
    )
    invited = {user.pk for user in mailed}
    return [_imported(row, users[row.email].pk, held, invited=invited, known=known) for row in rows]


def preview_import(*, cohort: Cohort, rows: Sequence[PersonRow]) -> list[ImportedRow]:
    """What `import_people` would do; writes nothing.

    Who is new to the academy looks the same with and without an account (rule U6).
    """
    users = _users_by_email(rows)
    known = known_ids(users.values(), academy_id=cohort.academy_id)
    seen = {email: user.pk for email, user in users.items() if user.pk in known}
    held = _roles_held(cohort, users.values())
    mailed = users_to_invite(users.values(), academy=cohort.academy, again_after=FILE_AGAIN_AFTER)
    invited = {user.pk for user in mailed}
    return [_imported(row, seen.get(row.email), held, invited=invited, known=known) for row in rows]


def _find_or_create_users(rows: Sequence[PersonRow]) -> dict[str, User]:
    users = _users_by_email(rows)
    missing = [row for row in rows if row.email not in users]
    new = [
        User(email=row.email, first_name=row.first_name, last_name=row.last_name, password=_unusable_password())
        for row in sorted(missing, key=lambda row: row.email)  # two imports wait for each other's users in one order
    ]
    # A concurrent request may create the same user; the second one takes the row of the first.
    User.objects.bulk_create(new, ignore_conflicts=True, batch_size=STATEMENT_ROWS)
    return users | _users_by_email(missing)


def _unusable_password() -> str:
    """As `make_password(None)`, which draws each character by itself: a tenth of the time of an import."""
    return f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_urlsafe(30)}"


def _users_by_email(rows: Sequence[PersonRow]) -> dict[str, User]:
    return {user.email: user for user in User.objects.filter(email__in=[row.email for row in rows])}


def _enrol(cohort: Cohort, rows: Sequence[PersonRow], users: Mapping[str, User]) -> None:
    """One statement for each role that the rows name."""
    for role in sorted({row.role for row in rows}):
        ids = [users[row.email].pk for row in rows if row.role == role]
        enrolled = User.objects.filter(pk__in=ids).order_by("pk")
        insert_selected(CohortUser, enrolled, cohort_id=cohort.pk, user_id=F("pk"), role=role)


def _roles_held(cohort: Cohort, users: Iterable[User]) -> set[tuple[int, str]]:
    parts = CohortUser.objects.filter(cohort=cohort, user__in=list(users))
    return set(parts.values_list("user_id", "role"))


def _imported(
    row: PersonRow, pk: int | None, held: set[tuple[int, str]], *, invited: set[int], known: set[int]
) -> ImportedRow:
    return ImportedRow(
        line=row.line,
        email=row.email,
        role=row.role,
        user_id=pk,
        result="already_member" if pk is not None and (pk, row.role) in held else "created",
        invited=pk not in known or pk in invited,
    )
