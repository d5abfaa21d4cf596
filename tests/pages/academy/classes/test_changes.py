"""`/classes/<id>/move`, `/cancel`, `/restore`, `/edit`, `/start` (rules W3, W4, W6, G15, N2, P6, V1 to V3)."""

import datetime
import re
from datetime import timedelta

import pytest

from breathecode.admissions.models import Cohort, CohortUser, Holiday
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.history.models import Change
from breathecode.schedules.tasks import build_live_classes_from_timeslot
from tests.pages.academy.classes.conftest import hidden_fields, text_of
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
MOVED = {"day": "2025-03-07", "starts": "09:00", "ends": "11:30", "reason": "Room taken"}
PATHS = ("move", "cancel", "restore", "substitute", "make-up", "edit", "start")


def address(live_class, name):
    return f"/classes/{live_class.pk}/{name}"


def utc(year, month, day, hour=0, minute=0):
    return datetime.datetime(year, month, day, hour, minute, tzinfo=datetime.UTC)


def stored(live_class):
    return LiveClass.objects.get(pk=live_class.pk)


def moves_of(live_class):
    changes = Change.objects.filter(kind="live_class", object_id=live_class.pk, changes__has_key="moved_from")
    return list(changes.exclude(changes__has_key="cohort_time_slot").values_list("by", "through"))


def test_a_move_is_shown_and_then_made(world, make_class, browser, told):
    """W4, P8: first what happens and who is sent a mail; nothing is saved until the button that says what it does."""
    live_class = make_class(start=3)
    told(live_class, world.student)
    coordinator, path = browser(world.coordinator), address(live_class, "move")
    plan = coordinator.send(path, **MOVED)
    assert plan.status_code == 200
    assert stored(live_class).starting_at == live_class.starting_at
    assert moves_of(live_class) == []
    words = text_of(plan)
    for said in ("Until now", "Today 16:30", "Fri 7 Mar 09:00", "Room taken", "goes to 1 user who", "Move this class"):
        assert said in words
    answer = coordinator.client.post(path, hidden_fields(plan.content.decode()))
    assert (answer.status_code, answer["Location"]) == (303, f"/classes/{live_class.pk}")
    moved = stored(live_class)
    assert (moved.starting_at, moved.ending_at) == (utc(2025, 3, 7, 14), utc(2025, 3, 7, 16, 30))
    assert (moved.move_reason, moved.moved_from) == ("Room taken", live_class.starting_at)
    done = text_of(coordinator.get(answer["Location"]))
    assert "The class is moved to Fri 7 Mar 09:00 EST." in done
    assert "A mail about it goes to 1 user whose last notification is now wrong." in done
    assert moves_of(live_class) == [(world.coordinator.pk, "page")]


def test_a_move_back(world, make_class, browser):
    """W4: the form holds the first time; once the class is back there, it counts as not moved."""
    live_class = make_class(start=3, moved_from=NOW + timedelta(hours=1), moved_by_hand=True)
    coordinator = browser(world.coordinator)
    html = coordinator.get(address(live_class, "move") + "?back=1").content.decode()
    assert 'value="14:30"' in html
    path = address(live_class, "move")
    plan = coordinator.send(path, html, day="2025-03-05", starts="14:30", ends="16:30")
    coordinator.client.post(path, hidden_fields(plan.content.decode()))
    assert (stored(live_class).starting_at, stored(live_class).moved_from) == (NOW + timedelta(hours=1), None)
    assert "Move back" not in text_of(coordinator.get(f"/classes/{live_class.pk}"))


def test_a_move_back_to_the_schedule(world, browser):
    """W4: the form holds the hours that the schedule has, also where the class became longer when it was moved."""
    slot = world.time_slot()
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    live_class = LiveClass.objects.filter(starting_at__gt=NOW + timedelta(days=1)).earliest("starting_at")
    coordinator, path = browser(world.coordinator), address(live_class, "move")
    plan = coordinator.send(path, day="2025-03-13", starts="09:00", ends="14:00")
    coordinator.client.post(path, hidden_fields(plan.content.decode()))
    initial = coordinator.get(path + "?back=1").context["form"].initial
    assert [f"{initial['day']}", f"{initial['starts']:%H:%M}", f"{initial['ends']:%H:%M}"] == [
        "2025-03-12",
        "14:00",
        "16:00",
    ]


