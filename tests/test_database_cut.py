"""PostgreSQL restarts, or a firewall cuts what stood idle: the next person to come notices nothing."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import connection

from tests.support.servers import web_server

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/v1/events/academy/event/liveclass"

if connection.vendor == "postgresql":  # SQLite has no connection that anybody could cut

    def test_connections_that_the_database_cut(product):
        """O1, J1: every pooled connection is gone, and each of the next requests is answered all the same."""
        with web_server({**product.env, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "WEB_THREADS": "4"}) as web:

            def statuses():
                with ThreadPoolExecutor(4) as people:
                    return list(people.map(lambda _: product.call(web.url, "GET", LIST)[0], range(16)))

            assert set(statuses()) == {200}
            with psycopg.connect(product.database_url, autocommit=True) as admin:
                cut = admin.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).fetchone()
            assert cut is not None
            assert cut[0] >= 1
            assert set(statuses()) == {200}
