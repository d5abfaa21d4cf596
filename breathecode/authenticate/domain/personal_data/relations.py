"""Every table that refers to a user, and what becomes of its rows when the user is erased (rule O8).

By name, since accounts cannot import the apps above them. A relation that is missing here fails a test.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import ForeignKey, Model, Q, QuerySet

from breathecode.authenticate.models import User
from breathecode.notify.models import OutgoingMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """Rows are deleted, or `cleared` gives some of their fields other values in the rows that `where` selects."""

    delete: bool = False
    cleared: dict[str, Any] = field(default_factory=dict)
    where: dict[str, Any] = field(default_factory=dict)


KEEP = Treatment()
DELETE = Treatment(delete=True)
# By app, model and field. What sums are made of is kept: it names the user by their id alone.
TREATMENTS = {
    "admin.logentry.user": KEEP,
    "authenticate.token.user": DELETE,
    "authenticate.academymember.user": DELETE,
    "authenticate.invitation.user": DELETE,
    # Else an erased student would be expected in each class to come, and be absent (rule A5).
    "admissions.cohortuser.user": Treatment(
        cleared={"educational_status": "DROPPED"},
        where={"role": "STUDENT", "educational_status__in": ["ACTIVE", "POSTPONED", "SUSPENDED"]},
    ),
    "admissions.enrolmentperiod.user": KEEP,
    "attendance.attendance.user": KEEP,
    "attendance.attendance.recorded_by": KEEP,
    "attendance.attendancechange.user": KEEP,
    "attendance.attendancechange.changed_by": KEEP,
    "attendance.daymark.user": KEEP,
    "calendars.calendarinvitation.user": DELETE,
    "calendars.calendarpreference.user": DELETE,
    "events.classjoin.user": KEEP,
    "events.classnotice.user": DELETE,
    "events.liveclass.teacher": KEEP,
    # Comments by them, and about them as a teacher; the scores stay.
    "feedback.answer.user": Treatment(cleared={"comment": ""}),
    "feedback.answer.teacher": Treatment(cleared={"comment": ""}),
    "feedback.surveylink.user": DELETE,
    "history.change.by": KEEP,
    "jobs.job.created_by": KEEP,
    "notify.outgoingmail.user": DELETE,  # see also `mails_to`
    "reminders.reminderpreference.user": DELETE,
}


def relations() -> "Iterator[tuple[str, ForeignKey[Any, Any]]]":
    """The foreign keys to users, by app, model and field; without Django's tables of groups and permissions."""
    for relation in User._meta.get_fields(include_hidden=True):
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            key: Any = relation.field  # type: ignore[union-attr]
            if not key.model._meta.auto_created:
                yield f"{key.model._meta.label_lower}.{key.name}", key


def mails_to(user: User, address: str) -> QuerySet[OutgoingMail]:
    """Mails for this user, whatever their address was, and all others to `address`, in any letter case."""
    return OutgoingMail.objects.filter(Q(user=user.pk) | Q(to__iexact=address)).order_by("pk")


def rows_of(user: User, key: "ForeignKey[Any, Any]") -> "QuerySet[Model]":
    return key.model._default_manager.filter(**{key.name: user}).order_by("pk")
