"""The beat on a real RabbitMQ whose server is killed and comes back (rules C1, G9)."""

from functools import partial

import pytest

from tests.support import servers
from tests.support.product import CLASSES, until
from tests.support.rabbitmq import rabbitmq

pytestmark = pytest.mark.timeout(600)  # RabbitMQ takes its time to start on a busy machine
LONG = 120  # seconds; the sweep comes each second


def _has_classes(product, expected):
    return product.classes_by_slot() == expected


def test_the_beat_outlives_a_restart_of_the_broker(template, databases):
    """G9: what was saved while RabbitMQ was away is built once it is back, without a restart of the worker."""
    with rabbitmq() as broker:
        product = template.copy(
            databases(template.database_url), CELERY_BROKER_URL=broker.url, SWEEP_INTERVAL_SECONDS="1"
        )
        with servers.celery_worker(product.env, "--concurrency=1") as worker, servers.web_server(product.env) as web:
            assert product.add_slot(web.url)[0] == 201
            until(lambda: product.classes_by_slot() == [CLASSES], seconds=LONG)
            for slots in (2, 3):
                expected = [CLASSES] * slots
                broker.kill()
                assert product.add_slot(web.url)[0] == 201
                broker.start()
                until(partial(_has_classes, product, expected), seconds=LONG)
            assert worker.running
