"""The text that a feed keeps of each class: never one of other facts, of another release or of other rules of time."""

import dataclasses
import datetime
import hashlib
from typing import Any

import pytest
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
from breathecode.calendars.domain import feed as feeds
from breathecode.calendars.domain import objects
from breathecode.calendars.domain.access import read_cohorts
from breathecode.calendars.domain.feed import current_feed
from breathecode.calendars.domain.objects import CalendarEntry, published_calendar, read_entries
from breathecode.events.models import LiveClass
from tests.calendars.domain.test_objects import CANCELLED, ENTRY
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOW + datetime.timedelta(hours=3)
# What each field of an event's text is read from, and another value of it. Row by row, as raw SQL would write it.
EDITS: dict[str, tuple[Any, dict[str, Any]]] = {
    "own_title": (LiveClass, {"title": "Loops"}),
    "hash": (LiveClass, {"hash": "cd" * 20}),
    "starting_at": (LiveClass, {"starting_at": NOW + datetime.timedelta(minutes=90)}),
    "ending_at": (LiveClass, {"ending_at": LATER + datetime.timedelta(minutes=5)}),
    "cancelled_at": (LiveClass, {"cancelled_at": NOW}),
    "cancel_reason": (LiveClass, {"cancelled_at": NOW, "cancel_reason": "Storm"}),
    "sequence": (LiveClass, {"sequence": 7}),
    "updated_at": (LiveClass, {"updated_at": LATER}),
    "moved_from": (LiveClass, {"moved_from": NOW}),
    "move_reason": (LiveClass, {"moved_from": NOW, "move_reason": "Exam"}),
    "cohort_name": (Cohort, {"name": "Robotics"}),
    "language": (Cohort, {"language": "es"}),
    "academy_name": (Academy, {"name": "Uptown"}),
}
# Of the texts of two sample classes, in English and Spanish, beside the version that caches know them by.
VERSION, DIGEST = 5, "77c04041275ec033"


def feed_of(cohort: Cohort) -> bytes:
    content = current_feed(read_cohorts(Cohort.objects.filter(pk=cohort.pk)), now=timezone.now()).text
    assert content is not None
    return content


def uncached(cohort: Cohort) -> bytes:
    name = Cohort.objects.get(pk=cohort.pk).name
    return published_calendar(read_entries(LiveClass.objects.filter(cohort=cohort)), name=name)


@pytest.mark.parametrize("field", EDITS)
def test_an_edit_of_each_field_is_in_the_next_feed(field, world, make_class):
    """I4: with the texts of all classes kept; the others are not made again."""
    live_class, _other = make_class(), make_class(start=30)
    before = feed_of(world.cohort)
    model, values = EDITS[field]
    row = {LiveClass: live_class.pk, Cohort: world.cohort.pk, Academy: world.miami.pk}[model]
    model.objects.filter(pk=row).update(**values)
    after = feed_of(world.cohort)
    assert after != before
    assert after == uncached(world.cohort)


def test_the_zone_of_a_move(world, make_class):
    """I4, P5: the former start is shown in the time slot's zone, and a change of the zone shows in the next feed."""
    make_class(moved_from=NOW)
    coming = make_class(start=30)
    before = feed_of(world.cohort)
    CohortTimeSlot.objects.update(timezone="Asia/Tokyo")
    LiveClass.objects.filter(pk=coming.pk).update(sequence=1)
    assert feed_of(world.cohort) == uncached(world.cohort) != before


def test_the_links_of_a_make_up_class(world, make_class):
    """I4, P5: both classes name each other once there is one."""
    cancelled = make_class(cancelled_at=NOW)
    before = feed_of(world.cohort)
    make_class(start=50, replaces=cancelled)
    assert feed_of(world.cohort) == uncached(world.cohort) != before


def test_every_field_is_edited():
    """I4: a new field of the text is a new row above."""
    never_change, elsewhere = {"id", "cohort_id"}, {"zone", "replaces", "replaced_by"}
    with_names = {"cohort_changed_at", "academy_changed_at"}  # kept by triggers
    fields = {field.name for field in dataclasses.fields(CalendarEntry)}
    assert fields == EDITS.keys() | never_change | elsewhere | with_names


@pytest.mark.parametrize("change", ["text", "zone data"])
def test_an_upgrade_with_kept_texts(change, world, make_class, monkeypatch, settings):
    """I4: the next release writes other texts, or knows other rules of time: what an older one kept is not served."""
    make_class()
    before = feed_of(world.cohort)
    monkeypatch.setattr(feeds, "event_text", lambda entry: b"BEGIN:VEVENT\r\nX-OTHER:1\r\nEND:VEVENT\r\n")
    assert feed_of(world.cohort) == before  # it is kept
    if change == "text":
        monkeypatch.setattr(objects, "TEXT_VERSION", objects.TEXT_VERSION + 1)
    else:
        settings.TIME_ZONE_DATA_VERSION = "2099z"
    assert b"X-OTHER:1" in feed_of(world.cohort)


def test_a_text_is_changed_together_with_its_version():
    """I4: who changes what an event looks like raises `TEXT_VERSION`, and writes both here."""
    samples = [dataclasses.replace(entry, language=code) for entry in (ENTRY, CANCELLED) for code in ("en", "es")]
    moved = dataclasses.replace(ENTRY, moved_from=ENTRY.starting_at, move_reason="Exam", replaces=1, replaced_by=2)
    text = b"".join(objects.event_text(entry) for entry in (*samples, moved))
    assert (objects.TEXT_VERSION, hashlib.sha256(text).hexdigest()[:16]) == (VERSION, DIGEST)


def test_what_did_not_change_is_not_read(world, make_class):
    """Speed: after one change, the database sends a digest of each class, and the facts of one."""
    classes = [make_class(start=number) for number in range(1, 40, 3)]
    feed_of(world.cohort)
    LiveClass.objects.filter(pk=classes[3].pk).update(title="Loops")
    with captured_queries() as statements:
        feed_of(world.cohort)
    digests, facts = [sql for sql in statements if "events_liveclass" in sql]
    assert "MD5" in digests
    assert f"IN ({classes[3].pk})" in facts
