"""Cohorts and their time slots as pages: made, changed by a plan, taken back (rules V1 to V3, P1 to P3, P8)."""

import datetime
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.events.domain.writing import change_class
from breathecode.events.models import LiveClass
from breathecode.history.models import Change
from breathecode.schedules.domain import limits
from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")
SLOT = {
    "starting_at": "14:00", "ending_at": "16:00", "recurrency_type": "WEEKLY", "interval": "1",
    "weekdays": ["WE"], "recurrent": "on", "timezone": "America/New_York", "starts_on": "",
}  # fmt: skip
COHORT = {
    "name": "Evening class", "kickoff_date": "2025-03-10", "ending_date": "2025-05-30", "stage": "STARTED",
    "timezone": "", "language": "en", "online_meeting_url": "https://zoom.us/j/1", "syllabus": "",
}  # fmt: skip


@pytest.fixture
def staff(world):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(world.coordinator)
    return client


def at(name, world, *more):
    return reverse(name, args=[world.miami.slug, world.cohort.slug, *more])


def hidden(answer):
    """The fields of the plan's form, with its version."""
    form = re.findall(r'<form method="post" class="actions">.*?</form>', answer.content.decode(), re.DOTALL)[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def added(staff, world, **fields):
    """A time slot added on its page, in two steps."""
    plan = staff.post(at("cohort-slot-new", world), {**SLOT, **fields})
    assert plan.status_code == 200, plan.content.decode()
    assert staff.post(at("cohort-slot-new", world), hidden(plan)).status_code == 303
    return CohortTimeSlot.objects.latest("id")


def hours(slot):
    coming = LiveClass.objects.filter(
        cohort_time_slot=slot, starting_at__gt=datetime.datetime(2025, 3, 6, tzinfo=datetime.UTC)
    )
    return {f"{start:%H:%M}" for start in coming.filter(cancelled_at=None).values_list("starting_at", flat=True)}


def test_a_new_cohort(staff, world):
    """R2: made with a slug from its name, which is another one for the second of the same name."""
    new = reverse("cohort-new", args=[world.miami.slug])
    first, second = staff.post(new, COHORT), staff.post(new, COHORT)
    assert (first.status_code, first["Location"]) == (303, "/academy/downtown-miami/cohorts/evening-class")
    assert second["Location"].endswith("/evening-class-2")
    assert Cohort.objects.get(slug="evening-class").ending_date == datetime.date(2025, 5, 30)


def test_a_cohort_that_is_refused(staff, world):
    """V2: what was typed stays, the sentence is at its field, and nothing is saved."""
    wrong = {**COHORT, "ending_date": "2025-03-01"}
    answer = staff.post(reverse("cohort-new", args=[world.miami.slug]), wrong)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "must not be before the kickoff date" in html
    assert re.search(r'name="ending_date" value="2025-03-01"[^>]*autofocus', html)
    assert not Cohort.objects.filter(name="Evening class").exists()


def test_the_list(staff, world):
    """V1: by name and stage, 50 a page with the filters in the address; an empty list says what to do."""
    made = [Cohort(academy=world.miami, slug=f"c{n}", name=f"Night {n}", stage="PREWORK") for n in range(51)]
    Cohort.objects.bulk_create(made)
    cohorts = reverse("cohorts", args=[world.miami.slug])
    html = staff.get(cohorts, {"search": "night", "stage": "PREWORK"}).content.decode()
    assert html.count("Night ") == 50
    assert "search=night&amp;stage=PREWORK&amp;page=2" in html
    assert "Search for less" in staff.get(cohorts, {"search": "nothing"}).content.decode()
    assert "Web Development" not in staff.get(cohorts, {"stage": "DELETED"}).content.decode()


def test_adding_and_moving_a_time_slot(staff, world):
    """P1: the plan is shown and nothing is saved; its button moves the classes."""
    slot = added(staff, world)
    assert hours(slot) == {"18:00"}  # summer in New York
    edit = at("cohort-slot", world, slot.pk)
    plan = staff.post(edit, {**SLOT, "starting_at": "09:00", "ending_at": "11:00", "step": "plan"})
    assert "Moved classes" in plan.content.decode()
    assert hours(slot) == {"18:00"}
    assert staff.post(edit, hidden(plan)).status_code == 303
    assert hours(slot) == {"13:00"}


def test_taking_it_back(staff, world):
    """P8: the undo that is offered after a change shows its plan, and then moves the classes back."""
    slot = added(staff, world)
    edit = at("cohort-slot", world, slot.pk)
    plan = staff.post(edit, {**SLOT, "starting_at": "09:00", "ending_at": "11:00"})
    after = staff.post(edit, hidden(plan), follow=True).content.decode()
    undo = re.findall(r'action="([^"]+/undo)"', after)[0]
    plan = staff.post(undo, {})
    assert "Undo this change?" in plan.content.decode()
    assert hours(slot) == {"13:00"}
    assert staff.post(undo, hidden(plan)).status_code == 303
    assert hours(slot) == {"18:00"}


def test_a_plan_that_is_outdated(staff, world):
    """P2: with two tabs open, the second is shown the new plan, and nothing of it is saved."""
    slot = added(staff, world)
    edit = at("cohort-slot", world, slot.pk)
    first = staff.post(edit, {**SLOT, "starting_at": "09:00", "ending_at": "11:00"})
    second = staff.post(edit, {**SLOT, "starting_at": "10:00", "ending_at": "12:00"})
    assert staff.post(edit, hidden(first)).status_code == 303
    answer = staff.post(edit, hidden(second))
    assert answer.status_code == 412
    assert "The schedule has changed since you saw the plan" in answer.content.decode()
    assert hours(slot) == {"13:00"}
    assert staff.post(edit, hidden(answer)).status_code == 303
    assert hours(slot) == {"14:00"}


def test_removing_a_time_slot(staff, world):
    """P3: what people moved is kept, with the reason; `kept=cancel` cancels it too."""
    slot = added(staff, world)
    moved = LiveClass.objects.filter(cohort_time_slot=slot).latest("starting_at")
    later = {"starting_at": moved.starting_at + datetime.timedelta(minutes=30)}
    change_class(moved.pk, fields=later, now=NOW, within=LiveClass.objects.all())
    remove = at("cohort-slot-remove", world, slot.pk)
    kept = staff.post(remove).content.decode()
    assert "it was moved by hand" in kept
    assert 'name="kept" value="cancel"' in kept
    plan = staff.post(remove, {"kept": "cancel"})
    assert staff.post(remove, hidden(plan)).status_code == 303
    slot.refresh_from_db()
    moved.refresh_from_db()
    assert slot.removed_at is not None
    assert moved.cancelled_at is not None


def test_the_preview(staff, world):
    """T6: with a button and in place by htmx, in the reader's zone and the slot's; nothing is saved."""
    new, typed = at("cohort-slot-new", world), {**SLOT, "step": "preview"}
    world.coordinator.timezone = "Europe/Madrid"
    world.coordinator.save()
    whole = staff.post(new, typed).content.decode()
    part = staff.post(new, typed, headers={"HX-Request": "true"}).content.decode()
    assert "<h1" in whole
    assert "<h1" not in part
    assert "20:00</time>" in part
    assert "14:00 EST" in part
    assert not CohortTimeSlot.objects.exists()
    wrong = staff.post(new, {**typed, "ending_at": "14:00"}, headers={"HX-Request": "true"})
    assert "<li>" in wrong.content.decode()


def test_the_preview_of_an_edit(staff, world, monkeypatch):
    """T6: the classes that the time slot has now collide with none of those that it will have; those of others do."""
    slot = added(staff, world)
    later = {**SLOT, "starting_at": "15:00", "ending_at": "17:00", "step": "preview"}
    monkeypatch.setattr(limits, "MAX_CLASSES_PER_COHORT", LiveClass.objects.count() + 20)
    own = staff.post(at("cohort-slot", world, slot.pk), later)
    assert own.status_code == 200
    assert own.context["preview"].warnings == []
    assert not any(classes for _occurrence, classes in own.context["preview"].occurrences)
    monkeypatch.undo()
    other = staff.post(at("cohort-slot-new", world), later)
    assert other.context["preview"].warnings
    assert any(classes for _occurrence, classes in other.context["preview"].occurrences)


def test_changing_the_dates_of_a_cohort(staff, world):
    """P1: a cohort that ends sooner shows which classes go; then they go, and the undo brings them back."""
    slot = added(staff, world)
    count = LiveClass.objects.filter(cohort_time_slot=slot).count()
    edit = at("cohort-edit", world)
    typed = {**COHORT, "kickoff_date": "2025-01-15", "ending_date": "2025-04-30", "name": "Web Development"}
    plan = staff.post(edit, typed)
    assert "Removed classes" in plan.content.decode()
    assert LiveClass.objects.filter(cohort_time_slot=slot).count() == count
    assert staff.post(edit, hidden(plan)).status_code == 303
    assert LiveClass.objects.filter(cohort_time_slot=slot).count() < count
    change = Change.objects.filter(kind="cohort").latest("id")
    undo = at("cohort-undo", world, change.pk)
    staff.post(undo, hidden(staff.post(undo)))
    world.cohort.refresh_from_db()
    assert world.cohort.ending_date == datetime.date(2025, 6, 30)
    assert LiveClass.objects.filter(cohort_time_slot=slot).count() == count


def test_what_cannot_be_undone(staff, world):
    """P8: there is no way back from a change of a member, also not by an address typed by hand."""
    change = Change.objects.filter(kind="enrolment", cohort_id=world.cohort.pk).latest("id")
    assert staff.post(at("cohort-undo", world, change.pk)).status_code == 404


def test_what_a_cohort_lacks(staff, world):
    """P7: the overview says what the diagnosis finds, and what to do."""
    html = staff.get(at("cohort", world)).content.decode()
    assert "The cohort has no time slots" in html
    assert "Add a time slot: classes are built from them." in html
    assert '/academy/downtown-miami/cohorts/web-dev/slots">See the time slots</a>' in html


def test_names_are_text(staff, world):
    """V2: a name with HTML is shown as it is written."""
    Cohort.objects.filter(pk=world.cohort.pk).update(name="<script>alert(1)</script>")
    world.student.first_name = "<img src=x>"
    world.student.save()
    for name in ("cohort", "cohort-slots", "cohort-people", "cohort-history", "cohort-edit"):
        html = staff.get(at(name, world)).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def foreign(name, world):
    """The address of what belongs to the other academy, under the own one."""
    slot = CohortTimeSlot.objects.create(cohort=world.other_cohort, starting_at=900, ending_at=1000)
    part = CohortUser.objects.get(cohort=world.other_cohort)
    change = Change.objects.filter(kind="time_slot", object_id=slot.pk).latest("id")
    ids = {"cohort-slot": slot.pk, "cohort-slot-remove": slot.pk, "cohort-undo": change.pk}
    ids |= dict.fromkeys(("cohort-person", "cohort-person-remove"), part.pk)
    return [
        reverse(name, args=["downtown-miami", "data", *([ids[name]] if name in ids else [])]),
        *([at(name, world, ids[name])] if name in ids else []),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "cohort-edit",
        "cohort-slot-new",
        "cohort-slot",
        "cohort-slot-remove",
        "cohort-people",
        "cohort-person",
        "cohort-person-remove",
        "cohort-undo",
    ],
)
def test_another_academys_cohort(staff, world, name):
    """V1: its slug and ids give the 404 page under the own academy's address, and nothing is written."""
    addresses = foreign(name, world)
    before = Change.objects.count()
    assert {staff.post(address, SLOT).status_code for address in addresses} == {404}
    assert Change.objects.count() == before


