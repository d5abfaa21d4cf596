"""Bringing people into a cohort: one by one, or a whole file at once (rule U4)."""

import dataclasses
from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction

from breathecode.admissions.domain.people_file import PersonRow
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.invitations import FILE_AGAIN_AFTER, invite, people_to_invite
from breathecode.authenticate.models import Academy, User
from breathecode.common.text import normalize_email

STATEMENT_ROWS = 5_000


@dataclasses.dataclass(frozen=True, slots=True)
class Student:
    """A person as a student; `created` where the person or their place in the cohort is new."""

    user: User
    cohort: Cohort | None
    created: bool
    invited: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ImportedRow:
    line: int
    email: str
    role: str
    user_id: int | None  # None in a preview of somebody who does not exist yet
    result: str  # "created" or "already_member"
    invited: bool


@transaction.atomic
def invite_student(
    *, academy: Academy, email: str, first_name: str = "", last_name: str = "", cohort: Cohort | None = None
) -> Student:
    """Makes the person and their place in the cohort where they lack them; a place they have stays as it is."""
    names = {"first_name": first_name, "last_name": last_name, "password": make_password(None)}
    user, created = User.objects.get_or_create(email=normalize_email(email), defaults=names)
    if cohort is not None:
        _part, enrolled = CohortUser.objects.get_or_create(cohort=cohort, user=user, role=CohortUser.Role.STUDENT)
        created = created or enrolled
    invited = invite([user], academy=academy, language=cohort.language if cohort else "", as_student=True)
    return Student(user=user, cohort=cohort, created=created, invited=bool(invited))


@transaction.atomic
def import_people(*, cohort: Cohort, rows: Sequence[PersonRow]) -> list[ImportedRow]:
    """All rows or none, in a number of statements that does not grow with them.

    Known names are not overwritten, and nobody's role or status changes: a row adds what is not there.
    """
    _create_missing_users(rows)
    users = _users_by_email(rows)
    held = _roles_held(cohort, users.values())
    CohortUser.objects.bulk_create(
        [CohortUser(cohort=cohort, user=users[r.email], role=r.role) for r in rows],
        ignore_conflicts=True,
        batch_size=STATEMENT_ROWS,
    )
    invited = invite(
        list(users.values()), academy=cohort.academy, language=cohort.language, again_after=FILE_AGAIN_AFTER
    )
    return _result(rows, users, held, invited)


def preview_import(*, cohort: Cohort, rows: Sequence[PersonRow]) -> list[ImportedRow]:
    """What `import_people` would do; writes nothing."""
    users = _users_by_email(rows)
    held = _roles_held(cohort, users.values())
    invited = people_to_invite(users.values(), academy=cohort.academy, again_after=FILE_AGAIN_AFTER)
    return _result(rows, users, held, invited)


def _create_missing_users(rows: Sequence[PersonRow]) -> None:
    known = set(_users_by_email(rows))
    missing = [
        User(email=r.email, first_name=r.first_name, last_name=r.last_name, password=make_password(None))
        for r in rows
        if r.email not in known
    ]
    # Somebody may make the same person at the same moment: whoever comes second takes the first one's.
    User.objects.bulk_create(missing, ignore_conflicts=True, batch_size=STATEMENT_ROWS)


def _users_by_email(rows: Sequence[PersonRow]) -> dict[str, User]:
    return {user.email: user for user in User.objects.filter(email__in=[row.email for row in rows])}


def _roles_held(cohort: Cohort, users: Iterable[User]) -> set[tuple[int, str]]:
    parts = CohortUser.objects.filter(cohort=cohort, user__in=list(users))
    return set(parts.values_list("user_id", "role"))


def _result(
    rows: Sequence[PersonRow], users: dict[str, User], held: set[tuple[int, str]], invited: Sequence[User]
) -> list[ImportedRow]:
    invited_ids = {user.pk for user in invited}
    answer = []
    for row in rows:
        user = users.get(row.email)
        pk = user.pk if user else None
        answer.append(
            ImportedRow(
                line=row.line,
                email=row.email,
                role=row.role,
                user_id=pk,
                result="already_member" if pk is not None and (pk, row.role) in held else "created",
                invited=pk is None or pk in invited_ids,
            )
        )
    return answer
