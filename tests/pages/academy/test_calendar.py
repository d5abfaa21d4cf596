"""`/academy/<slug>/calendar` (rules V1 to V6, P6)."""

import gzip
import re
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.queries import captured_queries, counted_rows

pytestmark = pytest.mark.usefixtures("clock")
URL = "/academy/downtown-miami/calendar"


def opened(person, query=""):
    client = Client(headers={"Accept": "text/html,*/*;q=0.8"})
    client.force_login(person)
    answer = client.get(URL + query)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(html):
    return re.findall(r"<bdi>([^<]+)</bdi></a>", html[html.index("</form>", html.index('role="search"')) :])


def days_with(html):
    """The dates of the days that have a class, in the order of the page."""
    days = re.findall(r'<li class="day([^"]*)".*?date=([\d-]+)"', html, re.DOTALL)
    return [date for classes, date in days if "free" not in classes]


@pytest.fixture
def other(world):
    """A second cohort with the same teacher and student."""
    cohort = Cohort.objects.create(academy=world.miami, slug="ux", name="UX", stage="STARTED")
    CohortUser.objects.create(cohort=cohort, user=world.teacher, role="TEACHER")
    CohortUser.objects.create(cohort=cohort, user=world.student)
    return cohort


def class_of(cohort, world, start=1.0, length=2.0, **fields):
    slot = cohort.time_slots.first() or world.time_slot(cohort=cohort)
    begin = NOW + timedelta(hours=start)
    return LiveClass.objects.create(
        cohort_time_slot=slot, starting_at=begin, ending_at=begin + timedelta(hours=length), **fields
    )


def test_all_cohorts_of_the_academy(world, make_class, other):
    """V1: each class on its day, with its state in a word; none of a deleted cohort or of another academy."""
    make_class(start=1, title="Loops")
    make_class(start=30, title="Off", cancelled_at=NOW)
    class_of(other, world, start=4, title="Colours", moved_from=NOW)
    class_of(world.other_cohort, world, title="Foreign")
    gone = Cohort.objects.create(academy=world.miami, slug="gone", name="Gone", stage="STARTED")
    class_of(gone, world, title="Deleted")
    Cohort.objects.filter(pk=gone.pk).update(stage="DELETED")
    html = opened(world.reader)
    assert titles(html) == ["Loops", "Colours", "Off"]
    assert days_with(html) == ["2025-03-05", "2025-03-06"]
    for word in ("cancelled", "moved", "March 2025"):
        assert word in html
    assert 'aria-current="page"' in html[html.index('class="sections"') :]


def test_days_are_the_readers_else_the_academys(world, make_class):
    """V4: a class at 22:00 in New York is on the next day in Madrid."""
    make_class(start=8.5)
    assert days_with(opened(world.reader)) == ["2025-03-05"]
    User.objects.filter(pk=world.reader.pk).update(timezone="Europe/Madrid")
    assert days_with(opened(world.reader)) == ["2025-03-06"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?cohort=ux", ["Colours"]),
        ("?teacher={teacher}", ["Over", "Loops"]),
        ("?teacher={admin}", ["Colours"]),
        ("?state=cancelled", ["Off"]),
        ("?state=ended", ["Over"]),
        ("?state=running", ["Now"]),
        ("?state=moved", ["Colours"]),
        ("?state=makeup", ["Loops"]),
        ("?state=coming&cohort=web-dev", ["Loops"]),
        ("?state=ended&cohort=ux", []),
        ("?cohort=data&teacher=x&state=y&view=z&date=0000-00-00", ["Over", "Now", "Loops", "Colours", "Off"]),
    ],
)
def test_filters(world, make_class, other, query, expected):
    """V1: by cohort, by teacher (a substitute counts instead of the cohort's), by state; nonsense filters nothing."""
    off = make_class(start=30, title="Off", cancelled_at=NOW, teacher=world.assistant)
    make_class(start=2, title="Loops", replaces=off)
    make_class(start=-20, title="Over", started_at=NOW, ended_at=NOW)
    make_class(start=-1, title="Now", started_at=NOW, teacher=world.assistant)
    class_of(other, world, start=4, title="Colours", moved_from=NOW, teacher=world.admin)
    html = opened(world.admin, query.format(teacher=world.teacher.pk, admin=world.admin.pk))
    assert titles(html) == expected
    assert ("No class fits in this time." in html) == (expected == [])


