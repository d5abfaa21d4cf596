"""Calendar invitations by mail (RFC 5546 and 6047), for users who opted in.

Level-triggered: `CalendarInvitation` keeps what each calendar was sent last, and every sweep asks the database where
that differs from what is, among the cohorts and users that changed (decision 17). What was sent and its mail are one
transaction, so a killed worker or a second one neither loses nor doubles a message. Decision record 0008 says why a
mail looks as it does.
"""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from breathecode.admissions.domain.enrolment import memberships_with_access
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.calendars.domain.mails import LINK, invitation_mail
from breathecode.calendars.domain.notices import Notice, NoticeKind, notices
from breathecode.calendars.domain.objects import CalendarEntry, read_entries
from breathecode.calendars.models import CalendarInvitation, CalendarPreference, InvitationWindow
from breathecode.common.db.pending_checks import Scope, Task, check_users, scopes
from breathecode.common.models import lock
from breathecode.common.text import one_line
from breathecode.events.domain.class_notices import forget_calendar_notices, record_notices
from breathecode.events.domain.queries import concerned_by
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.domain.outbox import queue_mails

# A cohort whose classes changed later than this ago is left alone: a build and its corrections give one mail.
SETTLE_TIME = datetime.timedelta(minutes=2)
# Unless the class begins too soon to wait for that.
URGENT = datetime.timedelta(hours=1)
# Mail servers limit the parts of a mail (Exchange: 250, once 125). What is left over goes with the next sweep.
MAX_CLASSES = 100
# For as long as a class may still be moved into the future and be known again; it is closed long before.
RETENTION = datetime.timedelta(days=30)


