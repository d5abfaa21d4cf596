"""The build tasks: doors to the domain (rules G9, C1)."""

import contextlib
import datetime
import logging

import pytest
import time_machine

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.celery import app
from breathecode.common import queue
from breathecode.events.models import LiveClass
from breathecode.schedules import tasks
from breathecode.schedules.tasks import build_due_live_classes

NOW = datetime.datetime(2025, 1, 10, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def unbuilt(world, **fields):
    given = {
        "cohort": world.cohort, "starting_at": 1400, "ending_at": 1600, "timezone": "America/New_York", **fields,
    }  # fmt: skip
    return CohortTimeSlot.objects.bulk_create([CohortTimeSlot(**given)])[0]


def test_the_documents_shell_lines(world):
    """C1: word for word, with the number of the time slot."""
    slot = unbuilt(world)
    lines = (
        "from breathecode.events.tasks import build_live_classes_from_timeslot\n"
        f"build_live_classes_from_timeslot(timeslot_id={slot.pk})\n"
    )
    exec(lines, {})
    assert LiveClass.objects.filter(cohort_time_slot=slot).count() == 24


def test_the_documents_queued_call(world):
    """C1: `build_live_classes_from_timeslot.delay(timeslot_id)`, by position as the document writes it."""
    from breathecode.schedules.tasks import build_live_classes_from_timeslot

    slot = unbuilt(world)
    build_live_classes_from_timeslot.delay(slot.pk)
    assert LiveClass.objects.filter(cohort_time_slot=slot).count() == 24


def test_a_slot_that_is_gone(world, caplog):
    """G9: a message for a slot that was deleted meanwhile is no failure."""
    from breathecode.schedules.tasks import build_live_classes_from_timeslot

    with caplog.at_level(logging.INFO):
        build_live_classes_from_timeslot(timeslot_id=2**40)
    assert [record.message for record in caplog.records] == ["time slot deleted before its build"]


def test_the_sweep(world):
    """G9: it builds what is due, tells how much that was, and finds nothing the next time."""
    for _ in range(3):
        unbuilt(world)
    assert build_due_live_classes() == 3
    assert LiveClass.objects.count() == 3 * 24
    assert build_due_live_classes() == 0


@contextlib.contextmanager
def from_a_queue(monkeypatch):
    """The arguments of the messages that the sweep sends, while a worker runs it."""
    sent: list[dict[str, int]] = []

    def send(task, **arguments):
        sent.append(arguments)
        return True

    monkeypatch.setattr(tasks, "enqueue", send)
    build_due_live_classes.push_request(id="1", is_eager=False)
    try:
        yield sent
    finally:
        build_due_live_classes.pop_request()


def test_the_sweep_shares_out_what_is_due(world, monkeypatch):
    """Speed: several workers build what several cohorts wait for, each cohort one of them, and nothing is left out."""
    slots = [unbuilt(world, cohort=cohort) for cohort in cohorts_like(world.cohort, 3) for _ in range(2)]
    with from_a_queue(monkeypatch) as sent:
        assert build_due_live_classes.run() == 6
        assert not LiveClass.objects.exists()
        assert len(sent) == 3
        for number, message in enumerate(sent, start=1):
            assert build_due_live_classes.run(**message) == 2
            built = {slot.cohort_id for slot in slots if slot.live_classes.exists()}
            assert len(built) == number
    assert [slot.live_classes.count() for slot in slots] == [24] * 6
    assert build_due_live_classes() == 0


def test_the_sweep_builds_by_itself_what_is_due_in_one_cohort(world, monkeypatch):
    """G9: nothing can be shared out, so no further message is needed."""
    slot = unbuilt(world)
    with from_a_queue(monkeypatch) as sent:
        assert build_due_live_classes.run() == 1
    assert (sent, slot.live_classes.count()) == ([], 24)


def test_the_sweep_builds_by_itself_without_a_broker(world, monkeypatch):
    """G9: where no message can be sent, the worker that has one builds everything."""
    slots = [unbuilt(world, cohort=cohort) for cohort in cohorts_like(world.cohort, 2)]
    with from_a_queue(monkeypatch):
        monkeypatch.setattr(tasks, "enqueue", lambda task, **arguments: False)
        assert build_due_live_classes.run() == 2
    assert [slot.live_classes.count() for slot in slots] == [24] * 2


def cohorts_like(cohort, count):
    """Cohorts with the same dates; their ids follow each other, so each is in another share."""
    given = {"academy": cohort.academy, "kickoff_date": cohort.kickoff_date, "ending_date": cohort.ending_date}
    return [Cohort.objects.create(slug=f"c{n}", name=f"C {n}", stage="STARTED", **given) for n in range(count)]


def test_one_that_fails_keeps_no_other_waiting(world, caplog):
    """G9: a slot in a zone that does not exist fails each time, is named in the log, and the others are built."""
    first, broken, last = unbuilt(world), unbuilt(world, timezone="Mars/Olympus"), unbuilt(world)
    assert build_due_live_classes() == 3
    assert [record.timeslot_id for record in caplog.records if record.levelname == "ERROR"] == [broken.pk]
    counts = {slot.pk: slot.live_classes.count() for slot in (first, broken, last)}
    assert counts == {first.pk: 24, broken.pk: 0, last.pk: 24}
    assert build_due_live_classes() == 1


def test_a_built_slot_whose_zone_is_gone(world):
    """G9, G12: nor does it stop the look for what is due: it is due itself."""
    broken, sound = unbuilt(world), unbuilt(world)
    CohortTimeSlot.objects.filter(pk=broken.pk).update(timezone="Mars/Olympus")
    world.cohort.ending_date, world.cohort.never_ends = None, True
    world.cohort.save()
    CohortTimeSlot.objects.filter(pk=broken.pk).update(built_revision=2, revision=2, built_until="2025-01-01")
    assert build_due_live_classes() == 2
    assert sound.live_classes.count() == 26


def test_every_periodic_task_exists_and_does_not_pile_up():
    """C1: a name that no task has would only fail at night; one that waited a whole round is followed by another."""
    app.loader.import_default_modules()
    entries = app.conf.beat_schedule.values()
    assert {entry["task"] for entry in entries} <= set(app.tasks)
    assert [entry for entry in entries if entry["options"]["expires"] != entry["schedule"]] == []


def test_a_queue_that_is_down_is_told_once(world, monkeypatch, caplog):
    """G9: a cohort with many slots asks a dead broker once, and the save is none the wiser."""
    from breathecode.schedules.receivers import _build_due_slots_of
    from breathecode.schedules.tasks import build_live_classes_from_timeslot

    asked = []

    def refuse(*args, **kwargs):
        asked.append(kwargs)
        raise ConnectionError

    monkeypatch.setattr(build_live_classes_from_timeslot, "apply_async", refuse)
    for _ in range(5):
        unbuilt(world)
    _build_due_slots_of(world.cohort.pk)
    assert len(asked) == 1
    assert queue.enqueue(build_live_classes_from_timeslot, timeslot_id=1) is False
    assert "queue unavailable" in caplog.text
