"""The lists of classes: their shape, filters, pages and what they cost."""

import datetime
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from breathecode.admissions.models import Cohort, CohortUser, Syllabus
from breathecode.events.api.serializers import LiveClassDetailSerializer, LiveClassSerializer
from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.client import error
from tests.support.queries import captured_queries

MINE = "/v1/events/me/event/liveclass"
ACADEMY = "/v1/events/academy/event/liveclass"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def mine(call, world):
    def ids(query="", as_=world.student):
        response = call("GET", MINE + query, as_=as_)
        assert response.status_code == 200, response.content
        return [row["id"] for row in response.json()]

    return ids


@pytest.fixture
def of_academy(call, world):
    def ids(query=""):
        response = call("GET", ACADEMY + query, as_=world.staff_teacher, academy=world.miami)
        assert response.status_code == 200, response.content
        return [row["id"] for row in response.json()]

    return ids


def test_the_documents_object(call, world, make_class):
    """L1, H6: the document's keys, each with its value, and the added ones."""
    live_class = make_class(remote_meeting_url="https://zoom.us/j/1")
    (row,) = call("GET", MINE, as_=world.student).json()
    links = row.pop("calendar_links")
    assert list(links) == ["google", "outlook", "ics", "webcal"]
    assert all("zoom.us" not in link for link in links.values())
    assert row == {
        "id": live_class.pk,
        "hash": live_class.hash,
        "title": "Web Development",
        "status": "SCHEDULED",
        "starting_at": "2025-03-05T19:30:00Z",
        "ending_at": "2025-03-05T21:30:00Z",
        "started_at": None,
        "ended_at": None,
        "held": None,
        "remote_meeting_url": "https://zoom.us/j/1",
        "join_url": f"http://testserver/v1/events/me/event/liveclass/join/{live_class.hash}",
        "teacher": None,
        "moved_from": None,
        "reason": None,
        "replaces": None,
        "replaced_by": None,
        "cohort": {
            "id": world.cohort.pk,
            "slug": "web-dev",
            "name": "Web Development",
            "kickoff_date": "2025-01-15",
            "ending_date": "2025-06-30",
            "stage": "STARTED",
            "current_day": 0,
            "academy": {"id": world.miami.pk, "slug": "downtown-miami", "name": "Downtown Miami", "logo_url": None},
        },
    }


def test_one_class_has_more(call, world, make_class):
    """L8: time slot, log and times of the record; the schema's serializers know exactly these keys."""
    live_class = make_class(log={"a": 1})
    answer = call("GET", f"{ACADEMY}/{live_class.pk}", as_=world.staff_teacher, academy=world.miami).json()
    (row,) = call("GET", ACADEMY, as_=world.staff_teacher, academy=world.miami).json()
    added = {"cohort_time_slot": live_class.cohort_time_slot_id, "log": {"a": 1}}
    assert answer == {**row, **added, "created_at": "2025-03-05T18:30:00Z", "updated_at": "2025-03-05T18:30:00Z"}
    assert list(LiveClassSerializer().fields) == list(row)
    assert list(LiveClassDetailSerializer().fields) == list(answer)


def test_the_rows_equal_what_the_serializer_would_say(call, world, make_class):
    """L1: the fast way and the described way give the same JSON."""
    make_class(started_at=NOW, title="Guest")
    make_class(start=4, cancelled_at=NOW)
    raw = call("GET", MINE, as_=world.student).content
    rows = orjson.loads(raw)
    assert orjson.dumps(LiveClassSerializer(rows, many=True).data) == raw


def test_generated_classes_follow_the_cohorts_link(call, world, make_class):
    """G14, L6: until staff give a class its own link, it shows the cohort's as it is now, and is found by it."""
    own, following = make_class(remote_meeting_url="https://own.org/x"), make_class(start=3)
    world.cohort.online_meeting_url = "https://meet.google.com/now"
    world.cohort.save()
    rows = {row["id"]: row["remote_meeting_url"] for row in call("GET", MINE, as_=world.student).json()}
    assert rows == {own.pk: "https://own.org/x", following.pk: "https://meet.google.com/now"}

    def found(url):
        return [row["id"] for row in call("GET", f"{MINE}?remote_meeting_url={url}", as_=world.student).json()]

    assert found("https://meet.google.com/now") == [following.pk]
    assert found("https://own.org/x") == [own.pk]
    assert found("https://zoom.us/j/123456789") == []


