"""What substitutes change in a user's own feed, which is put together from whole cohorts: these are single classes.

A substitute has the class, and the cohort's teachers do not (rule P4).
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.domain.feed_cache import Chunk
from breathecode.calendars.domain.objects import event_text, event_uid, read_entries
from breathecode.events.domain.queries import memberships_with_access_of
from breathecode.events.models import LiveClass


@dataclasses.dataclass(frozen=True, slots=True)
class Substitutions:
    """`added`: the texts of events. `removed`: the UIDs of events that a cohort's chunk holds."""

    added: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(b"".join((*self.added, b"\x1f", *self.removed))).digest()

    def text_of(self, chunk: Chunk) -> bytes:
        """The chunk's without the events that are removed."""
        if not self.removed:
            return chunk.text
        lines = [b"UID:%s\r\n" % uid for uid in self.removed]
        return b"".join(text for text in chunk.events.values() if not any(line in text for line in lines))


def substitutions_of(user: User, *, shown: Collection[int], since: datetime.datetime) -> Substitutions | None:
    """For the `me` feed of the cohorts with the ids `shown`; None where there is nothing to change. One query, or two.

    Of all academies; a class stays with a teacher who has a second role in its cohort.
    """
    roles = memberships_with_access_of(user.pk).filter(cohort=OuterRef("cohort"))
    only_teaches = Exists(roles) & ~Exists(roles.exclude(role=CohortUser.Role.TEACHER))
    substituted = LiveClass.objects.filter(teacher__isnull=False, ending_at__gte=since).exclude(
        cohort__stage=Cohort.Stage.DELETED
    )
    mine = Q(teacher=user) & ~Q(cohort__in=shown)
    rows = list(
        substituted.filter(mine | (Q(cohort__in=shown) & ~Q(teacher=user) & only_teaches))
        .order_by("id")
        .values_list("id", "teacher_id")
    )
    if not rows:
        return None
    own = [pk for pk, teacher_id in rows if teacher_id == user.pk]
    added = read_entries(LiveClass.objects.filter(pk__in=own)) if own else []
    return Substitutions(
        added=tuple(map(event_text, added)),
        removed=tuple(event_uid(pk).encode() for pk, teacher_id in rows if teacher_id != user.pk),
    )
