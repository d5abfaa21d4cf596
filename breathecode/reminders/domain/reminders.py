"""Mails before a class, and corrections where what they said no longer holds (rules N1, N2).

Both are level-triggered: every sweep asks the database whom a reminder is due to, and which notices are wrong by now
(`class_notices`). A notice and its mail are one transaction under the class's lock, so a killed worker or a second one
neither loses nor repeats them.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.calendars.domain.invitations import sent_by_calendar
from breathecode.common.db.pending_checks import Task, check_users, scopes
from breathecode.common.models import lock
from breathecode.common.text import one_line
from breathecode.events.domain import class_notices
from breathecode.events.domain.class_notices import ClassTime, Correction, next_notice
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.domain.outbox import Mail, queue_mails
from breathecode.reminders.domain.due import WINDOWS, reminders_due
from breathecode.reminders.domain.mails import LINK, lead_of, notice_mail
from breathecode.reminders.models import ReminderPreference, ReminderSettings

Channel = ClassNotice.Channel


def remind(*, live_class_id: int, kind: str, now: datetime.datetime) -> int:
    """Reminds those to whom a reminder of this class is due; the number of mails. 0 for the second of two callers."""
    return remind_of_classes(live_class_ids=[live_class_id], kind=kind, now=now)


@transaction.atomic
def remind_of_classes(*, live_class_ids: Collection[int], kind: str, now: datetime.datetime) -> int:
    """The same for several classes, in one transaction, in as many statements as for one."""
    lock(LiveClass, *live_class_ids)
    parts = reminders_due(kind, class_ids=live_class_ids, now=now)
    due = sorted({pair for part in parts for pair in part.values_list("class_id", "recipient")})
    if not due:
        return 0
    class_ids, user_ids = {class_id for class_id, _user_id in due}, {user_id for _class_id, user_id in due}
    classes, users = _with_related().in_bulk(class_ids), User.objects.in_bulk(user_ids)
    rows = ClassNotice.objects.filter(live_class_id__in=class_ids, user__in=user_ids)
    known = {(row.live_class_id, row.user_id): row for row in rows}
    notices = [_notice(classes[pk], users[user], known.get((pk, user)), now=now) for pk, user in due]
    _send(notices, [_reminder(notice, classes[notice.live_class_id], now=now) for notice in notices])
    return len(notices)


def _reminder(notice: ClassNotice, live_class: LiveClass, *, now: datetime.datetime) -> Mail:
    zone = live_class.cohort_time_slot.timezone
    lead = lead_of(notice, zone=zone, now=now)
    return notice_mail(notice, template="class_reminder", zone=zone, lead=lead, replaced=live_class.replaces)


def _with_related() -> QuerySet[LiveClass]:
    return LiveClass.objects.select_related("cohort_time_slot", "cohort__academy", "replaces")


def _read_class(live_class_id: int) -> LiveClass | None:
    return _with_related().filter(pk=live_class_id).first()


def _notice(
    live_class: LiveClass,
    user: User,
    known: ClassNotice | None,
    *,
    now: datetime.datetime,
    channel: str = Channel.REMINDER,
) -> ClassNotice:
    cohort = live_class.cohort
    return ClassNotice(
        user=user,
        cohort=cohort,
        live_class_id=live_class.pk,
        hash=live_class.hash,
        title=one_line(live_class.title or cohort.name),
        starting_at=live_class.starting_at,
        ending_at=live_class.ending_at,
        cancelled=False,
        channel=channel,
        sent_at=now,
        mail_count=(known.mail_count if known else 0) + 1,
    )


def _send(notices: Sequence[ClassNotice], mails: Sequence[Mail]) -> None:
    class_notices.record_notices(notices, mailed=True)
    _check_again(notices)
    queue_mails(mails)


def _check_again(notices: Iterable[ClassNotice]) -> None:
    """Other workers' sweeps do not see yet what is written now, and may have settled a change that makes it wrong."""
    check_users(Task.CORRECTIONS, sorted({notice.user_id for notice in notices}))