@pytest.mark.parametrize("name", ["cohort-slot-remove", "cohort-undo"])
def test_forms_alone(world, name):
    """V3: these take forms with a CSRF token from those who may write, and nothing else."""
    slot = world.time_slot()
    change = Change.objects.filter(kind="time_slot", object_id=slot.pk).latest("id")
    pk = {"cohort-slot-remove": slot.pk, "cohort-undo": change.pk}[name]
    client = Client(headers={"Accept": "text/html"}, enforce_csrf_checks=True)
    client.force_login(world.coordinator)
    assert client.post(at(name, world, pk)).status_code == 403
    assert client.get(at(name, world, pk)).status_code == 405
    reader = Client(headers={"Accept": "text/html"})
    reader.force_login(world.reader)
    assert reader.post(at(name, world, pk)).status_code == 404


def seen_in(html):
    """What the form remembers of the values that it was opened with."""
    return {"as_seen": re.findall(r'name="as_seen" value="([^"]+)"', html)[0]}


def test_a_cohort_that_others_changed(staff, world):
    """V3: a form that was opened before does not take back the link that somebody else has saved since."""
    edit = at("cohort-edit", world)
    typed = {**COHORT, "kickoff_date": "2025-01-15", "ending_date": "2025-06-30", "name": "Mine"}
    typed |= seen_in(staff.get(edit).content.decode())
    Cohort.objects.filter(pk=world.cohort.pk).update(online_meeting_url="https://zoom.us/j/theirs")
    answer = staff.post(edit, {**typed, "step": "plan"})
    html = answer.content.decode()
    assert answer.status_code == 412
    assert "changed since you opened the page" in html
    assert 'name="name" value="Mine"' in html
    assert re.search(r'name="online_meeting_url" value="https://zoom.us/j/theirs"[^>]*aria-invalid="true"', html)
    assert html.count("Changed meanwhile") == 1
    again = {**typed, **seen_in(html), "online_meeting_url": "https://zoom.us/j/theirs"}
    plan = staff.post(edit, again)
    assert plan.status_code == 200
    Cohort.objects.filter(pk=world.cohort.pk).update(language="es")  # between the plan and its button
    assert staff.post(edit, hidden(plan)).status_code == 412
    Cohort.objects.filter(pk=world.cohort.pk).update(language="en")
    assert staff.post(edit, hidden(plan)).status_code == 303
    world.cohort.refresh_from_db()
    assert (world.cohort.name, world.cohort.online_meeting_url) == ("Mine", "https://zoom.us/j/theirs")


