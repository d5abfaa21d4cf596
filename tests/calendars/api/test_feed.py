"""What feeds say through the life of a class, and what a poll costs."""

import datetime

import pytest
import redis
import time_machine
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from icalendar import Calendar

from breathecode.admissions.models import Cohort, CohortUser, Holiday
from breathecode.calendars.domain import feed as calendar_feed
from breathecode.calendars.domain import objects as calendar_objects
from breathecode.calendars.domain.access import FeedCohort, own_cohorts
from breathecode.calendars.domain.feed_cache import Chunk, FeedCache
from breathecode.calendars.domain.objects import event_text
from breathecode.common.cache_outages import CacheOutage
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.calendars import FeedReader, uids
from tests.support.queries import captured_queries

NOW = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def _unpaused(monkeypatch):
    """A cache that failed in an earlier test is not avoided in this one, nor the other way round."""
    monkeypatch.setattr(CacheOutage, "paused_until", 0.0)


@pytest.fixture
def slot(world):
    slot = world.time_slot()
    build_time_slot(time_slot_id=slot.pk, now=NOW)
    return slot


@pytest.fixture
def student(world):
    return FeedReader(Client(raise_request_exception=False), world.student)


def make_class(slot, starting_at, **fields) -> LiveClass:
    return LiveClass.objects.create(
        cohort_time_slot=slot, starting_at=starting_at, ending_at=starting_at + 2 * HOUR, **fields
    )


def shown(reader, pk):
    """The event of one class, or None."""
    found = [event for event in reader.events("ical/me") if event["uid"] == f"liveclass-{pk}@testserver"]
    assert len(found) <= 1
    return found[0] if found else None


def statements(action) -> int:
    with captured_queries() as queries:
        action()
    return len(queries)


# --- The life of a class ---


def test_the_life_of_a_class_made_by_hand(world, slot, student, call, clock):
    """I3: one UID from first to last; each change raises LAST-MODIFIED, those that calendars must notice SEQUENCE."""
    admin = {"as_": world.admin, "academy": world.miami}
    day = datetime.datetime(2025, 4, 1, 18, tzinfo=datetime.UTC)
    body = {"cohort_time_slot": slot.pk, "starting_at": utc_iso(day), "ending_at": utc_iso(day + HOUR)}
    body["remote_meeting_url"] = "https://zoom.us/j/1"
    made = call("POST", "/v1/events/academy/event/liveclass", body=body, **admin)
    assert made.status_code == 201, made.content
    address = f"/v1/events/academy/event/liveclass/{made.json()['id']}"
    told = []

    def look():
        event = shown(student, made.json()["id"])
        told.append(
            (event["sequence"], event["status"], str(event["summary"]), event["dtstart"].to_ical().decode(),
             event["last-modified"].dt, event["dtstamp"].dt)
        )  # fmt: skip
        assert student.poll("ical/me").status_code == 200
        assert student.poll("ical/me").status_code == 304

    def change(method, path, body=None):
        clock.shift(HOUR)
        answer = call(method, path, body=body, **admin)
        assert answer.status_code == 200, answer.content
        look()

    look()
    times = {"starting_at": utc_iso(day + 2 * DAY), "ending_at": utc_iso(day + 2 * DAY + HOUR)}
    change("PUT", address, times)
    change("PUT", address, {"remote_meeting_url": "https://zoom.us/j/2"})
    change("PUT", address, {"title": "Guest: Ada, live; now"})
    change("POST", f"{address}/cancel", {"reason": "Ada is ill"})
    change("POST", f"{address}/restore")
    summary, moved = "Web Development", "20250403T180000Z"
    ada = "Guest: Ada, live; now"
    at = [NOW + step * HOUR for step in range(6)]
    assert told == [
        (0, "CONFIRMED", summary, "20250401T180000Z", at[0], at[0]),
        (1, "CONFIRMED", summary, moved, at[1], at[1]),
        (2, "CONFIRMED", summary, moved, at[2], at[2]),
        (3, "CONFIRMED", ada, moved, at[3], at[3]),
        (4, "CANCELLED", ada, moved, at[4], at[4]),
        (5, "CONFIRMED", ada, moved, at[5], at[5]),
    ]
    assert call("DELETE", address, **admin).status_code == 204
    assert student.poll("ical/me").status_code == 200
    assert shown(student, made.json()["id"]) is None


