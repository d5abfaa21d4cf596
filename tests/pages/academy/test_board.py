"""The board of an academy (rules V1, V6)."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.attendance.models import Attendance
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
URL = "/academy/downtown-miami"


def browser(person):
    client = Client(headers={"Accept": "text/html,*/*;q=0.8"})
    client.force_login(person)
    return client


def parts(html):
    """The titles of the classes of each part, in the order of the page."""
    sections = re.findall(r'<section class="part (\w+)">(.*?)</section>', html, re.DOTALL)
    return {name: re.findall(r"<bdi>([^<]+)</bdi></a>", body) for name, body in sections}


def test_each_class_in_its_place(world, make_class):
    """V1: what should have begun or ended comes first, then what runs, what is soon, what is later, and the roll."""
    make_class(start=-1, title="Nobody came")
    make_class(start=-5, started_at=NOW - timedelta(hours=5), title="Left open")
    make_class(start=-1, started_at=NOW, title="Running")
    make_class(start=1, title="Soon")
    make_class(start=4, title="Later")
    make_class(start=30, title="Tomorrow")
    make_class(start=1, title="Called off", cancelled_at=NOW)
    over = {"started_at": NOW - timedelta(hours=30), "ended_at": NOW - timedelta(hours=28)}
    make_class(start=-30, title="No roll", **over)
    known = make_class(start=-29, title="With a roll", **over)
    Attendance.objects.create(live_class=known, user=world.student, status="PRESENT", source="JOIN", recorded_at=NOW)
    html = browser(world.reader).get(URL).content.decode()
    assert parts(html) == {
        "late": ["Nobody came"],
        "open": ["Left open"],
        "live": ["Running"],
        "soon": ["Soon"],
        "later": ["Later"],
        "roll": ["No roll"],
    }
    assert list(parts(html))[:2] == ["late", "open"]


def test_what_is_wrong(world, make_class):
    """V1: no teacher, no link; who joined is counted."""
    live_class = make_class(start=-1, started_at=NOW)
    ClassJoin.objects.create(live_class=live_class, user=world.student, joined_at=NOW)
    html = browser(world.admin).get(URL).content.decode()
    assert "1 joined" in html
    assert "no teacher" not in html
    CohortUser.objects.filter(role="TEACHER").delete()
    Cohort.objects.update(online_meeting_url="")
    html = browser(world.admin).get(URL).content.decode()
    assert "no teacher" in html
    assert "no meeting link" in html
    LiveClass.objects.update(teacher=world.staff_teacher, remote_meeting_url="https://zoom.us/j/1")
    html = browser(world.admin).get(URL).content.decode()
    assert "no teacher" not in html
    assert "no meeting link" not in html


def test_another_academy(world, make_class):
    """H4: its classes are not here; a deleted cohort's neither."""
    make_class(start=1, title="Mine")
    other = world.time_slot(cohort=world.other_cohort)
    begin = NOW + timedelta(hours=1)
    LiveClass.objects.create(
        cohort_time_slot=other, starting_at=begin, ending_at=begin + timedelta(hours=1), title="Theirs"
    )
    assert parts(browser(world.superuser).get(URL).content.decode()) == {"soon": ["Mine"]}
    assert parts(browser(world.foreign_admin).get("/academy/madrid").content.decode()) == {"soon": ["Theirs"]}
    Cohort.objects.update(stage="DELETED")
    assert "No class needs anyone today." in browser(world.admin).get(URL).content.decode()


