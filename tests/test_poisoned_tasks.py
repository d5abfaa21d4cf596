"""Messages that no worker can carry out, on a real worker: the queue goes on behind them (rules C1, G9)."""

import pytest

from tests.support import servers
from tests.support.product import CLASSES, until

pytestmark = pytest.mark.timeout(300)
SOON = 100  # seconds; each takes one or two
APP = "poisoned"
# The product's own application with two tasks more, as a fault in one of its tasks would be.
POISONED = """
import os, signal
from breathecode.celery import app

@app.task(name="always.raises")
def always_raises():
    raise ValueError("poison")

@app.task(name="kills.its.process")
def kills_its_process():
    with open(os.environ["KILLED"], "a") as file:
        file.write("x")
    os.kill(os.getpid(), signal.SIGKILL)
"""
BUILD = "breathecode.schedules.tasks.build_live_classes_from_timeslot"
SEND = f"""
from breathecode.celery import app
app.send_task("nobody.knows.this")
app.send_task("{BUILD}", kwargs={{"wrong": 1}})
app.send_task("{BUILD}", kwargs={{"timeslot_id": "x"}})
app.send_task("always.raises")
app.send_task("kills.its.process")
with app.connection_for_write() as connection:
    queue = connection.SimpleQueue("celery")
    queue.put("no task at all")
    queue.put(b"{{", content_type="application/json", content_encoding="utf-8")
"""


@pytest.fixture
def poisoned(product, tmp_path):
    """The product, its tasks and two that fail; the file that grows with each process that one of them ends."""
    (tmp_path / f"{APP}.py").write_text(POISONED)
    killed = tmp_path / "killed"
    product.env |= {"PYTHONPATH": str(tmp_path), "KILLED": str(killed)}
    return product, killed


def test_messages_that_nothing_can_be_done_with(poisoned):
    """C1, G9: each is tried once and logged, the worker lives on, and what comes behind them is built."""
    product, killed = poisoned
    with servers.celery_worker(product.env, "--concurrency=1", app=APP) as worker:
        product.python(SEND)
        until(killed.exists, seconds=SOON)
        product.add_unbuilt_slots(1)
        until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
        sweeps = worker.log().count("build_due_live_classes")
        until(lambda: worker.log().count("build_due_live_classes") > sweeps + 3, seconds=SOON)
        assert worker.running
        log = worker.log()
    assert killed.read_text() == "x"  # once
    assert "nobody.knows.this" in log
    assert "ValueError: poison" in log