def end_of_window(now: datetime.datetime) -> datetime.datetime:
    """Up to when classes are sent: the end (in UTC) of the month after next, so 59 to 92 days ahead.

    A window of so many days would move daily, and bring a cohort with daily classes a mail every day. This one
    moves once a month: a course of two years is sent in 24 mails.
    """
    today = now.astimezone(datetime.UTC)
    months = today.year * 12 + today.month - 1 + 3
    return datetime.datetime(months // 12, months % 12 + 1, 1, tzinfo=datetime.UTC)


def due_recipients(*, now: datetime.datetime) -> list[tuple[int, int]]:
    """The ids of user and cohort, where a calendar differs from what is, and the cohort has come to rest or must not
    wait for it: of the cohorts and users that changed since they were last compared."""
    due = (at_rest(differing(scope, now=now), now=now) for scope in scopes(Task.INVITATIONS))
    return sorted({pair for pairs in due for pair in pairs})


def differing(scope: Scope, *, now: datetime.datetime) -> dict[tuple[int, int], bool]:
    """The ids of user and cohort, where a calendar differs from what is; and whether it must be sent at once."""
    due: dict[tuple[int, int], bool] = {}
    for user_id, cohort_id, starting_at in [*_not_yet_sent(scope, now), *_stale(scope, now)]:
        pair = (user_id, cohort_id)
        due[pair] = due.get(pair, False) or starting_at <= now + URGENT
    return due


def at_rest(due: dict[tuple[int, int], bool], *, now: datetime.datetime) -> list[tuple[int, int]]:
    """Those that are urgent, or whose cohort has come to rest."""
    waiting = {cohort_id for (_user_id, cohort_id), is_urgent in due.items() if not is_urgent}
    changing = _recently_changed(waiting, now)
    return sorted(pair for pair, is_urgent in due.items() if is_urgent or pair[1] not in changing)


def check_window(*, now: datetime.datetime) -> None:
    """Has all calendars compared where `end_of_window` has moved on since the last call."""
    ends_at = end_of_window(now)
    if InvitationWindow.objects.filter(pk=InvitationWindow.ONLY, ends_at=ends_at).exists():
        return
    with transaction.atomic():
        wanted = CalendarPreference.objects.filter(calendar_invitations=True)
        check_users(Task.INVITATIONS, wanted.values_list("user_id", flat=True))
        InvitationWindow.objects.update_or_create(pk=InvitationWindow.ONLY, defaults={"ends_at": ends_at})


def sent_by_calendar(now: datetime.datetime, *, class_id: str = "live_class_id") -> Q:
    """Of class notices: what the calendar is going to correct, so that no other mail needs to (rule N2).

    Users who turned invitations off get a withdrawal there, which says nothing of the class: what mails told them is
    corrected by mail, whichever sweep comes first.
    `class_id` is the field or annotation with the id of the class that the mail would be about.
    """
    sent = CalendarInvitation.objects.filter(
        user=OuterRef("user_id"), class_id=OuterRef(class_id), withdrawn=False, starting_at__gt=now
    )
    slots = "cohort__live_classes"
    to_be_sent = _invited().filter(
        concerned_by(slots),
        **{
            f"{slots}__starting_at__gt": now,
            f"{slots}__starting_at__lt": end_of_window(now),
            f"{slots}__cancelled_at": None,
            slots: OuterRef(class_id),
        },
        user=OuterRef("user_id"),
    )
    as_substitute = _substitutes().filter(
        pk=OuterRef(class_id),
        teacher=OuterRef("user_id"),
        starting_at__gt=now,
        starting_at__lt=end_of_window(now),
        cancelled_at=None,
    )
    wanted = CalendarPreference.objects.filter(user=OuterRef("user_id"), calendar_invitations=True)
    in_calendar = Q(Exists(sent)) & (Q(mail_count=0) | Q(Exists(wanted)))
    return in_calendar | Q(Exists(to_be_sent)) | Q(Exists(as_substitute))


def _invited() -> QuerySet[CohortUser]:
    """The memberships that bring classes to a calendar: rule L7, for those who switched it on."""
    asked = memberships_with_access().filter(user__is_active=True, user__calendar_preference__calendar_invitations=True)
    return asked.exclude(cohort__stage=Cohort.Stage.DELETED)


def _substitutes() -> QuerySet[LiveClass]:
    """The classes that come to a substitute's calendar (rule P4), for those who switched it on."""
    asked = LiveClass.objects.filter(teacher__is_active=True, teacher__calendar_preference__calendar_invitations=True)
    return asked.exclude(cohort__stage=Cohort.Stage.DELETED)


def _not_yet_sent(scope: Scope, now: datetime.datetime) -> Iterable[Any]:
    """User, cohort and earliest start, where a coming class is not in a calendar as it is."""
    classes = "cohort__live_classes"
    members = _invited().filter(concerned_by(classes), **scope.within())
    substitutes = _substitutes().filter(**scope.within(user="teacher"))
    return [
        *_missing(members, user="user", class_=f"{classes}__", cohort="cohort", now=now),
        *_missing(substitutes, user="teacher", class_="", cohort="cohort", now=now),
    ]


def _missing(rows: QuerySet[Any], *, user: str, class_: str, cohort: str, now: datetime.datetime) -> Iterable[Any]:
    """`user`, `class_` and `cohort` are the lookup paths of these rows."""
    sent = CalendarInvitation.objects.filter(
        user=OuterRef(f"{user}_id"),
        class_id=OuterRef("class_id"),
        title=OuterRef("class_title"),
        starting_at=OuterRef("starts"),
        ending_at=OuterRef("ends"),
        email=OuterRef(f"{user}__email"),
        withdrawn=False,
        starting_at__gt=now,
    )
    coming: QuerySet[Any, Any] = rows.annotate(
        class_id=F(f"{class_}id"),
        class_title=Coalesce(NullIf(f"{class_}title", Value("")), f"{cohort}__name"),
        starts=F(f"{class_}starting_at"),
        ends=F(f"{class_}ending_at"),
        cancelled=F(f"{class_}cancelled_at"),
    )
    coming = coming.filter(starts__gt=now, starts__lt=end_of_window(now), cancelled__isnull=True)
    missing = coming.exclude(Exists(sent)).values_list(f"{user}_id", f"{cohort}_id")
    due: Iterable[Any] = missing.annotate(first=Min("starts"))
    return due


def _stale(scope: Scope, now: datetime.datetime) -> Iterable[Any]:
    """User, cohort and start, where a coming class is in a calendar otherwise than it is, or should not be there.

    In three parts, one for each reason: joined by OR, the database would look each invitation up for itself.
    """
    as_sent = LiveClass.objects.annotate(shown_title=Coalesce(NullIf("title", Value("")), "cohort__name")).filter(
        pk=OuterRef("class_id"),
        shown_title=OuterRef("title"),
        starting_at=OuterRef("starting_at"),
        ending_at=OuterRef("ending_at"),
        starting_at__gt=now,
        cancelled_at__isnull=True,
    )
    classes = "cohort__live_classes"
    invited = _invited().filter(
        concerned_by(classes),
        **{classes: OuterRef("class_id"), f"{classes}__starting_at__gt": now},
        user=OuterRef("user_id"),
    )
    substituted = _substitutes().filter(pk=OuterRef("class_id"), teacher=OuterRef("user_id"), starting_at__gt=now)
    sent = CalendarInvitation.objects.filter(**scope.within())
    current = sent.filter(withdrawn=False, starting_at__gt=now, user__is_active=True)
    to_another_address, otherwise, not_invited = (
        part.values_list("user_id", "cohort_id", "starting_at")
        for part in (
            current.exclude(email=F("user__email")),
            current.exclude(Exists(as_sent)),
            current.exclude(Q(Exists(invited)) | Q(Exists(substituted))),
        )
    )
    return to_another_address.union(otherwise, not_invited)


def _recently_changed(cohort_ids: Collection[int], now: datetime.datetime) -> set[int]:
    """Those of the cohorts whose classes or time slots changed within the settle time."""
    if not cohort_ids:
        return set()
    # That a class starts or ends changes no calendar.
    to_come = LiveClass.objects.filter(started_at__isnull=True, ended_at__isnull=True)
    classes = to_come.filter(cohort_id__in=cohort_ids, updated_at__gt=now - SETTLE_TIME)
    # A slot that is removed may leave no class behind to say when.
    slots = CohortTimeSlot.objects.filter(cohort_id__in=cohort_ids, updated_at__gt=now - SETTLE_TIME)
    changed = classes.values_list("cohort_id", flat=True).distinct()
    return {*changed, *slots.values_list("cohort_id", flat=True)}


def send_invitations(*, user_id: int, cohort_id: int, now: datetime.datetime) -> int:
    """One mail with all that one calendar lacks of one cohort; the number of classes in it."""
    with transaction.atomic():
        lock(User, user_id)  # the second of two sweeps waits here, and then finds nothing to send
        user = User.objects.filter(pk=user_id, is_active=True).first()
        cohort = Cohort.objects.select_related("academy").filter(pk=cohort_id).first()
        if user is None or cohort is None:
            return 0
        found = _notices(user, cohort, now)[:MAX_CLASSES]
        if found:
            _record(found, user, cohort, now=now)
            queue_mails([invitation_mail(found, user=user, cohort=cohort, now=now)])
    return len(found)


def _notices(user: User, cohort: Cohort, now: datetime.datetime) -> list[Notice]:
    own = CalendarInvitation.objects.filter(user=user)
    current = {row.class_id: row for row in own.filter(cohort=cohort, withdrawn=False, starting_at__gt=now)}
    entries = _entries(cohort, current, now)
    ids = [entry.id for entry in entries]
    known = ClassNotice.objects.filter(user=user, live_class_id__in=ids)
    return notices(
        entries,
        last_sent=current | {row.class_id: row for row in own.filter(class_id__in=ids)},
        known={row.live_class_id: row for row in known},
        cohort=cohort,
        invited=_invited_to(user, cohort, ids),
        email=user.email,
        now=now,
    )


def _invited_to(user: User, cohort: Cohort, ids: Collection[int]) -> set[int]:
    """Those of the cohort's classes that the user's calendar is to have."""
    classes = "cohort__live_classes"
    member = _invited().filter(concerned_by(classes), user=user, cohort=cohort, **{f"{classes}__in": ids})
    substituted = _substitutes().filter(pk__in=ids, teacher=user)
    return {*member.values_list(classes, flat=True), *substituted.values_list("pk", flat=True)}


def _entries(cohort: Cohort, sent: Collection[int], now: datetime.datetime) -> list[CalendarEntry]:
    within = Q(starting_at__gt=now, starting_at__lt=end_of_window(now))
    classes = LiveClass.objects.filter(within | Q(pk__in=sent), cohort=cohort)
    return read_entries(classes)


def _record(found: list[Notice], user: User, cohort: Cohort, *, now: datetime.datetime) -> None:
    rows = [
        CalendarInvitation(
            user=user,
            cohort=cohort,
            class_id=notice.entry.id,
            hash=notice.entry.hash,
            email=user.email,
            title=notice.entry.title,
            starting_at=notice.entry.starting_at,
            ending_at=notice.entry.ending_at,
            sequence=notice.entry.sequence,
            withdrawn=notice.kind is NoticeKind.CANCELLED,
            sent_at=now,
        )
        for notice in found
    ]
    written = [field.name for field in CalendarInvitation._meta.concrete_fields if not field.primary_key]
    key = ["user", "class_id"]
    CalendarInvitation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=[name for name in written if name not in key]
    )
    record_notices(
        [_class_notice(notice, user, cohort, now=now) for notice in found if notice.is_news_of_the_class], mailed=False
    )
    # Sweeps of other workers do not see yet what is sent now, and may have settled a change that makes it wrong.
    for task in (Task.INVITATIONS, Task.CORRECTIONS):
        check_users(task, [user.pk])
    forget_calendar_notices(
        user_id=user.pk, class_ids=[notice.entry.id for notice in found if not notice.is_news_of_the_class]
    )