def test_who_sees_which(mine, world, make_class):
    """L7: people of the cohort see its classes, each once; nobody who is away, and nobody else."""
    live_class = make_class()
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="REVIEWER")
    for person in (world.student, world.teacher, world.assistant, world.reviewer):
        assert mine(as_=person) == [live_class.pk]
    for person in (world.dropped, world.stranger, world.admin, world.superuser):
        assert mine(as_=person) == []
    for status, sees in {
        "POSTPONED": [],
        "SUSPENDED": [],
        "GRADUATED": [live_class.pk],
        "ACTIVE": [live_class.pk],
    }.items():
        CohortUser.objects.filter(user=world.dropped).update(educational_status=status)
        assert mine(as_=world.dropped) == sees, status


def test_nobody_sees_classes_of_a_deleted_cohort(mine, of_academy, world, make_class):
    """L7: not in their own list; staff still do."""
    live_class = make_class()
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert mine() == mine(as_=world.teacher) == []
    assert of_academy() == [live_class.pk]


def test_slugs_ids_and_lists_of_both(of_academy, world, make_class):
    """L2: slug or id or a mixed list; what is unknown matches nothing."""
    live_class = make_class()
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    Cohort.objects.filter(pk=world.cohort.pk).update(syllabus=syllabus)
    for name, pk, slug in (
        ("cohort", world.cohort.pk, "web-dev"),
        ("cohort__in", world.cohort.pk, "web-dev"),
        ("academy", world.miami.pk, "downtown-miami"),
        ("syllabus", syllabus.pk, "full-stack"),
    ):
        for value in (pk, slug, f"nope,{slug}", f"{pk},nope", f"{slug},{pk}", f" {slug} , 999999"):
            assert of_academy(f"?{name}={value}") == [live_class.pk], (name, value)
        for value in ("nope", "999999", "9" * 30, "a,b", f"{slug}x", "'; DROP TABLE"):
            assert of_academy(f"?{name}={value}") == [], (name, value)


TIME_FIELDS = ("starting_at", "ending_at", "started_at", "ended_at")


@pytest.mark.parametrize("field", TIME_FIELDS)
def test_bounds_in_time(of_academy, make_class, field):
    """L3: each of the four times with each of the four bounds, and is_null."""
    early, late = NOW + timedelta(hours=10), NOW + timedelta(hours=20)
    times = {name: NOW + timedelta(days=5, hours=index) for index, name in enumerate(TIME_FIELDS)}
    first = make_class(start=1, **{**times, "starting_at": NOW + timedelta(minutes=1), field: early})
    second = make_class(start=1, **{**times, "starting_at": NOW + timedelta(minutes=1), field: late})
    stamp = early.isoformat().replace("+00:00", "Z")
    results = {bound: sorted(of_academy(f"?{field}__{bound}={stamp}")) for bound in ("gte", "gt", "lte", "lt")}
    assert results == {"gte": [first.pk, second.pk], "gt": [second.pk], "lte": [first.pk], "lt": []}
    assert len(of_academy(f"?{field}__is_null=false")) == 2
    assert of_academy(f"?{field}__is_null=true") == []


@pytest.mark.parametrize("field", ["starting_at", "ending_at", "started_at", "ended_at"])
def test_a_very_instant(of_academy, make_class, field):
    """L3: bare, to the microsecond; a bare date is the whole day, in the zone that is named."""
    around = {"starting_at": NOW - timedelta(hours=1), "ending_at": NOW + timedelta(hours=1)}
    rows = [make_class(**{**around, field: NOW + timedelta(microseconds=n)}) for n in (0, 1)]
    exactly = (NOW + timedelta(microseconds=1)).isoformat().replace("+", "%2B")
    assert of_academy(f"?{field}={exactly}") == [rows[1].pk]
    assert of_academy(f"?{field}={NOW - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}") == []
    assert sorted(of_academy(f"?{field}={NOW:%Y-%m-%d}")) == [row.pk for row in rows]
    assert of_academy(f"?{field}={NOW + timedelta(days=1):%Y-%m-%d}") == []


