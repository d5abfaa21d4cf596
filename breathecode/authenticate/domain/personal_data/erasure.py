"""Takes away what identifies a person, and keeps what sums are made of (rule O8)."""

from collections import Counter
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction

from breathecode.authenticate.domain.personal_data.export import admin_log_about
from breathecode.authenticate.domain.personal_data.relations import TREATMENTS, mails_to, relations, rows_of
from breathecode.authenticate.models import User
from breathecode.common.models import lock
from breathecode.notify.models import OutgoingMail

ERASED = "erased"


def erased_address(user: User) -> str:
    """An address that nobody can have (RFC 2606) and that is the same each time."""
    return f"{ERASED}-{user.pk}@{ERASED}.invalid"


def erase_person(user: User) -> dict[str, int]:
    """Erases them, for good. Returns the number of rows of each relation that were deleted or changed.

    Other transactions may have read the user before and commit what they write right after the erasure, so it looks for
    rows again.
    """
    counts, address = _erase(user)
    return dict(counts + _treat_rows(user, address))


@transaction.atomic
def _erase(user: User) -> tuple[Counter[str], str]:
    """Returns what `erase_person` does, and the address that the user had."""
    lock(User, user.pk)
    found = User.objects.get(pk=user.pk)
    address = found.email
    counts = _treat_rows(found, address)
    counts["sessions"] = _end_sessions(found)
    counts["admin log"] = admin_log_about(found).exclude(object_repr=ERASED).update(object_repr=ERASED)
    _clear_account(found)
    return counts, address


@transaction.atomic
def _treat_rows(user: User, address: str) -> Counter[str]:
    counts = Counter(mails=mails_to(user, address).delete()[1].get(OutgoingMail._meta.label, 0))
    counts.update({name: _treat(user, name, key) for name, key in relations()})
    return counts


def _treat(user: User, name: str, key: Any) -> int:
    treatment, rows = TREATMENTS[name], rows_of(user, key)
    if treatment.delete:
        return rows.delete()[1].get(key.model._meta.label, 0)
    if treatment.cleared:
        return rows.filter(**treatment.where).exclude(**treatment.cleared).order_by().update(**treatment.cleared)
    return 0


def _end_sessions(user: User) -> int:
    """Their session rows: no longer of use to anybody, but with the user's id."""
    own = [row.pk for row in Session.objects.iterator() if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    return Session.objects.filter(pk__in=own).delete()[0]


def _clear_account(user: User) -> None:
    user.groups.clear()
    user.user_permissions.clear()
    user.email = erased_address(user)
    user.first_name = user.last_name = user.language = user.timezone = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