def _class_notice(notice: Notice, user: User, cohort: Cohort, *, now: datetime.datetime) -> ClassNotice:
    cancelled = notice.kind is NoticeKind.CANCELLED
    # A cancellation is of the time that the user knows.
    time = notice.last_sent if cancelled and notice.last_sent else notice.entry
    return ClassNotice(
        user=user,
        cohort=cohort,
        live_class_id=notice.entry.id,
        hash=notice.entry.hash,
        title=one_line(notice.entry.title),
        starting_at=time.starting_at,
        ending_at=time.ending_at,
        cancelled=cancelled,
        channel=ClassNotice.Channel.CALENDAR,
        sent_at=now,
    )


def delete_past(*, now: datetime.datetime) -> int:
    """Drops what was sent about classes that are long over."""
    return CalendarInvitation.objects.filter(starting_at__lt=now - RETENTION).delete()[0]


def save_preference(*, user_id: int, fields: dict[str, bool]) -> CalendarPreference:
    return CalendarPreference.objects.update_or_create(user_id=user_id, defaults=fields)[0]


def unsubscribe(key: str) -> bool:
    """Turns invitations off for the user of the link; False for a key that is not valid."""
    user_id = LINK.user_id(key)
    if user_id is not None:
        save_preference(user_id=user_id, fields={"calendar_invitations": False})
    return user_id is not None
