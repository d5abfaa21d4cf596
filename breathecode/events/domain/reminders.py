"""Mails before a class, and corrections where a class that was announced moves or is cancelled.

Both are level-triggered: every minute the database is asked which classes are near and not announced for the
time they have now, and which announcements no longer hold. An announcement and its mails are one transaction,
so a killed worker or a second one neither loses nor doubles them.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import formats, timezone, translation

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.common.languages import supported_language
from breathecode.events.domain.rows import join_url
from breathecode.events.domain.unsubscribing import UnsubscribeLink
from breathecode.events.models import Announcement, LiveClass, ReminderPreference, ReminderSettings
from breathecode.notify.domain.outbox import Mail, queue_mails

Kind = Announcement.Kind
HOUR = datetime.timedelta(hours=1)
LINK = UnsubscribeLink("/reminders/off", salt="breathecode.reminders")


@dataclass(frozen=True, slots=True)
class Window:
    """When a reminder may go out: this long before the start at the earliest and at the latest."""

    earliest: datetime.timedelta
    latest: datetime.timedelta
    setting: str
    default: bool


# A class made or moved at short notice skips the day's reminder; a sweep that was down an hour still sends it.
WINDOWS = {
    Kind.DAY_BEFORE: Window(24 * HOUR, 12 * HOUR, "day_before", default=False),
    Kind.QUARTER_HOUR_BEFORE: Window(HOUR / 4, 0 * HOUR, "quarter_hour_before", default=True),
}


def classes_to_announce(kind: str, *, now: datetime.datetime) -> QuerySet[LiveClass]:
    """Classes within the window of this kind that nobody was told of for the time they have now."""
    window = WINDOWS[Kind(kind)]
    standing = Announcement.objects.filter(kind=kind, corrected_at__isnull=True)
    told = standing.filter(starting_at=F("live_class__starting_at")).values("live_class_id")
    return (
        LiveClass.objects.filter(
            starting_at__gt=now + window.latest,
            starting_at__lte=now + window.earliest,
            cancelled_at__isnull=True,
            ended_at__isnull=True,
        )
        .exclude(pk__in=told)
        .exclude(cohort_time_slot__cohort__stage=Cohort.Stage.DELETED)
    )


def people_to_remind(live_class: LiveClass, kind: str) -> list[User]:
    """Everybody with a part in the class who wants this reminder: their own word, else the academy's."""
    window = WINDOWS[Kind(kind)]
    cohort = live_class.cohort_time_slot.cohort
    chosen = (
        ReminderSettings.objects.filter(academy_id=cohort.academy_id).values_list(window.setting, flat=True).first()
    )
    wanted = window.default if chosen is None else chosen
    away = Q(role=CohortUser.Role.STUDENT, educational_status__in=CohortUser.AWAY)
    parts = CohortUser.objects.filter(cohort=cohort).exclude(away).exclude(role=CohortUser.Role.REVIEWER)
    people = User.objects.filter(pk__in=parts.values("user_id"), is_active=True)
    own = f"reminder_preference__{window.setting}"
    if wanted:
        return list(people.exclude(pk__in=User.objects.filter(**{own: False}).values("pk")).order_by("pk"))
    return list(people.filter(**{own: True}).order_by("pk"))


def announce(*, live_class_id: int, kind: str, now: datetime.datetime) -> int:
    """Announces a class once for the time it has now; the number of people told. 0 for the second of two callers."""
    classes = classes_to_announce(kind, now=now).filter(pk=live_class_id)
    live_class = classes.select_related("cohort_time_slot__cohort__academy").first()
    if live_class is None:
        return 0
    people = people_to_remind(live_class, kind)
    try:
        with transaction.atomic():
            announcement = Announcement.objects.create(
                live_class=live_class,
                kind=kind,
                starting_at=live_class.starting_at,
                recipients=[person.pk for person in people],
                announced_at=now,
            )
            queue_mails([_mail(announcement, live_class, person, "class_reminder") for person in people])
    except IntegrityError:  # another announced it at the same moment
        return 0
    return len(people)