def test_a_bare_date_is_the_day_of_the_zone(of_academy, make_class):
    """L3, L4: half past midnight in Tokyo is the day before in UTC."""
    late = make_class(starting_at=datetime.datetime(2025, 3, 5, 15, 30, tzinfo=datetime.UTC))
    assert of_academy("?starting_at=2025-03-05") == [late.pk]
    assert of_academy("?starting_at=2025-03-05&timezone=Asia/Tokyo") == []
    assert of_academy("?starting_at=2025-03-06&timezone=Asia/Tokyo") == [late.pk]
    assert of_academy("?starting_at=9999-12-31") == []
    assert of_academy("?starting_at=0001-01-01") == []


def test_aliases(of_academy, make_class):
    """L3: start is starting_at__gte, end is ending_at__lte."""
    first, second = make_class(start=1, length=1), make_class(start=5, length=1)
    assert of_academy("?start=2025-03-05T23:30:00Z") == [second.pk]
    assert of_academy("?end=2025-03-05T20:30:00Z") == [first.pk]


def test_a_bare_date_is_a_whole_day(of_academy, make_class):
    """L4: as a lower bound its first instant, as an upper one its last; the day is UTC's."""
    first = make_class(starting_at="2025-10-28T00:00:00Z", ending_at="2025-10-28T01:00:00Z")
    last = make_class(starting_at="2025-10-28T23:59:59.999999Z", ending_at="2025-10-29T01:00:00Z")
    outside = [
        make_class(starting_at="2025-10-27T23:59:59.999999Z", ending_at="2025-10-28T00:30:00Z"),
        make_class(starting_at="2025-10-29T00:00:00Z", ending_at="2025-10-29T01:00:00Z"),
    ]
    before, after = (row.pk for row in outside)
    assert sorted(of_academy("?starting_at__gte=2025-10-28&starting_at__lte=2025-10-28")) == [first.pk, last.pk]
    assert of_academy("?starting_at__lt=2025-10-28") == [before]
    assert of_academy("?starting_at__gt=2025-10-28") == [after]


def test_a_bare_date_in_a_zone(of_academy, make_class):
    """L4: the day is counted in `timezone=`, with its changes of the clock."""
    # 9 March 2025 has 23 hours in New York: 05:00Z to 04:00Z.
    inside = make_class(starting_at="2025-03-10T03:59:59Z", ending_at="2025-03-10T05:00:00Z")
    make_class(starting_at="2025-03-10T04:00:00Z", ending_at="2025-03-10T05:00:00Z")
    make_class(starting_at="2025-03-09T04:59:59Z", ending_at="2025-03-09T05:30:00Z")
    day = "starting_at__gte=2025-03-09&starting_at__lte=2025-03-09&timezone=America/New_York"
    assert of_academy(f"?{day}") == [inside.pk]


def test_offsets_and_unencoded_plus(of_academy, make_class):
    """H6: an offset counts, none means UTC, and a plus that nobody encoded is understood."""
    live_class = make_class()  # 19:30Z
    for value in ("2025-03-05T20:30:00%2B01:00", "2025-03-05T20:30:00+01:00", "2025-03-05T19:30:00"):
        assert of_academy(f"?starting_at__gte={value}&starting_at__lte={value}") == [live_class.pk]


def test_upcoming(of_academy, make_class):
    """L5: null and true leave out the ended and the cancelled; false is the ended."""
    coming, started = make_class(), make_class(start=-1, started_at=NOW)
    ended = make_class(start=-9, started_at=NOW, ended_at=NOW)
    make_class(start=5, cancelled_at=NOW)
    assert sorted(of_academy("?upcoming=null")) == sorted(of_academy("?upcoming=true")) == [coming.pk, started.pk]
    assert of_academy("?upcoming=false") == [ended.pk]