def utc_iso(moment):
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_new_hours_move_the_coming_classes_in_place(world, slot, student, call, clock):
    """I3, G6: same UIDs, SEQUENCE raised for those that moved alone: entries move, and none doubles."""
    before = {str(event["uid"]): event for event in student.events("ical/me")}
    clock.shift(HOUR)
    path = f"/v1/admissions/academy/cohort/web-dev/timeslot/{slot.pk}"
    body = {"starting_at": 900, "ending_at": 1000}
    assert call("PUT", path, as_=world.admin, academy=world.miami, body=body).status_code == 200
    after = {str(event["uid"]): event for event in student.events("ical/me")}
    assert after.keys() == before.keys()
    for uid, event in after.items():
        past = event["dtstart"].dt < NOW
        assert event["sequence"] == before[uid]["sequence"] + (not past)
        assert event["last-modified"].dt == (NOW if past else NOW + HOUR)
        assert (event["dtstart"].dt == before[uid]["dtstart"].dt) == past


def test_a_holiday_cancels_and_gives_back(world, slot, student, clock):
    """I3, G13: a class on a closed date stays, cancelled, with the holiday's name; removed, it returns."""
    day = datetime.date(2025, 3, 19)
    pk = LiveClass.objects.get(cohort_time_slot=slot, planned_date=day).pk
    clock.shift(HOUR)
    holiday = Holiday.objects.create(academy=world.miami, name="Founders' day", starts_on=day, ends_on=day)
    build_time_slot(time_slot_id=slot.pk, now=NOW + HOUR)
    event = shown(student, pk)
    assert (event["status"], event["sequence"], event["last-modified"].dt) == ("CANCELLED", 1, NOW + HOUR)
    assert event["description"].startswith("Cancelled: Founders' day\n")
    clock.shift(HOUR)
    holiday.delete()
    build_time_slot(time_slot_id=slot.pk, now=NOW + 2 * HOUR)
    event = shown(student, pk)
    assert (event["status"], event["sequence"], event["last-modified"].dt) == ("CONFIRMED", 2, NOW + 2 * HOUR)


def test_started_and_ended_classes_stay_confirmed(world, slot, student):
    """I3: a calendar knows no more of a class than that it is on or off."""
    running = make_class(slot, NOW - HOUR, started_at=NOW - HOUR)
    over = make_class(slot, NOW - 5 * HOUR, started_at=NOW - 5 * HOUR, ended_at=NOW - 3 * HOUR)
    assert [shown(student, row.pk)["status"] for row in (running, over)] == ["CONFIRMED", "CONFIRMED"]


def test_the_feed_holds_no_meeting_url(world, slot, student):
    """I3 (record 0006): neither the cohort's nor the class's own."""
    own = make_class(slot, NOW + DAY, remote_meeting_url="https://meet.google.com/own")
    content = student.get("ical/me").content.replace(b"\r\n ", b"")
    assert b"zoom.us" not in content
    assert b"meet.google.com" not in content
    assert f"DESCRIPTION:Join: http://testserver/v1/events/me/event/liveclass/join/{own.hash}".encode() in content


def test_the_window_is_ninety_days_of_past_and_all_to_come(world, slot, student):
    """I4: counted from the beginning of the day in UTC, by the end of a class."""
    LiveClass.objects.all().delete()
    edge = datetime.datetime(2024, 12, 1, tzinfo=datetime.UTC)
    assert edge == calendar_feed.beginning_of_window(NOW)
    gone = make_class(slot, edge - 2 * HOUR - datetime.timedelta(seconds=1))
    last, first = make_class(slot, edge - 2 * HOUR), make_class(slot, NOW + 3650 * DAY)
    assert uids(student.get("ical/me").content) == [f"liveclass-{row.pk}@testserver" for row in (last, first)]
    assert gone.ending_at < edge <= last.ending_at


def test_a_day_moves_the_window(world, slot, student, clock):
    """I4: what leaves the window leaves the feed at midnight, not before; a day without that changes nothing."""
    LiveClass.objects.all().delete()
    make_class(slot, calendar_feed.beginning_of_window(NOW) + 20 * HOUR)
    assert student.poll("ical/me").status_code == 200
    clock.shift(11 * HOUR)
    assert student.poll("ical/me").status_code == 304
    clock.shift(HOUR)
    answer = student.poll("ical/me")
    assert (answer.status_code, uids(answer.content)) == (200, [])
    clock.shift(DAY)
    assert student.poll("ical/me").status_code == 304