@pytest.mark.parametrize(
    ("day", "starts", "ends", "expected"),
    [
        ("2025-03-07", "22:00", "01:00", (utc(2025, 3, 8, 3), utc(2025, 3, 8, 6))),
        ("2025-03-09", "02:30", "04:00", (utc(2025, 3, 9, 7, 30), utc(2025, 3, 9, 8))),
        ("2025-03-09", "02:30", "03:15", (utc(2025, 3, 9, 7, 30), utc(2025, 3, 9, 8, 15))),
        ("2025-11-02", "01:30", "03:00", (utc(2025, 11, 2, 5, 30), utc(2025, 11, 2, 8))),
    ],
    ids=["over midnight", "a skipped hour", "an end before the gap's", "an hour that exists twice"],
)
def test_hours_are_those_of_the_class(world, make_class, browser, day, starts, ends, expected):
    """W4, G1: typed hours are read in the class's zone, as a schedule's are, wherever the reader is."""
    User.objects.filter(pk=world.coordinator.pk).update(timezone="Asia/Tokyo")
    live_class, coordinator = make_class(start=3), browser(world.coordinator)
    path = address(live_class, "move")
    plan = coordinator.send(path, day=day, starts=starts, ends=ends)
    coordinator.client.post(path, hidden_fields(plan.content.decode()))
    assert (stored(live_class).starting_at, stored(live_class).ending_at) == expected


def test_seconds_that_were_not_typed_stay(world, make_class, browser):
    """W4: a form has minutes; a start that was stored to the second changes only where it was typed again."""
    live_class = make_class(start=3, length=2.5 + 1 / 3600)
    coordinator, path = browser(world.coordinator), address(live_class, "move")
    same = {"day": "2025-03-05", "starts": "16:30", "ends": "19:00"}
    refused = coordinator.send(path, **same)
    assert refused.status_code == 400
    assert "The class is at this time already" in text_of(refused)
    plan = coordinator.send(path, **{**same, "starts": "16:00"})
    coordinator.client.post(path, hidden_fields(plan.content.decode()))
    assert stored(live_class).ending_at == live_class.ending_at


def test_what_a_move_leads_to(world, make_class, browser):
    """P6, G13: a teacher who is needed twice, a holiday, another class of the cohort, a time that is over: all said."""
    other = Cohort.objects.create(academy=world.miami, slug="ux", name="UX", stage="STARTED")
    CohortUser.objects.create(cohort=other, user=world.teacher, role="TEACHER")
    start = utc(2025, 3, 7, 15)
    LiveClass.objects.create(
        cohort_time_slot=world.time_slot(cohort=other), starting_at=start, ending_at=start + timedelta(hours=1)
    )
    Holiday.objects.create(academy=world.miami, name="Carnival", starts_on="2025-03-07", ends_on="2025-03-07")
    make_class(start=43, title="Another")
    live_class, coordinator = make_class(start=3), browser(world.coordinator)
    words = text_of(coordinator.send(address(live_class, "move"), **MOVED))
    for said in (
        "teacher@example.org (teacher) has another class at this time, in UX",
        "This day is a holiday: Carnival.",
        "The cohort has another class at this time.",
    ):
        assert said in words
    past = coordinator.send(address(live_class, "move"), **{**MOVED, "day": "2025-03-04"})
    assert "This time has already begun." in text_of(past)
    fine = coordinator.send(address(live_class, "move"), **{**MOVED, "day": "2025-03-10"})
    assert "No holiday and no other class" in text_of(fine)


def test_a_plan_that_is_out_of_date(world, make_class, browser):
    """P2: where somebody else changed the class since, nothing is saved, and the page shows what happens now."""
    live_class, coordinator = make_class(start=3), browser(world.coordinator)
    path = address(live_class, "move")
    seen = hidden_fields(coordinator.send(path, **MOVED).content.decode())
    LiveClass.objects.update(starting_at=NOW + timedelta(hours=1))
    answer = coordinator.client.post(path, seen)
    assert answer.status_code == 412
    assert "Something has changed since you saw this" in text_of(answer)
    assert stored(live_class).starting_at == NOW + timedelta(hours=1)
    coordinator.client.post(path, hidden_fields(answer.content.decode()))
    assert stored(live_class).starting_at == utc(2025, 3, 7, 14)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"ends": "09:00"}, "ends", "The end must be after the start."),
        ({"day": ""}, "day", "This field is required."),
        ({"day": "0001-01-01"}, "day", "Expected a date from 2000-01-01"),
        ({"starts": "25:00"}, "starts", "Enter a valid time."),
        ({"reason": "x " * 300}, "reason", "at most 500 characters"),
    ],
)
def test_what_was_typed_wrong(world, make_class, browser, typed, field, sentence):
    """V2: the sentence is at its field, what was typed stays, and the focus is there."""
    live_class, coordinator = make_class(start=3), browser(world.coordinator)
    answer = coordinator.send(address(live_class, "move"), **{**MOVED, **typed})
    assert answer.status_code == 400
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in text_of(answer)
    html = answer.content.decode()
    assert ["autofocus" in tag for tag in re.findall(f'<input[^>]*name="{field}"[^>]*>', html)] == [True]
    assert 'aria-invalid="true"' in html
    assert stored(live_class).starting_at == live_class.starting_at