def announcements_to_correct(*, now: datetime.datetime) -> QuerySet[Announcement]:
    """Announcements of classes that were cancelled, or moved to another time, before the time that was told."""
    wrong = Q(live_class__cancelled_at__isnull=False) | ~Q(live_class__starting_at=F("starting_at"))
    return Announcement.objects.filter(wrong, corrected_at__isnull=True, starting_at__gt=now - HOUR)


def correct(*, announcement_id: int, now: datetime.datetime) -> int:
    """Tells those who were told; the number of people. Each announcement is corrected once."""
    with transaction.atomic():
        waiting = announcements_to_correct(now=now).filter(pk=announcement_id)
        related = waiting.select_related("live_class__cohort_time_slot__cohort__academy")
        announcement = related.select_for_update(of=("self",)).first()
        if announcement is None:
            return 0
        announcement.corrected_at = now
        announcement.save(update_fields=["corrected_at"])
        live_class = announcement.live_class
        if _told_again(announcement):  # of the same time, by the other kind of reminder's correction
            return 0
        people = list(User.objects.filter(pk__in=announcement.recipients, is_active=True).order_by("pk"))
        template = "class_cancelled" if live_class.cancelled_at else "class_moved"
        queue_mails([_mail(announcement, live_class, person, template) for person in people])
        return len(people)


def _told_again(announcement: Announcement) -> bool:
    others = Announcement.objects.filter(
        live_class=announcement.live_class_id, starting_at=announcement.starting_at, corrected_at__isnull=False
    ).exclude(pk=announcement.pk)
    return any(set(announcement.recipients) <= set(other.recipients) for other in others)


def call_off(live_class: LiveClass, *, now: datetime.datetime) -> None:
    """For a class that is about to be deleted, in the caller's transaction: tells those who were told of it, once."""
    related = live_class.announcements.select_related("live_class__cohort_time_slot__cohort__academy")
    mails: dict[int, Mail] = {}  # one a person, however many kinds of reminders told them
    for announcement in related.filter(corrected_at__isnull=True, starting_at__gt=now - HOUR).order_by("pk"):
        for person in User.objects.filter(pk__in=announcement.recipients, is_active=True):
            mails[person.pk] = _mail(announcement, announcement.live_class, person, "class_cancelled")
    if mails:
        queue_mails(list(mails.values()))


def _mail(announcement: Announcement, live_class: LiveClass, person: User, template: str) -> Mail:
    cohort = live_class.cohort_time_slot.cohort
    language = supported_language(person.language, cohort.language)
    return Mail(
        purpose=f"{template}:{announcement.pk}:{person.pk}",
        to=person.email,
        template=template,
        language=language,
        context={
            "name": person.first_name,
            "title": live_class.title or cohort.name,
            "cohort": cohort.name,
            "academy": cohort.academy.name,
            "times": list(_times(live_class.starting_at, person, live_class, language)),
            "told_times": list(_times(announcement.starting_at, person, live_class, language)),
            "reason": live_class.cancel_reason,
            "link": join_url(live_class.hash),
            "unsubscribe_url": LINK.url(person),
        },
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
        headers=LINK.headers(person),
    )


def _times(at: datetime.datetime, person: User, live_class: LiveClass, language: str) -> Iterable[dict[str, Any]]:
    """The time in the reader's zone and in the class's; once where they are the same."""
    own = live_class.cohort_time_slot.timezone
    with translation.override(language):
        for zone in dict.fromkeys((person.timezone or own, own)):
            local = timezone.localtime(at, ZoneInfo(zone))
            yield {"when": formats.date_format(local, "DATETIME_FORMAT"), "zone": zone}


def unsubscribe(key: str) -> bool:
    """Turns all reminders off for the person of the link; False for a key that is none."""
    user_id = LINK.user_id(key)
    if user_id is not None:
        save_preference(user_id=user_id, fields={"day_before": False, "quarter_hour_before": False})
    return user_id is not None


def save_preference(*, user_id: int, fields: dict[str, bool | None]) -> ReminderPreference:
    return ReminderPreference.objects.update_or_create(user_id=user_id, defaults=fields)[0]


def save_settings(*, academy_id: int, fields: dict[str, bool]) -> ReminderSettings:
    return ReminderSettings.objects.update_or_create(academy_id=academy_id, defaults=fields)[0]
