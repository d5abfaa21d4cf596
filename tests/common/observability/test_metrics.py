"""What an operator watches."""

import json
import logging
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from celery.app.trace import build_tracer
from django.utils import timezone
from model_bakery import baker

from breathecode.common.observability import beat
from breathecode.common.observability.metrics import GAUGES
from breathecode.common.tasks import record_periodic_run
from breathecode.events.models import LiveClass
from breathecode.notify.models import OutgoingMail


@pytest.mark.django_db
def test_metrics_count_requests_by_route(client, world):
    """O1: `/metrics` counts by route, not by address, and tells how many time slots wait to be built."""
    world.time_slot()
    client.get("/v1/events/academy/event/liveclass/12345")
    text = client.get("/metrics").content.decode()
    assert 'route="v1/events/academy/event/liveclass/<id:live_class_id>",status="401"' in text
    assert "liveclass/12345" not in text  # the digits alone may occur in a measured time
    assert "breathecode_time_slots_due_to_be_built 1.0" in text
    assert set(GAUGES) >= {"time_slots_due_to_be_built"}


@pytest.mark.django_db
def test_no_caller_makes_labels_of_their_own(client):
    """O1: methods that HTTP does not have count as one, and unknown routes as one."""

    def series():
        return {line.rpartition(" ")[0] for line in client.get("/metrics").content.decode().splitlines()}

    client.generic("BREW", "/v1/nowhere-0")
    series()  # so that what it counts itself is there
    before = series()
    for number in range(30):
        client.generic(f"BREW{number}", f"/v1/nowhere-{number}")
    assert series() - before == set()
    assert any('method="OTHER"' in line for line in before)
    assert not any("BREW" in line for line in before)


@pytest.mark.django_db
def test_a_line_for_each_request_and_task_and_no_token(call, world, caplog):
    """O4: one line a request and a task, with ids and without the token of the address."""
    key = call.key(world.student)
    with caplog.at_level(logging.INFO):
        call("GET", f"/v1/events/me/event/liveclass?token={key}", as_=world.student)
        from breathecode.schedules.tasks import build_due_live_classes

        build_due_live_classes.delay()
    (request,) = [record for record in caplog.records if record.name == "breathecode.request"]
    (task,) = [record for record in caplog.records if record.name == "breathecode.task"]
    assert (request.path, request.user_id) == ("/v1/events/me/event/liveclass", world.student.pk)
    assert (task.task, task.state) == ("breathecode.schedules.tasks.build_due_live_classes", "SUCCESS")
    assert key not in json.dumps([str(record.__dict__) for record in (request, task)])


def numbers(client):
    """What /metrics says, by the name of the series."""
    lines = client.get("/metrics").content.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}


def run_in_worker(task, **headers):
    """As a worker does with a message."""
    build_tracer(task.name, task, app=task.app)(
        str(uuid4()), (), {}, {"headers": headers, **headers, "is_eager": False}
    )


@pytest.mark.django_db
def test_what_waits(client, world, make_class):
    """O9: mails by state, and classes that should have ended."""
    now = timezone.now()
    for state, tries in (("QUEUED", 0), ("SENDING", 1), ("FAILED", 12), ("SENT", 1)):
        baker.make(OutgoingMail, state=state, tries=tries, next_try_at=now, created_at=now)
    baker.make(OutgoingMail, state="FAILED", next_try_at=now, created_at=now - timedelta(days=8))
    LiveClass.objects.filter(pk=make_class().pk).update(
        starting_at=now - timedelta(hours=3), ending_at=now - timedelta(hours=2)
    )
    found = numbers(client)
    assert (found["breathecode_mails_waiting"], found["breathecode_mails_failed"]) == (2, 1)
    assert found["breathecode_live_classes_overdue"] == 1


@pytest.mark.django_db(transaction=True)
def test_tasks_of_every_process(client, monkeypatch):
    """O9: counted in the database by name and state, so that each web server tells those of all workers."""
    run_in_worker(record_periodic_run)
    run_in_worker(record_periodic_run)
    monkeypatch.setattr(beat, "record_run", lambda **arguments: 1 / 0)
    run_in_worker(record_periodic_run)
    series = 'breathecode_tasks_total{state="%s",task="breathecode.common.tasks.record_periodic_run"}'
    found = numbers(client)
    assert (found[series % "SUCCESS"], found[series % "FAILURE"]) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_the_age_of_the_queue(client, settings):
    """O9: what the last periodic task waited; while the next one does not run, what it has waited so far."""
    run_in_worker(record_periodic_run, breathecode_sent_at=time.time() - 40)
    assert 40 <= numbers(client)["breathecode_queue_age_seconds"] < 60
    beat.record_run(now=timezone.now() - timedelta(seconds=settings.SWEEP_INTERVAL_SECONDS + 300), queue_seconds=0.5)
    assert 300 <= numbers(client)["breathecode_queue_age_seconds"] < 400
