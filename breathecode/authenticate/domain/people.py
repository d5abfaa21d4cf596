"""The users that an academy knows (rule U6). Of others, responses repeat what the caller sent and nothing stored."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from breathecode.authenticate.models import AcademyMember, Invitation, User


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
