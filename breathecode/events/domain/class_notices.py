"""What users were last told about classes, and what there is to tell them now (rule N2).

`ClassNotice` holds one row for each user and class: the time given last, by whichever channel, and whether that message
said that the class takes place. Reminders, corrections and calendar invitations write it in the transaction that queues
their mail. `next_notice` is the rule; `wrong_notices` asks the database the same question.
"""

import datetime
import enum
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from breathecode.admissions.domain.enrolment import memberships_with_access
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import AcademyMember
from breathecode.events.domain.queries import concerned_by
from breathecode.events.models import ClassNotice, LiveClass

# Until so long after the time that was given, people who wait in the room still have to know that the class is off.
GRACE = datetime.timedelta(hours=1)
# A class lasts 24 hours at most and is closed 30 minutes after its end (rule A1); from then on it cannot be put off.
LATEST_MOVE = datetime.timedelta(hours=25)
RETENTION = datetime.timedelta(days=30)

# A class that runs or is over takes place whatever becomes of its cohort.
TAKES_PLACE = Q(cancelled_at__isnull=True) & (
    ~Q(cohort__stage=Cohort.Stage.DELETED) | Q(started_at__isnull=False) | Q(ended_at__isnull=False)
)


class Correction(enum.StrEnum):
    MOVED = "moved"
    CANCELLED = "cancelled"
    RESTORED = "restored"


class ClassTime(NamedTuple):
    """When a class begins and ends, and whether it takes place: as it is, or as it was told."""

    starting_at: datetime.datetime
    ending_at: datetime.datetime
    takes_place: bool

    @classmethod
    def of(cls, live_class: LiveClass) -> "ClassTime":
        """The class as it is. Reads its cohort."""
        deleted = live_class.cohort.stage == Cohort.Stage.DELETED
        has_begun = live_class.started_at is not None or live_class.ended_at is not None
        takes_place = live_class.cancelled_at is None and (has_begun or not deleted)
        return cls(live_class.starting_at, live_class.ending_at, takes_place)

    @classmethod
    def channels_of(cls, notice: ClassNotice) -> "ClassTime":
        """The class as this notice left it."""
        return cls(notice.starting_at, notice.ending_at, not notice.cancelled)


def next_notice(
    last_sent: ClassTime | None, current: ClassTime | None, *, is_recipient: bool, now: datetime.datetime
) -> Correction | None:
    """What a user has to be told of a class; None where there is nothing to say (rule N2).

    `current` is None for a class that is deleted. `is_recipient`: the user is active and in the class's cohort.

    | last told           | the class now            | to be told                                            |
    | ------------------- | ------------------------ | ----------------------------------------------------- |
    | nothing             | any                      | nothing: a reminder is the first message              |
    | takes place at T    | takes place at T         | nothing, however often it moved in between            |
    | takes place at T    | takes place at U         | MOVED, if T is not over for an hour or U is to come   |
    | takes place at T    | cancelled or deleted     | CANCELLED, if T is not over for an hour               |
    | cancelled           | cancelled or deleted     | nothing, wherever it moved                            |
    | cancelled           | takes place at U         | RESTORED, if U is to come                             |
    | any                 | not theirs any more      | nothing; what is true by then once they are back      |

    Users who turned reminders off are recipients too: a correction replaces what an earlier mail said.
    """
    if last_sent is None or not is_recipient:
        return None
    current = current or last_sent._replace(takes_place=False)
    if not last_sent.takes_place:
        return Correction.RESTORED if current.takes_place and current.starting_at > now else None
    is_recent = last_sent.starting_at > now - GRACE
    if not current.takes_place:
        return Correction.CANCELLED if is_recent else None
    if current == last_sent or not (is_recent or current.starting_at > now):
        return None
    return Correction.MOVED


def wrong_notices(*, now: datetime.datetime) -> list[QuerySet[ClassNotice]]:
    """The notices to which `next_notice` has an answer for a recipient, in three parts that each read an index.

    The first and the second: those that a mail told of, and those that the calendar alone told of and that have begun
    (until then the calendar corrects itself). The third: those told as cancelled.
    """
    wrong = ~Exists(_as_told(now)) & (Q(starting_at__gt=now - GRACE) | Exists(_to_come(now)))
    current = ClassNotice.objects.filter(wrong, cancelled=False, starting_at__gt=now - LATEST_MOVE)
    return [
        current.filter(mail_count__gt=0),
        current.filter(mail_count=0, starting_at__lte=now),
        ClassNotice.objects.filter(Exists(_to_come(now)), cancelled=True),
    ]


def due_corrections_by_recipient() -> Q:
    """Of notices: the user is active, and in the cohort that they were told of or in the one whose class it is now.

    Or they are its substitute, who is in no cohort: of a class that is deleted, any member of the academy (rule P4).
    """
    members = memberships_with_access().filter(user=OuterRef("user_id"))
    told = members.filter(cohort=OuterRef("cohort_id"))
    current = members.filter(cohort__live_classes=OuterRef("live_class_id"))
    classes = LiveClass.objects.filter(pk=OuterRef("live_class_id"))
    substitute = Exists(classes.filter(teacher=OuterRef("user_id")))
    staff = AcademyMember.objects.filter(user=OuterRef("user_id"), academy=OuterRef("cohort__academy_id"))
    was_substitute = Q(Exists(staff)) & ~Q(Exists(classes))
    return Q(user__is_active=True) & (Q(Exists(told)) | Q(Exists(current)) | Q(substitute) | was_substitute)


