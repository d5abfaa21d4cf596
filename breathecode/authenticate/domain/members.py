"""Who works at an academy (rule U3)."""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from breathecode.authenticate.domain.invitations import can_be_invited, invite
from breathecode.authenticate.domain.people import as_sent, known_ids
from breathecode.authenticate.errors import MemberAlreadyExists
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.authenticate.roles import ADMIN, CAPABILITIES, capabilities_of
from breathecode.common.models import assign
from breathecode.common.text import normalize_email


def members_of(academy_id: int) -> QuerySet[AcademyMember]:
    return AcademyMember.objects.filter(academy_id=academy_id).select_related("user").order_by("id")


def academies_of(user: User) -> list[Academy]:
    """Where the user works; every academy for a superuser (rule R5)."""
    academies = Academy.objects.all() if user.is_superuser else Academy.objects.filter(members__user=user)
    return list(academies.order_by("name", "id"))


def capabilities_by_academy(user: User) -> dict[int, frozenset[str]]:
    """What the user's role allows at each academy where they work, by its id. One query."""
    roles = AcademyMember.objects.filter(user=user).values_list("academy_id", "role")
    return {academy_id: capabilities_of(role) for academy_id, role in roles}


def membership_in(slug: str, *, user: User) -> tuple[Academy, frozenset[str]] | None:
    """The academy and what the user may do there; None where there is none, or the user does not work there."""
    academy = academy_with_role(slug, user=user)
    if academy is None:
        return None
    if user.is_superuser:
        return academy, CAPABILITIES
    role: str | None = academy.role_of_user  # type: ignore[attr-defined]
    return None if role is None else (academy, capabilities_of(role))


def academy_with_role(slug: str, *, user: User) -> Academy | None:
    """One query; the user's role is in `role_of_user`, None where they have none."""
    role = AcademyMember.objects.filter(academy_id=OuterRef("pk"), user=user).values("role")
    return Academy.objects.filter(slug=slug).annotate(role_of_user=Subquery(role)).first()


def find_or_create_user(*, email: str, first_name: str = "", last_name: str = "") -> User:
    """The user with this address, created without a password if missing; existing names are not overwritten."""
    email = normalize_email(email)
    defaults = {"first_name": first_name, "last_name": last_name, "password": make_password(None)}
    user, _created = User.objects.get_or_create(email=email, defaults=defaults)
    return user


def add_member(
    *, academy_id: int, email: str, role: str, first_name: str = "", last_name: str = ""
) -> tuple[AcademyMember, bool]:
    """The member, and whether they are new. Invites who cannot sign in yet (rule U4).

    Again for a member with this role who has no password yet: they are invited again, at most once in 10 minutes. For
    any other member raises `member-already-exists`, also for the second of two callers. In the response, a user new to
    the academy has the names that were sent, not those stored (rule U6).
    """
    academy = Academy.objects.get(pk=academy_id)
    try:
        with transaction.atomic():
            user = find_or_create_user(email=email, first_name=first_name, last_name=last_name)
            new = not known_ids([user], academy_id=academy_id)
            member = AcademyMember.objects.create(academy=academy, user=user, role=role)
            invite([user], academy=academy)
            if new:
                member.user = as_sent(user, first_name=first_name, last_name=last_name)
            return member, True
    except IntegrityError as error:
        known = members_of(academy_id).filter(user__email=normalize_email(email), role=role).first()
        if known is None or not can_be_invited(known.user):
            raise MemberAlreadyExists(email=email) from error
    invite([known.user], academy=academy)
    return known, False


def change_role(member: AcademyMember, **fields: str) -> AcademyMember:
    """Writes the role where it differs, and nothing where it does not."""
    if changed := assign(member, fields):
        member.save(update_fields={*changed, "updated_at"})
    return member


def remove_member(member: AcademyMember) -> None:
    """The account stays, and so does the user's place in cohorts."""
    member.delete()


def other_admins(member: AcademyMember) -> int:
    """How many admins the academy has beside this member."""
    return members_of(member.academy_id).filter(role=ADMIN).exclude(pk=member.pk).count()