# --- ETag ---


def test_a_change_that_shows_changes_the_etag_and_no_other(world, slot, student, call, clock):
    """I4: 200 exactly where the content is another; writes that a feed does not show answer 304 although they count."""
    cohort, madrid = world.cohort, world.other_cohort
    content = student.poll("ical/me").content

    def rename_academy(name):
        world.miami.name = name
        world.miami.save()

    shows = {
        "cohort renamed": lambda: Cohort.objects.filter(pk=cohort.pk).update(name="Web Dev"),
        "cohort saved with another name": lambda: save(cohort, name="Web 2025"),
        "academy renamed": lambda: rename_academy("Miami Beach"),
        "academy renamed by update": lambda: type(world.miami).objects.filter(pk=world.miami.pk).update(name="Miami!"),
        "language": lambda: save(cohort, language="es"),
        "class added": lambda: make_class(slot, NOW + 3 * HOUR),
        "class deleted": lambda: LiveClass.objects.filter(planned_date=None).delete(),
        "another cohort": lambda: CohortUser.objects.create(user=world.student, cohort=madrid, role="TEACHER"),
    }
    does_not_show = {
        "cohort saved": lambda: save(cohort, slug="web-2025", online_meeting_url="https://zoom.us/j/9"),
        "academy saved": lambda: save(world.miami, logo_url="https://example.org/logo.png", timezone="UTC"),
        "current day": lambda: Cohort.objects.filter(pk=cohort.pk).update(current_day=9),
        "version alone": lambda: Cohort.objects.filter(pk=cohort.pk).update(classes_version=F("classes_version") + 1),
        "another person": lambda: CohortUser.objects.create(user=world.stranger, cohort=cohort, role="TEACHER"),
        "another cohort's class": lambda: make_class(world.time_slot(cohort=madrid), NOW + HOUR),
    }
    for name, change in does_not_show.items():
        clock.shift(HOUR)
        change()
        assert student.poll("ical/me").status_code == 304, name
    for name, change in shows.items():
        clock.shift(datetime.timedelta(minutes=1))
        change()
        answer = student.poll("ical/me")
        assert answer.status_code == 200, name
        assert answer.content != content, name
        content = answer.content
        assert student.poll("ical/me").status_code == 304, name


def save(instance, **fields):
    for name, value in fields.items():
        setattr(instance, name, value)
    instance.save()


def test_a_304_has_no_body_and_the_headers_that_matter(world, slot, student):
    """I4: RFC 9110, 15.4.5: ETag and Cache-Control as a 200 would have them."""
    full, none = student.poll("ical/me"), student.poll("ical/me")
    assert (full.status_code, none.status_code, none.content) == (200, 304, b"")
    assert full["ETag"] == none["ETag"]
    assert full["ETag"].startswith('"')
    assert full["Cache-Control"] == none["Cache-Control"] == "private, no-cache"
    assert "Content-Type" not in none


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ('W/"other" , W/{etag},"third"', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("nonsense", 200),
        ("{bare}", 200),
    ],
)
@pytest.mark.parametrize("warm", [True, False])
def test_if_none_match(world, slot, student, header, status, warm):
    """I4: every spelling that RFC 9110 has for it, whether the cache holds the feed or not."""
    etag = student.get("ical/me")["ETag"]
    if not warm:
        cache.clear()
    sent = header.format(etag=etag, bare=etag.strip('"'))
    assert student.get("ical/me", **{"If-None-Match": sent}).status_code == status


# --- Cost ---


# A feed of one's own also asks for the classes taught as a substitute (P4).
@pytest.mark.parametrize(("path", "queries"), [("ical/me", 3), ("ical/cohorts/web-dev", 2)])
@pytest.mark.parametrize("classes", [1, 200])
def test_a_poll_of_an_unchanged_feed(world, slot, student, monkeypatch, path, queries, classes):
    """I4: who asks, and what they may see in which version; the first of all costs one more; nothing is built twice."""
    LiveClass.objects.all().delete()
    for number in range(classes):
        make_class(slot, NOW + number * HOUR)
    assert statements(lambda: student.poll(path)) == queries + 1
    monkeypatch.setattr(calendar_feed, "build_chunks", None)  # whoever builds now fails
    answers = []
    assert statements(lambda: answers.append(student.poll(path))) == queries
    assert statements(lambda: answers.append(student.get(path))) == queries
    assert [answer.status_code for answer in answers] == [304, 200]
    assert len(uids(answers[1].content)) == classes


