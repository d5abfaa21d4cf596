"""The users that an academy knows (rule U6). Of others, responses repeat what the caller sent and nothing stored."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from breathecode.authenticate.models import AcademyMember, Invitation, User
from breathecode.common.errors import ValidationFailed
from breathecode.common.models import assign, lock

PROFILE = ("first_name", "last_name", "language", "timezone")


def users_of_academy(academy_id: int) -> QuerySet[User]:
    """Its members, the members of its cohorts, its former students, and the users it invited."""
    members = AcademyMember.objects.filter(academy_id=academy_id, user_id=OuterRef("pk"))
    invited = Invitation.objects.filter(academy_id=academy_id, user_id=OuterRef("pk"))
    # By the names of the reverse relations: accounts cannot import cohorts.
    enrolled = User.objects.filter(cohort_roles__cohort__academy_id=academy_id, pk=OuterRef("pk"))
    # A student removed by mistake can be enrolled again (rule A5).
    former = User.objects.filter(enrolment_periods__cohort__academy_id=academy_id, pk=OuterRef("pk"))
    return User.objects.filter(Exists(members) | Exists(invited) | Exists(enrolled) | Exists(former))


def known_ids(users: Iterable[User], *, academy_id: int) -> set[int]:
    """Those of these users whom the academy knows."""
    ids = [user.pk for user in users]
    return set(users_of_academy(academy_id).filter(pk__in=ids).values_list("pk", flat=True))


def as_sent(user: User, *, first_name: str, last_name: str) -> User:
    """An unsaved copy for an answer, with the names that the caller sent in place of those stored."""
    return User(pk=user.pk, email=user.email, first_name=first_name, last_name=last_name)


@transaction.atomic
def save_profile(user: User, *, fields: Mapping[str, Any]) -> User:
    """Writes those of the user's own `PROFILE` that differ. Raises `validation-error`."""
    lock(User, user.pk)
    found = User.objects.get(pk=user.pk)
    changed = assign(found, {name: fields[name] for name in PROFILE if name in fields})
    if changed:
        try:
            found.clean_fields(exclude={field.name for field in User._meta.fields} - set(changed))
        except ValidationError as error:
            raise ValidationFailed(error.message_dict) from error
        found.save(update_fields=changed)
    return found