def classes_to_correct(*, now: datetime.datetime) -> list[int]:
    """The ids of the classes, deleted ones too, for which a sent notice is outdated: of the cohorts and users that
    changed since they were last compared."""
    found = (classes_of_notices(class_notices.outdated(scope, now=now), now=now) for scope in scopes(Task.CORRECTIONS))
    return sorted({pk for ids in found for pk in ids})


def classes_of_notices(wrong: Iterable[class_notices.Outdated], *, now: datetime.datetime) -> list[int]:
    """The ids of the classes whose recipients are to be mailed a correction now."""
    ids = [row.notice for row in wrong if row.by_mail]
    if not ids:
        return []
    # Members and calendars are asked of these alone: all of them are far more than what is wrong.
    due = _left_to_us(ClassNotice.objects.filter(pk__in=ids), now)
    return sorted(set(due.values_list("live_class_id", flat=True)))


def _left_to_us(notices: QuerySet[ClassNotice], now: datetime.datetime) -> QuerySet[ClassNotice]:
    return notices.filter(class_notices.due_corrections_by_recipient()).exclude(sent_by_calendar(now))


@transaction.atomic
def correct(*, live_class_id: int, now: datetime.datetime) -> int:
    """Sends corrections to users whose last notice of this class is outdated; returns the number of mails (rule N2).

    0 for the second of two callers.
    """
    lock(LiveClass, live_class_id)
    # A class that is deleted has no row to lock; its notices have.
    list(ClassNotice.objects.select_for_update(no_key=True).filter(live_class_id=live_class_id).order_by("user_id"))
    by_mail = class_notices.corrected_by_mail(now)
    wrong = (part.filter(by_mail, live_class_id=live_class_id) for part in class_notices.wrong_notices(now=now))
    due = [notice for part in wrong for notice in _left_to_us(part, now).select_related("user", "cohort__academy")]
    return _correct(due, _read_class(live_class_id), now=now) if due else 0


def _correct(due: list[ClassNotice], live_class: LiveClass | None, *, now: datetime.datetime) -> int:
    cohort = live_class.cohort if live_class else None
    members = class_notices.recipients_of(live_class, due) if live_class else set()
    makeup = _coming_makeup(live_class, now=now) if live_class and live_class.cancelled_at else None
    notices, mails = [], []
    unchanged: list[ClassNotice] = []
    for notice in due:
        # To another cohort's members the class is as good as deleted, unless they are in both.
        current = ClassTime.of(live_class) if live_class and notice.user_id in members else None
        before = ClassTime.channels_of(notice)
        correction = next_notice(before, current, is_recipient=True, now=now)
        if correction is None:  # the same class at the same time, in another cohort of theirs
            unchanged.append(notice)
            continue
        if current and cohort:
            notice.cohort = cohort
        _update(notice, live_class if current else None, correction, now=now)
        notices.append(notice)
        mails.append(_correction_mail(notice, live_class if current else None, correction, before, makeup))
    if unchanged:
        ClassNotice.objects.filter(pk__in=[notice.pk for notice in unchanged]).update(cohort=cohort)
        _check_again(unchanged)
    _send(notices, mails)
    if makeup:  # the cancellations have just told of it
        _announce(makeup, now=now, by_mail=False)
    return len(notices)


def _coming_makeup(live_class: LiveClass, *, now: datetime.datetime) -> LiveClass | None:
    """The make-up class that takes place (rule P5)."""
    makeups = LiveClass.objects.filter(class_notices.TAKES_PLACE, replaces=live_class, starting_at__gt=now)
    return makeups.select_related("cohort_time_slot", "cohort__academy", "replaces").first()


def makeups_to_announce(*, now: datetime.datetime) -> list[int]:
    """The ids of the make-up classes of which users who were told of the cancellation do not know (rules P5, N2)."""
    return sorted({pk for pk in _unannounced(now).values_list("makeup_id", flat=True) if pk})