def test_a_time_that_is_taken(world, make_class, browser):
    """W1: at its field, in people's words."""
    make_class(start=5)
    live_class, coordinator = make_class(start=3), browser(world.coordinator)
    answer = coordinator.send(address(live_class, "move"), day="2025-03-05", starts="18:30", ends="20:00")
    assert answer.status_code == 409
    assert list(answer.context["form"].errors) == ["starts"]
    assert "There is a class of this time slot at this time already" in text_of(answer)


def test_cancelling_and_restoring(world, make_class, browser, told):
    """W6, N2: the reason is kept, who expected the class is counted, and both ways say what was done."""
    live_class = make_class(start=3)
    told(live_class, world.student)
    coordinator = browser(world.coordinator)
    before = text_of(coordinator.get(address(live_class, "cancel")))
    assert "1 user has been told when it begins, and gets a mail." in before
    answer = coordinator.send(address(live_class, "cancel"), reason="Storm")
    assert answer.status_code == 303
    assert stored(live_class).cancel_reason == "Storm"
    page = text_of(coordinator.get(answer["Location"]))
    assert "The class is cancelled. You can restore it" in page
    assert "A mail about it goes to 1 user" in page
    for label in ("Restore", "Make up for it"):
        assert label in page
    before = text_of(coordinator.get(address(live_class, "restore")))
    assert "It takes place again: Today 16:30" in before
    assert "Storm" in before
    answer = coordinator.send(address(live_class, "restore"))
    assert stored(live_class).cancelled_at is None
    assert "The class takes place again: Today 16:30 EST. No user has a notification that is now wrong" in text_of(
        coordinator.get(answer["Location"])
    )


def test_a_restored_class_follows_its_slot(world, browser, clock):
    """G15: the page says the hours that it will have, and those are the ones that it gets; a holiday is said too."""
    slot = world.time_slot()
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    live_class = LiveClass.objects.filter(starting_at__gt=NOW + timedelta(days=1)).earliest("starting_at")
    LiveClass.objects.filter(pk=live_class.pk).update(cancelled_at=NOW)
    slot.starting_at, slot.ending_at = 900, 1100
    slot.save()
    Holiday.objects.create(academy=world.miami, name="Carnival", starts_on="2025-03-12", ends_on="2025-03-12")
    coordinator = browser(world.coordinator)
    page = text_of(coordinator.get(address(live_class, "restore")))
    assert "It takes place again: Wed 12 Mar 09:00 EDT \u2013 11:00" in page
    assert "This day is a holiday: Carnival." in page
    coordinator.send(address(live_class, "restore"))
    assert stored(live_class).starting_at == utc(2025, 3, 12, 13)


def test_title_and_link(world, make_class, browser):
    """W4: an empty field is the cohort's again; only what was changed is saved."""
    live_class, coordinator = make_class(start=3, title="Loops"), browser(world.coordinator)
    path = address(live_class, "edit")
    typed = {"title": "  Loops and lists ", "remote_meeting_url": "https://meet.example.org/2"}
    assert coordinator.send(path, **typed).status_code == 303
    assert stored(live_class).title == "Loops and lists"
    assert stored(live_class).remote_meeting_url == "https://meet.example.org/2"
    sequence = stored(live_class).sequence
    coordinator.send(path, title="Loops and lists", remote_meeting_url="https://meet.example.org/2")
    assert stored(live_class).sequence == sequence
    coordinator.send(path, title="", remote_meeting_url="")
    assert (stored(live_class).title, stored(live_class).remote_meeting_url) == ("", "")
    sequence = stored(live_class).sequence
    coordinator.send(path, title="", remote_meeting_url="")
    assert stored(live_class).sequence == sequence
    answer = coordinator.send(path, title="", remote_meeting_url="javascript:alert(1)")
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["remote_meeting_url"])