def test_status_and_time_slot(of_academy, make_class, world):
    """L6: by status, or several, and by time slot."""
    rows = {
        "SCHEDULED": make_class(),
        "STARTED": make_class(start=-1, started_at=NOW),
        "ENDED": make_class(start=-9, started_at=NOW, ended_at=NOW),
        "CANCELLED": make_class(start=5, cancelled_at=NOW),
    }
    for status, row in rows.items():
        assert of_academy(f"?status={status}") == [row.pk]
    assert len(of_academy("?status=started,ENDED")) == 2
    slot = rows["ENDED"].cohort_time_slot_id
    assert len(of_academy(f"?cohort_time_slot={slot}")) == 4
    assert of_academy("?cohort_time_slot=999999") == []


def test_classes_of_a_person(of_academy, call, world, make_class):
    """L6: by id or e-mail in any case, for staff only."""
    live_class = make_class()
    assert of_academy(f"?user={world.student.pk}") == [live_class.pk]
    assert of_academy("?user_email=STUDENT@example.org") == [live_class.pk]
    assert of_academy(f"?user={world.stranger.pk}") == of_academy("?user_email=nobody@example.org") == []
    response = call("GET", f"{MINE}?user=1", as_=world.student)
    assert error(response) == (400, "unknown-parameter")


UNREADABLE = [
    *(f"{name}__{bound}" for name in TIME_FIELDS for bound in ("gte", "gt", "lte", "lt", "is_null")),
    *(
        "start",
        "end",
        "timezone",
        "upcoming",
        "status",
        "cohort_time_slot",
        "sort",
        "limit",
        "offset",
        "envelope",
        "user",
    ),
]


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("value", ["", "x", "-1", "%00", "2025-13-01", "0000-00-00", "1e999", "x" * 5000])
def test_unreadable_values(call, world, name, value):
    """H7: a value that cannot be read is named, with what is expected."""
    response = call("GET", f"{ACADEMY}?{name}={value}", as_=world.staff_teacher, academy=world.miami)
    assert error(response) == (400, "invalid-parameter")
    assert name in response.json()["detail"]


def test_the_edges_of_the_calendar(of_academy, make_class):
    """L4, H7: the first and the last date there is are no error."""
    live_class = make_class()
    for zone in ("UTC", "Pacific/Kiritimati", "America/Los_Angeles"):
        query = f"?timezone={zone}&starting_at__gte=0001-01-01&starting_at__lte=9999-12-31"
        assert of_academy(query) == [live_class.pk], zone


def test_a_misspelt_name(call, world):
    """H7: the nearest known name is offered."""
    response = call("GET", f"{MINE}?starting_at_gte=2025-01-01", as_=world.student)
    assert error(response) == (400, "unknown-parameter")
    assert "starting_at__gte" in response.json()["detail"]


def test_newest_first_and_ties_by_id(of_academy, make_class):
    """H8: newest start first; `sort` takes a comma list; ties are broken by id, nulls come last."""
    a, b, c = make_class(start=1), make_class(start=2, started_at=NOW), make_class(start=1.5, title="A")
    assert of_academy() == [b.pk, c.pk, a.pk]
    assert of_academy("?sort=starting_at") == [a.pk, c.pk, b.pk]
    assert of_academy("?sort=started_at") == of_academy("?sort=-started_at") == [b.pk, a.pk, c.pk]
    assert of_academy("?sort=-title,-id") == [b.pk, a.pk, c.pk]  # as shown: two have the cohort's name
    LiveClass.objects.filter(pk=b.pk).update(remote_meeting_url="https://a.example.org")
    Cohort.objects.update(online_meeting_url="https://b.example.org")
    assert of_academy("?sort=remote_meeting_url") == [b.pk, a.pk, c.pk]


@pytest.fixture
def hundred(make_class):
    slot = make_class().cohort_time_slot
    LiveClass.objects.all().delete()
    times = {"starting_at": NOW, "ending_at": NOW + timedelta(hours=1)}
    LiveClass.objects.bulk_create([LiveClass(cohort_time_slot=slot, **times) for _ in range(100)])