def test_it_refreshes_by_itself(world, make_class):
    """V6: the fragment alone, and 304 as long as nothing has changed."""
    live_class = make_class(start=1, title="Soon")
    client = browser(world.admin)
    assert 'hx-trigger="every 20s"' in client.get(URL).content.decode()
    answer = client.get(URL, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert parts(answer.content.decode()) == {"soon": ["Soon"]}
    known = {"HX-Request": "true", "If-None-Match": answer["ETag"]}
    assert client.get(URL, headers=known).status_code == 304
    LiveClass.objects.filter(pk=live_class.pk).update(title="Sooner")
    changed = client.get(URL, headers=known)
    assert parts(changed.content.decode()) == {"soon": ["Sooner"]}
    assert "private" in changed["Cache-Control"]


def test_a_busy_day(world, make_class):
    """V6: 200 classes take the queries of one."""
    first = make_class(start=1)
    client = browser(world.admin)
    with captured_queries() as few:
        client.get(URL)
    LiveClass.objects.bulk_create(
        LiveClass(
            cohort_time_slot=first.cohort_time_slot, cohort=world.cohort, academy=world.miami, hash=f"{n:040x}",
            day=NOW.date(), starting_at=NOW + timedelta(minutes=n), ending_at=NOW + timedelta(minutes=n + 30),
        )
        for n in range(1, 200)
    )  # fmt: skip
    with captured_queries() as many:
        html = client.get(URL).content.decode()
    assert len(few) == len(many) <= 12
    assert sum(map(len, parts(html).values())) == 200
    make_class(start=2)
    assert "and 1 more" in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("start", "fields", "leads_to"),
    [
        (-1, {}, ["start"]),
        (-5, {"started_at": NOW - timedelta(hours=5)}, ["end"]),
        (-3, {}, ["#roll"]),
        (-30, {"started_at": NOW - timedelta(hours=30), "ended_at": NOW - timedelta(hours=28)}, ["#roll"]),
        (1, {}, []),
    ],
    ids=["should have begun", "left open", "never begun", "without a roll", "to come"],
)
def test_what_is_next_leads_there(world, make_class, start, fields, leads_to):
    """V1: each row has the one thing that it waits for."""
    live_class = make_class(start=start, **fields)
    html = browser(world.coordinator).get(URL).content.decode()
    found = re.findall(rf'href="/classes/{live_class.pk}/?([^"]+)"', html)
    assert found == leads_to


def test_what_is_wrong_leads_to_where_it_is_mended(world, make_class):
    """V1, P6: no teacher, no link, a conflict; readers who may change nothing see the words alone."""
    CohortUser.objects.filter(cohort=world.cohort, role="TEACHER").delete()
    Cohort.objects.filter(pk=world.cohort.pk).update(online_meeting_url="")
    live_class = make_class(start=1)
    other = Cohort.objects.create(academy=world.miami, slug="ux", name="UX", stage="STARTED")
    CohortUser.objects.create(cohort=other, user=world.student)
    slot = world.time_slot(cohort=other)
    LiveClass.objects.create(cohort_time_slot=slot, starting_at=live_class.starting_at, ending_at=live_class.ending_at)
    html = browser(world.coordinator).get(URL).content.decode()
    row = html[: html.index("<bdi>UX</bdi>")]
    for address in (f"/classes/{live_class.pk}/substitute", f"/classes/{live_class.pk}/edit", f"{URL}/conflicts"):
        assert f'<a class="state problem-state" href="{address}">' in row
    assert f'<a href="{URL}/conflicts">1 conflict</a>' in html
    html = browser(world.reader).get(URL).content.decode()
    assert "no teacher" in html
    assert "conflict" not in html
    assert '<a class="state problem-state"' not in html


def test_a_refresh_looks_at_today_alone(world, make_class):
    """V1, P6: conflicts of the next four weeks are counted when the page is opened; a refresh marks today's classes."""
    other = Cohort.objects.create(academy=world.miami, slug="ux", name="UX", stage="STARTED")
    CohortUser.objects.create(cohort=other, user=world.student)
    slot = world.time_slot(cohort=other)
    for start in (1, 50):
        one = make_class(start=start)
        LiveClass.objects.create(cohort_time_slot=slot, starting_at=one.starting_at, ending_at=one.ending_at)
    client = browser(world.coordinator)
    assert "2 conflicts</a>" in client.get(URL).content.decode()
    html = client.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "conflicts</a>" not in html
    assert html.count(f'href="{URL}/conflicts"') == 2
