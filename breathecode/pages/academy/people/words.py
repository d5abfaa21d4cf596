"""The people of an academy as its pages show them: roles in words, and what became of their mails (rules U7, N4)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from breathecode.admissions.domain.queries import memberships_by_user
from breathecode.admissions.models import CohortUser
from breathecode.authenticate.domain.invitations import can_be_invited
from breathecode.authenticate.domain.mail_states import MailsOfUser, MailState, mails_of
from breathecode.authenticate.models import User

STAFF_ROLES: dict[str, Any] = {
    "admin": _("Admin"),
    "academy_coordinator": _("Coordinator"),
    "teacher": _("Teacher"),
    "assistant": _("Assistant"),
    "staff": _("Staff (reads only)"),
}
COHORT_ROLES: dict[str, Any] = {
    CohortUser.Role.STUDENT: _("Student"),
    CohortUser.Role.TEACHER: _("Teacher in a cohort"),
    CohortUser.Role.ASSISTANT: _("Assistant in a cohort"),
    CohortUser.Role.REVIEWER: _("Reviewer in a cohort"),
}
COHORTS_SHOWN = 3


class Person(NamedTuple):
    """`waiting`: has not accepted an invitation yet. `parts` are the roles in cohorts of the academy."""

    user: User
    staff_role: Any
    parts: Sequence[CohortUser]
    mails: MailsOfUser
    waiting: bool

    @property
    def shown(self) -> Sequence[CohortUser]:
        return self.parts[:COHORTS_SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.parts) - COHORTS_SHOWN)

    @property
    def invitation(self) -> MailState | None:
        """The mail of the invitation, as long as it matters."""
        return self.mails.invitation if self.waiting else None

    @property
    def failed_mail(self) -> MailState | None:
        """A mail that failed for good, unless it is the invitation."""
        failed = self.mails.failed_mail
        return None if failed == self.invitation else failed


def in_words(users: Sequence[User], *, academy_id: int) -> list[Person]:
    """Three statements. `users` are of `people_of_academy`, or have no role on the staff that is to be shown."""
    parts = memberships_by_user(users, academy_id=academy_id)
    mails = mails_of(users, academy_id=academy_id)
    return [
        Person(
            user=user,
            staff_role=STAFF_ROLES.get(getattr(user, "staff_role", None) or "", ""),
            parts=parts.get(user.pk, []),
            mails=mails.get(user.pk, MailsOfUser()),
            waiting=can_be_invited(user),
        )
        for user in users
    ]
