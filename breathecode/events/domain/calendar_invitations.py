"""Classes that come to people's calendars by mail (RFC 5546 and 6047), for those who asked for it.

Level-triggered: `CalendarInvitation` keeps what each calendar was told last, and every sweep asks the database where
that differs from what is. What was told and its mail are one transaction, so a killed worker or a second one neither
loses nor doubles a message. Decision record 0008 tells why a mail looks as it does.
"""

import datetime
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import User
from breathecode.common.models import lock
from breathecode.events.domain.calendar_objects import CalendarEntry, read_entries
from breathecode.events.domain.invitation_mails import LINK, invitation_mail
from breathecode.events.domain.invitation_notices import Notice, Word, notices
from breathecode.events.domain.queries import parts_that_see
from breathecode.events.models import CalendarInvitation, CalendarPreference, LiveClass
from breathecode.notify.domain.outbox import queue_mails

# A cohort whose classes changed later than this ago is left alone: a build and its corrections give one mail.
QUIET = datetime.timedelta(minutes=2)
# Mail servers limit the parts of a mail (Exchange: 250, once 125). What is left over goes with the next sweep.
MOST_CLASSES = 100
# For as long as a class may still be moved into the future and be known again; it is closed long before.
KEPT = datetime.timedelta(days=30)


def end_of_window(now: datetime.datetime) -> datetime.datetime:
    """Up to when classes are told of: the end (in UTC) of the month after next, so 59 to 92 days ahead.

    A window of so many days would move daily, and bring a cohort with daily classes a mail every day. This one
    moves once a month: a course of two years is told in 24 mails.
    """
    today = now.astimezone(datetime.UTC)
    months = today.year * 12 + today.month - 1 + 3
    return datetime.datetime(months // 12, months % 12 + 1, 1, tzinfo=datetime.UTC)


def people_to_tell(*, now: datetime.datetime) -> list[tuple[int, int]]:
    """The ids of person and cohort, where what was told differs from what is and the cohort has come to rest."""
    pairs = set(_untold(now)) | set(_outdated(now))
    restless = _restless({cohort_id for _user_id, cohort_id in pairs}, now)
    return sorted(pair for pair in pairs if pair[1] not in restless)


def _invited() -> QuerySet[CohortUser]:
    """The parts in cohorts that bring classes to a calendar: rule L7, for those who switched it on."""
    asked = parts_that_see().filter(user__is_active=True, user__calendar_preference__calendar_invitations=True)
    return asked.exclude(cohort__stage=Cohort.Stage.DELETED)


def _untold(now: datetime.datetime) -> QuerySet[CohortUser, tuple[int, int]]:
    """Where a coming class does not stand in a calendar as it is."""
    classes = "cohort__time_slots__live_classes__"
    told = CalendarInvitation.objects.filter(
        user=OuterRef("user_id"),
        class_id=OuterRef("class_id"),
        title=OuterRef("class_title"),
        starting_at=OuterRef("starts"),
        ending_at=OuterRef("ends"),
        email=OuterRef("user__email"),
        withdrawn=False,
    )
    coming = _invited().annotate(
        class_id=F(f"{classes}id"),
        class_title=Coalesce(NullIf(f"{classes}title", Value("")), "cohort__name"),
        starts=F(f"{classes}starting_at"),
        ends=F(f"{classes}ending_at"),
        cancelled=F(f"{classes}cancelled_at"),
    )
    coming = coming.filter(starts__gt=now, starts__lt=end_of_window(now), cancelled__isnull=True)
    return coming.exclude(Exists(told)).values_list("user_id", "cohort_id").distinct()


def _outdated(now: datetime.datetime) -> QuerySet[CalendarInvitation, tuple[int, int]]:
    """Where a coming class stands in a calendar otherwise than it is, or should not stand there."""
    as_told = LiveClass.objects.annotate(
        shown_title=Coalesce(NullIf("title", Value("")), "cohort_time_slot__cohort__name")
    ).filter(
        Exists(_invited().filter(user=OuterRef(OuterRef("user_id")), cohort=OuterRef("cohort_time_slot__cohort_id"))),
        pk=OuterRef("class_id"),
        shown_title=OuterRef("title"),
        starting_at=OuterRef("starting_at"),
        ending_at=OuterRef("ending_at"),
        cancelled_at__isnull=True,
    )
    standing = CalendarInvitation.objects.filter(withdrawn=False, starting_at__gt=now, user__is_active=True)
    wrong = standing.filter(~Q(email=F("user__email")) | ~Exists(as_told))
    return wrong.values_list("user_id", "cohort_id").distinct()


def _restless(cohort_ids: Collection[int], now: datetime.datetime) -> set[int]:
    """Those of the cohorts whose classes or time slots have just been changed."""
    if not cohort_ids:
        return set()
    classes = LiveClass.objects.filter(cohort_time_slot__cohort_id__in=cohort_ids, updated_at__gt=now - QUIET)
    # A slot that is removed leaves no class behind to tell when.
    slots = CohortTimeSlot.objects.filter(cohort_id__in=cohort_ids, updated_at__gt=now - QUIET)
    changed = classes.values_list("cohort_time_slot__cohort_id", flat=True).distinct()
    return {*changed, *slots.values_list("cohort_id", flat=True)}


def tell(*, user_id: int, cohort_id: int, now: datetime.datetime) -> int:
    """One mail with all that one person has to know about one cohort; the number of classes in it."""
    with transaction.atomic():
        lock(User, user_id)  # the second of two sweeps waits here, and then finds nothing to tell
        person = User.objects.filter(pk=user_id, is_active=True).first()
        cohort = Cohort.objects.select_related("academy").defer("history_log").filter(pk=cohort_id).first()
        if person is None or cohort is None:
            return 0
        found = _notices(person, cohort, now)[:MOST_CLASSES]
        if found:
            _remember(found, person, cohort, now=now)
            queue_mails([invitation_mail(found, person=person, cohort=cohort, now=now)])
    return len(found)


def _notices(person: User, cohort: Cohort, now: datetime.datetime) -> list[Notice]:
    own = CalendarInvitation.objects.filter(user=person)
    standing = {row.class_id: row for row in own.filter(cohort=cohort, withdrawn=False, starting_at__gt=now)}
    entries = _entries(cohort, standing, now)
    known = own.filter(class_id__in=[entry.id for entry in entries])
    return notices(
        entries,
        told=standing | {row.class_id: row for row in known},
        cohort=cohort,
        welcome=_invited().filter(user=person, cohort=cohort).exists(),
        email=person.email,
        now=now,
    )


def _entries(cohort: Cohort, standing: Collection[int], now: datetime.datetime) -> list[CalendarEntry]:
    within = Q(starting_at__gt=now, starting_at__lt=end_of_window(now))
    classes = LiveClass.objects.filter(within | Q(pk__in=standing), cohort_time_slot__cohort=cohort)
    return read_entries(classes)


def _remember(found: list[Notice], person: User, cohort: Cohort, *, now: datetime.datetime) -> None:
    rows = [
        CalendarInvitation(
            user=person,
            cohort=cohort,
            class_id=notice.entry.id,
            hash=notice.entry.hash,
            email=person.email,
            title=notice.entry.title,
            starting_at=notice.entry.starting_at,
            ending_at=notice.entry.ending_at,
            sequence=notice.entry.sequence,
            withdrawn=notice.word is Word.GONE,
            told_at=now,
        )
        for notice in found
    ]
    written = [field.name for field in CalendarInvitation._meta.concrete_fields if not field.primary_key]
    key = ["user", "class_id"]
    CalendarInvitation.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=[name for name in written if name not in key]
    )


def forget_past(*, now: datetime.datetime) -> int:
    """Drops what was told about classes that are long over."""
    return CalendarInvitation.objects.filter(starting_at__lt=now - KEPT).delete()[0]


def save_preference(*, user_id: int, fields: dict[str, bool]) -> CalendarPreference:
    return CalendarPreference.objects.update_or_create(user_id=user_id, defaults=fields)[0]


def unsubscribe(key: str) -> bool:
    """Turns invitations off for the person of the link; False for a key that is none."""
    user_id = LINK.user_id(key)
    if user_id is not None:
        save_preference(user_id=user_id, fields={"calendar_invitations": False})
    return user_id is not None