def test_a_time_slot_that_others_changed(staff, world):
    """V3: as for a cohort; the weekdays and hours that were changed are shown as they are now."""
    slot = added(staff, world)
    edit = at("cohort-slot", world, slot.pk)
    seen = seen_in(staff.get(edit).content.decode())
    CohortTimeSlot.objects.filter(pk=slot.pk).update(weekdays=["WE", "FR"], starting_at=1330)
    answer = staff.post(edit, {**SLOT, **seen, "ending_at": "17:00"})
    html = answer.content.decode()
    assert answer.status_code == 412
    assert 'name="starting_at" value="13:30"' in html
    assert 'name="ending_at" value="17:00"' in html
    assert re.search(r'value="FR"[^>]*checked', html)
    slot.refresh_from_db()
    assert (slot.starting_at, slot.ending_at) == (1330, 1600)
    again = {**SLOT, **seen_in(html), "starting_at": "13:30", "weekdays": ["WE", "FR"], "ending_at": "17:00"}
    assert staff.post(edit, again).status_code == 200


def test_weeks_are_headed_by_their_dates(staff, world):
    """V4: on a Monday too."""
    added(staff, world)
    with time_machine.travel("2025-03-10T16:00:00Z", tick=False):
        staff.force_login(world.coordinator)
        html = staff.get(at("cohort", world)).content.decode()
    assert "<h3>Week of Mon 10 Mar</h3>" in html
    assert "Week of Today" not in html