@pytest.mark.usefixtures("hundred")
def test_pages_hold_each_row_once(call, world):
    """H8: rows of the same start are neither lost nor shown twice between pages; headers and Link tell the way."""
    seen: list[int] = []
    url: str | None = f"{ACADEMY}?limit=30&upcoming=null"
    pages = 0
    while url:
        response = call("GET", url, as_=world.staff_teacher, academy=world.miami)
        assert (response["X-Total-Count"], response["X-Per-Page"]) == ("100", "30")
        seen += [row["id"] for row in response.json()]
        links = {
            part.split('rel="')[1].rstrip('"'): part.split(">")[0].lstrip(" <") for part in response["Link"].split(",")
        }
        assert parse_qs(urlsplit(links["last"]).query)["offset"] == ["90"]
        assert ("prev" in links) == (pages > 0)
        url, pages = links.get("next"), pages + 1
    assert (pages, len(seen), len(set(seen))) == (4, 100, 100)
    assert seen == sorted(seen)


@pytest.mark.usefixtures("hundred")
def test_envelope_and_limits(call, world):
    """H8: the envelope on request; over 1000 counts as 1000; an offset past the end is empty."""
    answer = call(
        "GET", f"{ACADEMY}?envelope=true&limit=40&offset=40", as_=world.staff_teacher, academy=world.miami
    ).json()
    assert list(answer) == ["count", "first", "next", "previous", "last", "results"]
    assert (answer["count"], len(answer["results"])) == (100, 40)
    assert [parse_qs(urlsplit(answer[k]).query)["offset"] for k in ("first", "previous", "next", "last")] == [
        ["0"], ["0"], ["80"], ["80"]
    ]  # fmt: skip
    response = call("GET", f"{ACADEMY}?limit=5000", as_=world.staff_teacher, academy=world.miami)
    assert response["X-Per-Page"] == "1000"
    response = call("GET", f"{ACADEMY}?offset={10**15 - 1}", as_=world.staff_teacher, academy=world.miami)
    assert (response.json(), response["X-Total-Count"]) == ([], "100")
    beyond = call("GET", f"{ACADEMY}?envelope=true&limit=40&offset=999", as_=world.staff_teacher, academy=world.miami)
    assert parse_qs(urlsplit(beyond.json()["previous"]).query)["offset"] == ["80"], "the last page that has rows"
    nothing = call("GET", f"{ACADEMY}?envelope=true&offset=9&cohort=x", as_=world.staff_teacher, academy=world.miami)
    assert (nothing.json()["count"], nothing.json()["previous"]) == (0, None)
    for wrong in ("limit=0", "limit=-1", "limit=1.5", "offset=-1", "envelope=yes"):
        response = call("GET", f"{ACADEMY}?{wrong}", as_=world.staff_teacher, academy=world.miami)
        assert error(response) == (400, "invalid-parameter")


def test_default_limits(call, world, make_class):
    """H8: 100 for staff, 1000 on the user's own list, where a cut would hide the next class."""
    make_class()
    assert call("GET", ACADEMY, as_=world.staff_teacher, academy=world.miami)["X-Per-Page"] == "100"
    assert call("GET", MINE, as_=world.student)["X-Per-Page"] == "1000"


def queries(function) -> int:
    with captured_queries() as captured:
        function()
    return len([query for query in captured if query.split()[0] not in {"SAVEPOINT", "RELEASE"}])


def test_the_number_of_queries_does_not_depend_on_the_rows(call, world, make_class):
    """O2, H8: 2 with authentication for 1 and for 100 rows, 1 where the answer is cached; a list that goes on, 3."""
    from django.core.cache import cache

    call.key(world.student), call.key(world.staff_teacher)
    slot = make_class().cohort_time_slot

    def read_mine():
        call("GET", MINE, as_=world.student)

    def read_academy():
        call("GET", ACADEMY, as_=world.staff_teacher, academy=world.miami)

    assert (queries(read_mine), queries(read_mine), queries(read_academy)) == (2, 1, 2)
    times = [NOW + datetime.timedelta(hours=hour) for hour in range(1, 100)]
    LiveClass.objects.bulk_create(
        [LiveClass(cohort_time_slot=slot, starting_at=at, ending_at=at + timedelta(hours=1)) for at in times]
    )
    cache.clear()
    assert (queries(read_mine), queries(read_mine), queries(read_academy)) == (2, 1, 2)
    assert queries(lambda: call("GET", f"{MINE}?limit=50", as_=world.student)) == 3
