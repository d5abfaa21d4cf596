"""What an operator watches."""

import json
import logging

import pytest

from breathecode.common.observability.metrics import GAUGES


@pytest.mark.django_db
def test_metrics_count_requests_by_route(client, world):
    """O1: `/metrics` counts by route, not by address, and tells how many time slots wait to be built."""
    world.time_slot()
    client.get("/v1/events/academy/event/liveclass/12345")
    text = client.get("/metrics").content.decode()
    assert 'route="v1/events/academy/event/liveclass/<id:live_class_id>",status="401"' in text
    assert "12345" not in text
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