def test_all_who_see_the_same_share_one_text(world, slot, student, monkeypatch):
    """I4: built once for student, teacher and the cohort's own feed; another's feed is another."""
    text = student.get("ical/me").content
    rebuilt = Chunk({"": b"built again"})
    monkeypatch.setattr(calendar_feed, "build_chunks", lambda known, since: dict.fromkeys(known, rebuilt))
    teacher, superuser, stranger = (
        FeedReader(student.client, person) for person in (world.teacher, world.superuser, world.stranger)
    )
    assert teacher.get("ical/me").content == text
    assert superuser.get(f"ical/cohorts/{world.cohort.pk}").content == text
    assert stranger.get("ical/me").content.count(b"built again") == 1


def test_one_class_as_a_file_costs_two_queries(world, slot, student):
    """I4: the caller, and the class if it is theirs."""
    pk = LiveClass.objects.latest("starting_at").pk
    assert statements(lambda: student.get(f"me/event/liveclass/{pk}.ics")) == 2


def test_a_text_newer_than_its_version_does_no_harm(world, slot, student):
    """I4: a text built from classes newer than the version it is kept under is nobody's answer once that is known."""
    old = own_cohorts(world.student)
    make_class(slot, NOW + HOUR)
    newer = calendar_feed.current_feed(old, now=NOW).text or b""
    assert student.get("ical/me").content == newer
    make_class(slot, NOW + 2 * HOUR)
    assert len(uids(student.get("ical/me").content)) == len(uids(newer)) + 1


def test_one_change_renders_one_event(world, slot, student, clock, monkeypatch):
    """I4: after a change of one class the others keep their text, and the feed is what a new one would be."""
    rendered = []

    def render(entry):
        rendered.append(entry.id)
        return event_text(entry)

    monkeypatch.setattr(calendar_feed, "event_text", render)
    pks = set(LiveClass.objects.filter(pk__in=[row.pk for row in slot.live_classes.all()]).values_list("pk", flat=True))
    student.get("ical/me")
    assert set(rendered) == pks
    rendered.clear()
    changed = LiveClass.objects.get(pk=max(pks))
    clock.shift(HOUR)
    changed.title = "Renamed"
    changed.save()
    text = student.get("ical/me").content
    assert rendered == [changed.pk]
    cache.clear()
    assert student.get("ical/me").content == text


def test_a_feed_is_what_the_library_writes_of_the_whole(world, slot, student):
    """I3: texts put together from events are the bytes that icalendar writes of one calendar."""
    make_class(slot, NOW + HOUR, title=("Zażółć; gęślą, jaźń " * 7).strip())
    content = student.get("ical/me").content
    assert Calendar.from_ical(content).to_ical(sorted=False) == content


def real_now():
    return time_machine.escape_hatch.datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@pytest.mark.parametrize("how", ["save", "update_fields", "update", "bulk_update"])
@pytest.mark.parametrize("model", ["cohort", "academy"])
def test_a_new_name_of_cohort_or_academy_is_a_modification(world, slot, student, clock, model, how):
    """I3: the text shows both names, so DTSTAMP and LAST-MODIFIED move; SEQUENCE does not, since no class did."""
    before = student.events("ical/me")[-1]
    clock.shift(HOUR)
    began = real_now()  # the database's clock, which no test moves
    row = getattr(slot, model) if model == "cohort" else slot.cohort.academy
    row.name = "Renamed"
    rows = type(row).objects
    {
        "save": row.save,
        "update_fields": lambda: row.save(update_fields=["name"]),
        "update": lambda: rows.filter(pk=row.pk).update(name="Renamed"),
        "bulk_update": lambda: rows.bulk_update([row], ["name"]),
    }[how]()
    after = student.events("ical/me")[-1]
    assert "Renamed" in after["description"]
    assert before["last-modified"].dt < after["last-modified"].dt == after["dtstamp"].dt
    assert began <= after["last-modified"].dt <= real_now()
    assert after["sequence"] == before["sequence"]


# --- The cache ---