def _unannounced(now: datetime.datetime) -> QuerySet[Any]:
    return class_notices.cancellations_with_makeup(now=now).exclude(sent_by_calendar(now, class_id="makeup_id"))


@transaction.atomic
def announce_makeup(*, live_class_id: int, now: datetime.datetime) -> int:
    """Mails them; returns the number of mails. 0 for the second of two callers."""
    lock(LiveClass, live_class_id)
    makeup = _read_class(live_class_id)
    return _announce(makeup, now=now, by_mail=True) if makeup else 0


def _announce(makeup: LiveClass, *, now: datetime.datetime, by_mail: bool) -> int:
    """From then on they have a notice of the make-up class, so its changes are corrected (rule N2)."""
    cancellations = _unannounced(now).filter(makeup_id=makeup.pk).select_related("user").order_by("user_id")
    notices = [_notice(makeup, row.user, None, now=now, channel=Channel.CORRECTION) for row in cancellations]
    zone = makeup.cohort_time_slot.timezone
    mails = [
        notice_mail(notice, template="class_makeup", zone=zone, replaced=makeup.replaces)
        for notice in (notices if by_mail else ())
    ]
    _send(notices, mails)
    return len(mails)


def _update(
    notice: ClassNotice, live_class: LiveClass | None, correction: Correction, *, now: datetime.datetime
) -> None:
    """Updates the notice to what the mail says. A cancellation keeps the time that was last sent."""
    notice.cancelled = correction is Correction.CANCELLED
    notice.channel, notice.sent_at = Channel.CORRECTION, now
    notice.mail_count += 1
    if live_class:
        notice.title, notice.hash = one_line(live_class.title or notice.cohort.name), live_class.hash
        if not notice.cancelled:
            notice.starting_at, notice.ending_at = live_class.starting_at, live_class.ending_at


def _correction_mail(
    notice: ClassNotice,
    live_class: LiveClass | None,
    correction: Correction,
    before: ClassTime,
    makeup: LiveClass | None,
) -> Mail:
    return notice_mail(
        notice,
        template=f"class_{correction.value}",
        zone=live_class.cohort_time_slot.timezone if live_class else notice.cohort.effective_timezone,
        reason=live_class.reason if live_class else "",
        before=before,
        replaced=live_class.replaces if live_class else None,
        makeup=makeup,
    )


def cancel_notices_of(cohort: Cohort, *, now: datetime.datetime) -> int:
    """For a cohort whose row is about to be deleted, in the caller's transaction: its notices go with it.

    Sends corrections to users with a notice of a coming time; returns the number of mails.
    """
    rows = ClassNotice.objects.filter(cohort=cohort, cancelled=False, starting_at__gt=now - class_notices.GRACE)
    over = LiveClass.objects.filter(pk=OuterRef("live_class_id"), ended_at__isnull=False)
    due = rows.filter(~Exists(over), user__is_active=True).select_related("user", "cohort__academy")
    return _correct(list(due.order_by("live_class_id", "user_id")), None, now=now)


def unsubscribe(key: str) -> bool:
    """Turns all reminders off for the user of the link; False for a key that is not valid."""
    user_id = LINK.user_id(key)
    if user_id is not None:
        save_preference(user_id=user_id, fields={window.setting: False for window in WINDOWS.values()})
    return user_id is not None


def save_preference(*, user_id: int, fields: dict[str, bool | None]) -> ReminderPreference:
    return ReminderPreference.objects.update_or_create(user_id=user_id, defaults=fields)[0]


def settings_of(academy_id: int) -> ReminderSettings:
    """Those of the academy; where it has none, unsaved ones with the defaults."""
    found = ReminderSettings.objects.filter(academy_id=academy_id).first()
    return found or ReminderSettings(academy_id=academy_id)


def save_settings(*, academy_id: int, fields: dict[str, bool]) -> ReminderSettings:
    return ReminderSettings.objects.update_or_create(academy_id=academy_id, defaults=fields)[0]