def cancellations_with_makeup(*, now: datetime.datetime) -> QuerySet[Any]:
    """Those whose users have not been told of the coming make-up class, `makeup_id`, though it concerns them (P5, N2).

    They are active members of its cohort, as for a reminder, or its substitute.
    """
    makeups = LiveClass.objects.filter(TAKES_PLACE, replaces__cancelled_at__isnull=False, starting_at__gt=now)
    cancellations = ClassNotice.objects.filter(
        cancelled=True, user__is_active=True, live_class_id__in=makeups.values("replaces_id")
    )
    makeup = makeups.filter(replaces=OuterRef("live_class_id")).values("pk")
    classes = "cohort__time_slots__live_classes"
    members = cohort_members().filter(
        concerned_by(classes), **{classes: OuterRef("makeup_id"), "user": OuterRef("user_id")}
    )
    teaches = LiveClass.objects.filter(pk=OuterRef("makeup_id"), teacher=OuterRef("user_id"))
    known = ClassNotice.objects.filter(user=OuterRef("user_id"), live_class_id=OuterRef("makeup_id"))
    concerned = Q(Exists(members)) | Q(Exists(teaches))
    return cancellations.annotate(makeup_id=Subquery(makeup)).filter(concerned, ~Exists(known))


def _as_told(now: datetime.datetime) -> QuerySet[LiveClass]:
    return LiveClass.objects.filter(
        TAKES_PLACE,
        pk=OuterRef("live_class_id"),
        starting_at=OuterRef("starting_at"),
        ending_at=OuterRef("ending_at"),
        cohort=OuterRef("cohort_id"),
        starting_at__gt=now - LATEST_MOVE,  # as the notices compared: past classes need not be read
    )


def _to_come(now: datetime.datetime) -> QuerySet[LiveClass]:
    return LiveClass.objects.filter(TAKES_PLACE, pk=OuterRef("live_class_id"), starting_at__gt=now)


def recipients_of(live_class: LiveClass, notices: Iterable[ClassNotice]) -> set[int | None]:
    """Those of the notices' users whom the class concerns: of its cohort (rule L7), and its substitute (rule P4)."""
    users = [notice.user_id for notice in notices]
    members = memberships_with_access().filter(cohort__time_slots=live_class.cohort_time_slot_id, user__in=users)
    return {*members.values_list("user_id", flat=True), live_class.teacher_id}


def count_users_to_correct(live_class: LiveClass, *, now: datetime.datetime, current: ClassTime | None = None) -> int:
    """How many users were told something of the class that does not hold any more, and are sent a mail about it (N2).

    `current`: what would hold, in place of the class as it is. Of a make-up class, also who was told that
    the class is off that it replaces (rule P5). Two statements, or three. Reads its cohort.
    """
    notices = list(ClassNotice.objects.filter(live_class_id=live_class.pk, user__is_active=True))
    recipients, current = recipients_of(live_class, notices), current or ClassTime.of(live_class)
    due = {
        notice.user_id
        for notice in notices
        if next_notice(ClassTime.channels_of(notice), current, is_recipient=notice.user_id in recipients, now=now)
    }
    if live_class.replaces_id is not None:
        due |= set(cancellations_with_makeup(now=now).filter(makeup_id=live_class.pk).values_list("user_id", flat=True))
    return len(due)


def record_notices(notices: Sequence[ClassNotice], *, mailed: bool) -> None:
    """Keeps what is being told, in the caller's transaction: one statement, in the order in which rows are locked.

    `mailed`: by a reminder or correction, whose number `mail_count` is. The calendar leaves it as it is.
    """
    kept = {"live_class_id", "user"} | (set() if mailed else {"mail_count"})
    fields = [field.name for field in ClassNotice._meta.concrete_fields if not field.primary_key]
    ClassNotice.objects.bulk_create(
        sorted(notices, key=lambda notice: (notice.live_class_id, notice.user_id)),
        update_conflicts=True,
        unique_fields=["live_class_id", "user"],
        update_fields=[name for name in fields if name not in kept],
    )


def forget_calendar_notices(*, user_id: int, class_ids: Iterable[int]) -> None:
    """Drops what the calendar alone told, where the class was taken out of it and the user knows."""
    ClassNotice.objects.filter(user=user_id, live_class_id__in=list(class_ids), mail_count=0).delete()


def delete_past_notices(*, now: datetime.datetime) -> int:
    """Drops what was told of classes that are long over."""
    return ClassNotice.objects.filter(starting_at__lt=now - RETENTION).delete()[0]


def cohort_members() -> QuerySet[CohortUser]:
    """Who is reminded of a cohort's classes: everybody who sees them but reviewers."""
    return memberships_with_access().filter(user__is_active=True).exclude(role=CohortUser.Role.REVIEWER)