def test_starting(world, make_class, browser):
    """W3: from the page; the second click does not start it again."""
    live_class, coordinator = make_class(start=0), browser(world.coordinator)
    seen = coordinator.get(address(live_class, "start")).content.decode()
    assert coordinator.send(address(live_class, "start"), seen).status_code == 303
    assert stored(live_class).started_at == NOW
    answer = coordinator.send(address(live_class, "start"), seen)
    assert answer.status_code == 409
    assert "This class has already been started" in text_of(answer)


@pytest.mark.parametrize("name", ["cancel", "restore", "edit", "start"])
def test_two_tabs(world, make_class, browser, name):
    """V3, W5: what another tab saved since is not lost: the second is told, sees it as it is, and can send again."""
    live_class = make_class(start=3, title="Loops", cancelled_at=NOW if name == "restore" else None)
    coordinator, path = browser(world.coordinator), address(live_class, name)
    seen = coordinator.get(path).content.decode()
    LiveClass.objects.update(starting_at=NOW + timedelta(hours=1), title="Renamed")
    before = stored(live_class)
    typed = {"title": "Mine", "reason": "Mine too"}
    answer = coordinator.send(path, seen, **typed)
    assert answer.status_code == 412
    assert "This class has been changed since you opened this page" in text_of(answer)
    assert stored(live_class).updated_at == before.updated_at
    assert coordinator.send(path, answer.content.decode(), **typed).status_code == 303
    assert coordinator.client.post(path, typed).status_code in (409, 412)


@pytest.mark.parametrize(
    ("fields", "closed"),
    [
        ({"started_at": NOW}, {"move", "cancel", "restore", "make-up", "start"}),
        ({"started_at": NOW, "ended_at": NOW}, {"move", "cancel", "restore", "make-up", "start"}),
        ({"cancelled_at": NOW}, {"move", "start"}),
        ({}, {"restore", "make-up"}),
    ],
    ids=["started", "ended", "cancelled", "planned"],
)
def test_what_is_not_possible_now(world, make_class, browser, fields, closed):
    """W3, W4, W6: the page says why in place of the form, and a form that is sent all the same changes nothing."""
    live_class, coordinator = make_class(start=1, **fields), browser(world.coordinator)
    for name in PATHS:
        shown = coordinator.get(address(live_class, name))
        assert shown.status_code == 200
        assert bool(shown.context["blocked"]) == (name in closed), name
        if name in closed:
            assert '<form method="post" class="narrow"' not in shown.content.decode()
            assert coordinator.send(address(live_class, name), **MOVED).status_code == 409
    assert stored(live_class).updated_at == live_class.updated_at


@pytest.mark.parametrize("person", ["student", "teacher", "reader", "foreign_admin", "stranger"])
def test_others_get_the_404_page(world, make_class, browser, person):
    """V1: who may not change classes finds no page, by GET or by a form made by hand; nor one of another academy."""
    live_class, somebody = make_class(start=3), browser(getattr(world, person))
    for name in PATHS:
        assert somebody.get(address(live_class, name)).status_code == 404, name
        assert somebody.client.post(address(live_class, name), MOVED).status_code == 404, name
    assert (
        somebody.client.post(f"/academy/downtown-miami/cohorts/{world.cohort.slug}/new-class", MOVED).status_code == 404
    )
    assert stored(live_class).updated_at == live_class.updated_at
    assert f"{address(live_class, 'move')}" not in somebody.get(f"/classes/{live_class.pk}").content.decode()


def test_names_and_reasons_are_text(world, make_class, browser):
    """V2: whatever people type into a title or a reason stays text, on each page and in the message."""
    bad = "<script>alert(1)</script>"
    live_class, coordinator = make_class(start=3, title=bad), browser(world.coordinator)
    plan = coordinator.send(address(live_class, "move"), **{**MOVED, "reason": bad})
    coordinator.client.post(
        address(live_class, "move"), hidden_fields(plan.content.decode().replace("&lt;", "<").replace("&gt;", ">"))
    )
    assert stored(live_class).move_reason == bad
    answers = [plan, *(coordinator.get(address(live_class, name)) for name in PATHS)]
    coordinator.send(address(live_class, "cancel"), reason=bad)
    answers += [coordinator.get(f"/classes/{live_class.pk}"), *(coordinator.get(address(live_class, n)) for n in PATHS)]
    assert all(bad not in answer.content.decode() for answer in answers)
