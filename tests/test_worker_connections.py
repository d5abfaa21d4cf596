"""A worker keeps its connection to PostgreSQL from task to task, and gets over a restart of the database."""

import psycopg
import pytest
from celery.signals import task_postrun, task_prerun
from django.db import connection, transaction

from breathecode.celery import close_connections_of_worker, give_back_connections
from breathecode.common.tasks import record_periodic_run
from tests.support.postgres import postgres_server
from tests.support.product import Product, until
from tests.support.servers import celery_worker

RESTARTS = 3
SOON = 60  # seconds, on a machine that does much else
COUNTED = "SELECT state, sum(count)::int FROM common_taskcount GROUP BY state"
OF_WORKER = "SELECT pid FROM pg_stat_activity WHERE application_name = 'worker'"
SEND = "from breathecode.common.tasks import record_periodic_run\nfor _ in range(5): record_periodic_run.delay()"


@pytest.mark.django_db(transaction=True)
def test_a_task_inside_a_transaction_leaves_its_connection(world):
    """Speed: only a task that came from the queue gives back the connection; another belongs to its caller."""
    give_back_connections()
    try:
        with transaction.atomic():
            before = connection.connection
            record_periodic_run.apply(throw=True)
            assert connection.connection is before
    finally:
        for signal in (task_prerun, task_postrun):
            signal.disconnect(close_connections_of_worker)


if connection.vendor == "postgresql":  # SQLite has no connection that anybody could cut

    def done(product):
        """How many tasks ended, by state."""
        return dict(product.rows(COUNTED))

    def run_tasks(product):
        """Runs five tasks; returns the ids of the database's processes that then serve the worker."""
        before = done(product).get("SUCCESS", 0)
        product.python(SEND)
        until(lambda: done(product).get("SUCCESS", 0) >= before + 5, seconds=SOON)
        return {pid for (pid,) in product.rows(OF_WORKER)}

    @pytest.mark.slow
    @pytest.mark.timeout(300)
    def test_a_worker_keeps_its_connection(valkey):
        """Speed: all tasks of a worker share one connection. O6: after a restart of the database the next works."""
        with postgres_server() as database:
            product = Product.new(database.url)
            product.env |= {"CELERY_BROKER_URL": valkey.url, "SWEEP_INTERVAL_SECONDS": "300"}
            named = {"DATABASE_URL": f"{database.url}?application_name=worker"}
            with celery_worker({**product.env, **named}, "--concurrency=1") as worker:
                until(lambda: done(product).get("SUCCESS", 0) >= 5, seconds=SOON)  # what it runs when it starts
                first = run_tasks(product)
                assert len(first) == 1
                assert run_tasks(product) == first
                for _ in range(RESTARTS):
                    database.stop()
                    with pytest.raises(psycopg.OperationalError):
                        psycopg.connect(database.url)
                    database.start()
                    second = run_tasks(product)
                    assert not second & first
                    assert run_tasks(product) == second
                assert len(second) < RESTARTS  # the pool may make one too many on a busy machine, and not one each time
                assert set(done(product)) == {"SUCCESS"}
                assert "not counted" not in worker.log()
