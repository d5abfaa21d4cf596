"""The mails of reminders and corrections."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from breathecode.authenticate.domain.unsubscribe_links import UnsubscribeLink
from breathecode.common.text import one_line
from breathecode.events.domain.class_notices import ClassTime
from breathecode.events.domain.class_times import class_time, class_times, mail_language
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.notify.domain.outbox import Mail

LINK = UnsubscribeLink("/reminders/off", salt="breathecode.reminders")
# A quarter of an hour before, or as near to it as a sweep comes.
LATE = datetime.timedelta(minutes=10)


def notice_mail(
    notice: ClassNotice,
    *,
    template: str,
    zone: str,
    reason: str = "",
    before: ClassTime | None = None,
    lead: str = "",
    replaced: LiveClass | None = None,
    makeup: LiveClass | None = None,
) -> Mail:
    """The mail for `notice`, in the user's language, else the cohort's, else the academy's (rule V5).

    `zone` is the class's IANA zone, `before` what the user knew, `lead` how soon the class begins; `replaced` is the
    class that this one replaces, `makeup` the one that replaces it (rule P5).
    """
    user, cohort = notice.user, notice.cohort
    language = mail_language(user, cohort)
    with translation.override(language):
        times = _times(notice, zone=zone, before=before, replaced=replaced, makeup=makeup)
    return Mail(
        # Each mail of a user about a class has its number, so no two have the same purpose.
        purpose=f"class_notice:{notice.live_class_id}:{notice.user_id}:{notice.mail_count}",
        to=user.email,
        user_id=user.pk,
        template=template,
        language=language,
        context=times | _names_and_links(notice) | {"reason": one_line(reason), "lead": lead},
        from_name=cohort.academy.name,
        reply_to=cohort.academy.feedback_email,
        headers=LINK.headers(user),
    )


def _names_and_links(notice: ClassNotice) -> dict[str, Any]:
    """What each of these mails says of the user and the class, apart from its times."""
    return {
        "name": one_line(notice.user.first_name),
        "title": notice.title,
        "cohort": one_line(notice.cohort.name),
        "academy": one_line(notice.cohort.academy.name),
        "link": join_url(notice.hash),
        "unsubscribe_url": LINK.url(notice.user),
    }


def _times(
    notice: ClassNotice,
    *,
    zone: str,
    before: ClassTime | None,
    replaced: LiveClass | None,
    makeup: LiveClass | None,
) -> dict[str, Any]:
    """The times in the mail, as text in the active language."""
    own = notice.user.timezone or zone
    moved = before is not None and before[:2] != (notice.starting_at, notice.ending_at)
    return {
        "times": class_times(notice.starting_at, notice.ending_at, zones=(own, zone)),
        "before": f"{class_time(before.starting_at, before.ending_at, zone=own)} ({own})" if moved and before else "",
        "replaced": _time_of(replaced, zone=own),
        "makeup": _time_of(makeup, zone=own),
    }


def _time_of(live_class: LiveClass | None, *, zone: str) -> str:
    """In this zone, with its name; empty where there is no class."""
    if live_class is None:
        return ""
    return f"{class_time(live_class.starting_at, live_class.ending_at, zone=zone)} ({zone})"


def lead_of(notice: ClassNotice, *, zone: str, now: datetime.datetime) -> str:
    """How soon the class begins, for the subject: "Tomorrow", by the days of the reader's zone."""
    left = notice.starting_at - now
    with translation.override(mail_language(notice.user, notice.cohort)):
        if left <= LATE:
            return _("In a few minutes")
        if left <= datetime.timedelta(minutes=15):
            return _("In 15 minutes")
        local = ZoneInfo(notice.user.timezone or zone)
        is_today = now.astimezone(local).date() == notice.starting_at.astimezone(local).date()
        return _("Today") if is_today else _("Tomorrow")