def test_a_feed_takes_one_place_a_cohort(world, slot, student, redis_cache):
    """O2: a feed that changed takes the place of the one before."""
    store = redis.Redis.from_url(redis_cache.url)
    student.get("ical/me")
    keys = set(store.scan_iter("*"))
    for number in range(5):
        make_class(slot, NOW + number * HOUR)
        student.get("ical/me")
    assert set(store.scan_iter("*")) == keys
    assert sum(b"calendar-feed" in key for key in keys) == 2


def test_a_feed_waits_for_another_maker(world, slot, student, redis_cache, monkeypatch):
    """I4: while one makes a chunk another waits for it, and makes its own where the first takes too long."""
    monkeypatch.setattr(FeedCache, "WAIT", 0.3)
    cache.add(f"calendar-feed:making:{slot.cohort_id}", 1, 60)
    assert student.get("ical/me").status_code == 200
    assert cache.get(f"calendar-feed:making:{slot.cohort_id}") == 1  # the other's claim is the other's


def test_a_class_that_changes_while_it_is_read(world, slot, student, monkeypatch, clock):
    """I4: between the two queries of a build: the text is kept under the digest of the row that it was made from."""
    student.get("ical/me")
    changed = slot.live_classes.order_by("-starting_at")[0]
    read = calendar_objects.read_digests

    def read_and_change(classes):
        digests = read(classes)
        LiveClass.objects.filter(pk=changed.pk).update(title="Third")
        return digests

    save(changed, title="Second")
    with monkeypatch.context() as patched:
        patched.setattr(calendar_feed, "read_digests", read_and_change)
        assert b"SUMMARY:Third" in student.get("ical/me").content
    LiveClass.objects.filter(pk=changed.pk).update(title="Second")  # as it was when the digests were read
    assert b"SUMMARY:Second" in student.get("ical/me").content


def test_another_address_of_the_product_is_another_text(world, slot, student, settings):
    """I4: links and UIDs hold PUBLIC_URL, which no row does."""
    etag = student.poll("ical/me")["ETag"]
    settings.PUBLIC_URL = "https://new.example.org"
    answer = student.poll("ical/me")
    assert (answer.status_code, answer["ETag"] != etag) == (200, True)
    assert answer.content.count(b"@new.example.org") == answer.content.count(b"BEGIN:VEVENT")


@pytest.fixture
def redis_cache(settings, valkey):
    settings.CACHES = {
        name: {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": valkey.url,
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
        }
        for name in ("default", "requests")
    }
    return valkey


def test_a_text_comes_back_from_a_real_cache(world, slot, student, redis_cache, monkeypatch):
    """I4: what Redis gives back is what was put there, byte for byte."""
    text = student.poll("ical/me").content
    monkeypatch.setattr(calendar_feed, "build_chunks", None)
    assert student.poll("ical/me").status_code == 304
    assert student.get("ical/me").content == text


@pytest.mark.parametrize("down", ["before the first poll", "between polls"])
def test_with_the_cache_down_feeds_come_from_the_database(world, slot, student, redis_cache, down):
    """I4: 200 and 304 as ever, right after a change too."""
    if down == "before the first poll":
        redis_cache.stop()
    assert student.poll("ical/me").status_code == 200
    redis_cache.stop()
    assert student.poll("ical/me").status_code == 304
    made = make_class(slot, NOW + HOUR)
    answer = student.poll("ical/me")
    assert answer.status_code == 200
    assert f"liveclass-{made.pk}@testserver" in uids(answer.content)


# --- The name of a calendar ---


@pytest.mark.parametrize(
    ("cohorts", "name"),
    [
        ([("A", "en")], "A"),
        ([("A", "es"), ("B, C", "en")], "A, B, C"),
        ([("A", "en"), ("B", "en"), ("C", "en"), ("D", "en")], "Live classes"),
        ([("A", "es"), ("B", "es-MX"), ("C", "es"), ("D", "es")], "Clases en vivo"),
        ([("A", "es"), ("B", "en"), ("C", "es"), ("D", "es")], "Live classes"),
        ([], "Live classes"),
    ],
)
def test_the_name_of_a_feed(cohorts, name):
    """I3: NAME and X-WR-CALNAME are what a client shows in its list of calendars."""
    named = [
        FeedCohort(id=1, slug="x", name=name, language=language, stage="STARTED", academy_name="X", classes_version=0)
        for name, language in cohorts
    ]
    assert calendar_feed.feed_name(named) == name
