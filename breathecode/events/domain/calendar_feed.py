"""The text of calendar feeds: built once a change, shared by all who may see the same classes (rule I4)."""

import dataclasses
import datetime
import hashlib
from collections.abc import Collection, Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort
from breathecode.common.errors import NotFound
from breathecode.common.languages import supported_language
from breathecode.events.domain.cache import LiveClassCache
from breathecode.events.domain.calendar_access import FeedCohort
from breathecode.events.domain.calendar_objects import published_calendar, read_entries
from breathecode.events.models import LiveClass

PAST_DAYS = 90
# Raise it with every change of what the text looks like: caches outlive a release.
TEXT_VERSION = 1
NAMES_IN_TITLE = 3


class FeedCache(LiveClassCache):
    SECONDS = 26 * 60 * 60  # the window moves daily, so a text is of no use for longer than a day


_cache = FeedCache()


@dataclasses.dataclass(frozen=True, slots=True)
class Feed:
    """`etag` is quoted, as HTTP writes it. `text` is None where the caller has it already."""

    etag: str
    text: bytes | None


def current_feed(cohorts: Sequence[FeedCohort], *, now: datetime.datetime, known_etags: Collection[str] = ()) -> Feed:
    """The feed of these cohorts; no text is built, and none read, where its ETag is among `known_etags` ("*": any).

    The versions in `cohorts` were read before the classes are, so a text may be newer than the versions that it
    is kept under, and never older: nobody is shown a class as it was before a committed change.
    """
    since = beginning_of_window(now)
    # A deleted cohort shows nothing (L7), and does not take the others of the same address with it.
    shown = [cohort for cohort in cohorts if cohort.stage != Cohort.Stage.DELETED]
    key = _key(shown, since)
    etag = _cache.get(f"{key}:etag")
    if etag is not None and _is_known(etag, known_etags):
        return Feed(etag, None)
    text = _cache.get(f"{key}:text")
    if text is None:
        text = build_text(shown, since=since)
        _cache.put(f"{key}:text", text)
        _cache.put(f"{key}:etag", etag_of(text))
    etag = etag_of(text)
    return Feed(etag, None if _is_known(etag, known_etags) else text)


def class_file(classes: QuerySet[LiveClass], *, known_etags: Collection[str] = ()) -> Feed:
    """One class to import into a calendar; built each time, it is small. Raises `not-found` where there is no row."""
    entries = read_entries(classes)
    if not entries:
        raise NotFound
    text = published_calendar(entries, name=entries[0].title)
    etag = etag_of(text)
    return Feed(etag, None if _is_known(etag, known_etags) else text)


def beginning_of_window(now: datetime.datetime) -> datetime.datetime:
    """The midnight in UTC from which on classes are shown: it stands still for a day, and with it the text."""
    midnight = now.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - datetime.timedelta(days=PAST_DAYS)


def build_text(cohorts: Sequence[FeedCohort], *, since: datetime.datetime) -> bytes:
    """One query, however many classes."""
    ids = [cohort.id for cohort in cohorts]
    classes = LiveClass.objects.filter(cohort_time_slot__cohort_id__in=ids, ending_at__gte=since)
    return published_calendar(read_entries(classes), name=feed_name(cohorts))


def feed_name(cohorts: Sequence[FeedCohort]) -> str:
    """The names of up to three cohorts, else "Live classes", in their language where they share one."""
    if 1 <= len(cohorts) <= NAMES_IN_TITLE:
        return ", ".join(cohort.name for cohort in cohorts)
    languages = {supported_language(cohort.language) for cohort in cohorts}
    with translation.override(languages.pop() if len(languages) == 1 else "en"):
        return _("Live classes")


def etag_of(text: bytes) -> str:
    """Strong, and of the bytes themselves: a change that the feed does not show is no change of the feed."""
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def _is_known(etag: str, known: Collection[str]) -> bool:
    return etag in known or "*" in known


def _key(cohorts: Sequence[FeedCohort], since: datetime.datetime) -> str:
    # Names and languages too: renaming a cohort or an academy changes the text without changing a class.
    facts = (TEXT_VERSION, settings.PUBLIC_URL, since.isoformat(), [dataclasses.astuple(cohort) for cohort in cohorts])
    return f"calendar-feed:{hashlib.sha256(repr(facts).encode()).hexdigest()}"