def test_links_keep_the_filters(world, make_class, other):
    """V1: previous, next, other views and days; what filters nothing is not carried on."""
    html = opened(world.admin, "?cohort=ux&state=nonsense&view=week&date=2025-03-05")
    for address in (
        "cohort=ux&amp;view=week&amp;date=2025-02-26",
        "cohort=ux&amp;view=month",
        "cohort=ux&amp;view=day",
    ):
        assert f"{URL}?{address}" in html
    assert "nonsense" not in html
    assert '<option value="ux" selected>' in html
    assert '<input type="hidden" name="view" value="week">' in html


def test_conflicts(world, make_class, other):
    """P6: marked on both classes with a word and a shape, counted, and led to; over ones and others' are not."""
    make_class(start=1, title="Loops")
    class_of(other, world, start=2, title="Colours")
    class_of(other, world, start=40, title="Alone")
    make_class(start=-4, title="Past")
    class_of(other, world, start=-4, title="Past too")
    html = opened(world.admin, "?view=week")
    assert len(re.findall(r'problem-state"><svg.*?</svg>conflict<', html, re.DOTALL)) == 2
    links = re.findall(r'href="([^"]+)">2 conflicts</a>', html)
    assert links == ["/academy/downtown-miami/conflicts?first=2025-03-03&amp;last=2025-03-09"]
    assert titles(opened(world.admin, "?state=conflict")) == ["Loops", "Colours"]
    for query in ("?view=week", "?view=week&state=conflict"):
        html = opened(world.reader, query)
        assert "conflict" not in html.replace("In a conflict", "")
        assert len(titles(html)) == 5


def test_a_day(world, make_class, other):
    """V1: a list with what can be done with each class, for those who may; 50 to a page."""
    live_class = make_class(start=1, title="Loops")
    off = make_class(start=2, title="Off", cancelled_at=NOW)
    html = opened(world.coordinator, "?view=day&date=2025-03-05")
    for name in ("move", "cancel", "substitute", "edit"):
        assert f'href="/classes/{live_class.pk}/{name}"' in html
        assert f'href="/classes/{off.pk}/{name}"' not in html
    for name in ("restore", "make-up"):
        assert f'href="/classes/{off.pk}/{name}"' in html
    assert f"/classes/{live_class.pk}/move" not in opened(world.reader, "?view=day&date=2025-03-05")
    for number in range(60):
        class_of(other, world, start=0.1 + number / 100, title=f"C{number}")
    html = opened(world.coordinator, "?view=day&date=2025-03-05&state=coming")
    assert len(titles(html)) == 50
    assert "?state=coming&amp;view=day&amp;date=2025-03-05&amp;page=2" in html


def many(world, other, count, *, hours, first=NOW):
    slot = world.time_slot(cohort=other)
    starts = [first + timedelta(hours=hours * number) for number in range(count)]
    LiveClass.objects.bulk_create(
        LiveClass(
            cohort_time_slot=slot, starting_at=start, ending_at=start + timedelta(minutes=30), title=f"C{number}",
            cohort_id=other.pk, academy_id=other.academy_id, day=start.date(),
        )
        for number, start in enumerate(starts)
    )  # fmt: skip


@pytest.mark.parametrize(("query", "shown"), [("?view=month", 3), ("?view=week", 12)])
def test_a_full_week_stays_readable(world, make_class, other, query, shown):
    """V1, V6: a day shows its first classes and how many more there are, which leads to the day."""
    many(world, other, 200, hours=0.02)
    html = opened(world.coordinator, query)
    assert len(titles(html)) == shown
    assert re.search(rf'href="[^"]*view=day&amp;date=2025-03-05">and {200 - shown} more</a>', html)


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_a_thousand_classes_a_month(world, make_class, other, view):
    """V6: as many statements as for one class, at most 12, and at most 60 KB."""
    make_class(start=1)
    query = f"?view={view}&date=2025-03-05"
    client = Client(headers={"Accept": "text/html,*/*;q=0.8"})
    client.force_login(world.coordinator)
    with captured_queries() as few:
        client.get(URL + query)
    many(world, other, 1000, hours=0.6)
    with captured_queries() as more:
        answer = client.get(URL + query)
    assert len(few) == len(more) <= 12
    assert len(gzip.compress(answer.content)) < 60 * 1024


