"""The text of calendar feeds: one cached chunk per cohort; a change renders only the changed events (I4)."""

import dataclasses
import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.calendars.domain.access import FeedCohort, own_cohorts
from breathecode.calendars.domain.feed_cache import Chunk, FeedCache
from breathecode.calendars.domain.objects import (
    calendar_text,
    event_text,
    published_calendar,
    read_digests,
    read_entries,
    read_entries_with_digests,
    text_environment,
)
from breathecode.calendars.domain.substitutions import Substitutions, substitutions_of
from breathecode.common.errors import NotFound
from breathecode.common.i18n.languages import supported_language
from breathecode.events.models import LiveClass

PAST_DAYS = 90
NAMES_IN_TITLE = 3
MAX_NAMED = 500  # classes by id in one query; more are read with all the others


_cache = FeedCache()


@dataclasses.dataclass(frozen=True, slots=True)
class Feed:
    """`etag` is quoted, as in the header. `text` is None if the client has it already."""

    etag: str
    text: bytes | None


def own_feed(user: User, *, now: datetime.datetime, known_etags: Collection[str] = ()) -> Feed:
    """The `me` feed (rule I1), with the classes that the user teaches as a substitute (rule P4)."""
    cohorts = own_cohorts(user)
    since = beginning_of_window(now)
    substitutions = substitutions_of(user, shown=[cohort.id for cohort in cohorts], since=since)
    return current_feed(cohorts, now=now, known_etags=known_etags, substitutions=substitutions)


def current_feed(
    cohorts: Sequence[FeedCohort],
    *,
    now: datetime.datetime,
    known_etags: Collection[str] = (),
    substitutions: Substitutions | None = None,
) -> Feed:
    """The feed of these cohorts; no text is built, and none read, where its ETag is among `known_etags` ("*": any).

    The versions in `cohorts` were read before the classes are, so a text may be newer than the versions that it
    is kept with, and never older: a feed always shows committed changes.
    """
    since = beginning_of_window(now)
    # A deleted cohort shows nothing (L7), and does not take the others of the same address with it.
    shown = [cohort for cohort in cohorts if cohort.stage != Cohort.Stage.DELETED]
    wanted = {cohort.id: _fingerprint(cohort, since) for cohort in shown}
    name = feed_name(shown)
    digests = _cache.digests(wanted)
    if len(digests) == len(wanted) and _is_known(etag := etag_of(name, digests, substitutions), known_etags):
        return Feed(etag, None)
    chunks = _cache.chunks(wanted)
    if missing := wanted.keys() - chunks.keys():
        chunks |= _cache.made_once({pk: wanted[pk] for pk in missing}, make=lambda old: build_chunks(old, since=since))
    etag = etag_of(name, {pk: chunk.digest for pk, chunk in chunks.items()}, substitutions)
    if _is_known(etag, known_etags):
        return Feed(etag, None)
    if substitutions is None:
        return Feed(etag, calendar_text((chunks[pk].text for pk in wanted), name=name))
    texts = [*(substitutions.text_of(chunks[pk]) for pk in wanted), *substitutions.added]
    return Feed(etag, calendar_text(texts, name=name))


def class_file(classes: QuerySet[LiveClass], *, known_etags: Collection[str] = ()) -> Feed:
    """The file of one class to import into a calendar; not cached. Raises `not-found` if there is no row."""
    entries = read_entries(classes)
    if not entries:
        raise NotFound
    text = published_calendar(entries, name=entries[0].title)
    etag = _quoted(text)
    return Feed(etag, None if _is_known(etag, known_etags) else text)


def beginning_of_window(now: datetime.datetime) -> datetime.datetime:
    """The UTC midnight from which on classes are shown; it changes once a day, so that the text is stable."""
    midnight = now.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - datetime.timedelta(days=PAST_DAYS)


def build_chunks(known: Mapping[int, Mapping[str, bytes]], *, since: datetime.datetime) -> dict[int, Chunk]:
    """The chunks of these cohorts, made with the event texts known of each; two queries at most."""
    classes = LiveClass.objects.filter(cohort_id__in=known, ending_at__gte=since)
    chunks = {pk: Chunk({}) for pk in known}
    if not any(known.values()):
        for entry, digest in read_entries_with_digests(classes):
            chunks[entry.cohort_id].events[digest] = event_text(entry)
        return chunks
    present = read_digests(classes)
    made = _made_events(classes, {pk for cohort_id, pk, digest in present if digest not in known[cohort_id]})
    for cohort_id, pk, digest in present:
        if text := known[cohort_id].get(digest):
            chunks[cohort_id].events[digest] = text
        elif pk in made:  # else it was deleted meanwhile
            chunks[cohort_id].events.update([made[pk]])
    return chunks


def _made_events(classes: QuerySet[LiveClass], ids: Collection[int]) -> dict[int, tuple[str, bytes]]:
    """Class id → digest and text. One that changed again meanwhile has the digest of what its text was made from."""
    if not ids:
        return {}
    changed = classes.filter(pk__in=ids) if len(ids) <= MAX_NAMED else classes
    entries = read_entries_with_digests(changed)
    return {entry.id: (digest, event_text(entry)) for entry, digest in entries if entry.id in ids}


def feed_name(cohorts: Sequence[FeedCohort]) -> str:
    """The names of up to three cohorts, else "Live classes", in their language where they share one."""
    if 1 <= len(cohorts) <= NAMES_IN_TITLE:
        return ", ".join(cohort.name for cohort in cohorts)
    languages = {supported_language(cohort.language) for cohort in cohorts}
    with translation.override(languages.pop() if len(languages) == 1 else "en"):
        return _("Live classes")


def etag_of(name: str, digests: Mapping[int, bytes], substitutions: Substitutions | None = None) -> str:
    """Of the name and of each cohort's events: changes that the feed does not show leave the ETag as it is."""
    parts = [digests[pk] for pk in sorted(digests)]
    return _quoted(calendar_text([*parts, substitutions.digest] if substitutions else parts, name=name))


def _quoted(content: bytes) -> str:
    """A strong ETag of what decides the bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _is_known(etag: str, known: Collection[str]) -> bool:
    return etag in known or "*" in known


def _fingerprint(cohort: FeedCohort, since: datetime.datetime) -> str:
    # Names and languages too: renaming a cohort or an academy changes the text without changing a class.
    facts = (text_environment(), since.isoformat(), dataclasses.astuple(cohort))
    return hashlib.sha256(repr(facts).encode()).hexdigest()