@pytest.mark.parametrize(("view", "shown"), [("month", 3 * 42), ("week", 12 * 7)])
def test_only_what_is_shown_is_read(world, make_class, other, view, shown):
    """Speed: of a month's thousands of classes, the database returns those that the page shows."""
    query = f"?view={view}&date=2025-03-05"
    opened(world.reader, query)
    with counted_rows() as before:
        opened(world.reader, query)
    many(world, other, 3000, hours=0.2)
    with counted_rows() as after:
        html = opened(world.reader, query)
    assert sum(after) - sum(before) == len(titles(html)) <= shown


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Pacific/Auckland"])
@pytest.mark.parametrize("date", ["2025-03-15", "2025-10-01"])
def test_days_begin_at_midnight_of_the_zone(world, other, zone, date):
    """V1, V4: each day shows its first three classes and counts the others, on days of 23 and 25 hours too."""
    User.objects.filter(pk=world.reader.pk).update(timezone=zone)
    first = datetime.fromisoformat(f"{date}T00:00:00Z") - timedelta(days=30)
    many(world, other, 80 * 24, hours=1, first=first)  # more than the page shows, before and after it
    html = opened(world.reader, f"?view=month&date={date}")
    starts = LiveClass.objects.order_by("starting_at", "id").values_list("starting_at", "title")
    expected = defaultdict(list)
    for start, title in starts:
        expected[start.astimezone(ZoneInfo(zone)).date().isoformat()].append(title)
    cells = html[html.index('<ol class="days') :].split('<li class="day')[1:]
    assert len(cells) in (35, 42)
    for cell in cells:
        [day] = set(re.findall(r"date=([\d-]+)", cell))
        found = expected[day]
        more = re.search(r"and (\d+) more", cell)
        assert re.findall(r"<bdi>([^<]+)</bdi></a>", cell) == found[:3]
        assert (int(more[1]) if more else 0) == max(0, len(found) - 3)


def test_names_are_text(world, make_class, other):
    """V2: names of cohorts, teachers and classes, in the grid and in the filters."""
    bad = "<script>alert(1)</script>"
    Cohort.objects.update(name=bad)
    User.objects.filter(pk=world.teacher.pk).update(first_name=bad)
    make_class(start=1, title=bad)
    class_of(other, world, start=1)
    assert all(bad not in opened(world.admin, f"?view={view}") for view in ("month", "week", "day"))


def test_more_conflicts_than_are_counted(world, make_class, other):
    """P6: the number is then the least that there are."""
    people = User.objects.bulk_create(User(email=f"p{n:03}@example.org") for n in range(210))
    for cohort in (world.cohort, other):
        CohortUser.objects.bulk_create(CohortUser(cohort=cohort, user=user) for user in people)
    make_class(start=1)
    class_of(other, world, start=1)
    assert "at least <a href=" in opened(world.admin)
    CohortUser.objects.filter(user__in=people[100:]).delete()
    assert "at least" not in opened(world.admin)


def test_headings_have_dates(world):
    """V4: on a Monday too, the week is headed by its date, in each language."""
    User.objects.filter(pk=world.reader.pk).update(timezone="America/New_York")
    with time_machine.travel("2025-03-04T01:30:00Z", tick=False):  # 20:30 on Monday 3 March
        assert "<h1>Week of Mon 3 Mar</h1>" in opened(world.reader, "?view=week")
        assert "<h1>Mon 3 Mar</h1>" in opened(world.reader, "?view=day")
        User.objects.filter(pk=world.reader.pk).update(language="es")
        assert "<h1>Semana del lun 3 mar</h1>" in opened(world.reader, "?view=week")
