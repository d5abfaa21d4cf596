"""PostgreSQL restarts while requests read and write (rule O6)."""

import threading
from typing import Any

import pytest
from django.db import connection

from tests.support.postgres import postgres_server
from tests.support.product import Product, until
from tests.support.servers import web_server

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]
LIST = "/v1/events/academy/event/liveclass"
SOON = 100  # seconds; it takes a few

if connection.vendor == "postgresql":  # SQLite has no server

    def ask_until(stop, ask, answers):
        while not stop.is_set():
            answers.append(ask())

    def test_a_restart_under_load():
        """O6: answers are as usual or 503; what was answered 201 is stored, and once; then all is well."""
        reads: list[Any] = []
        writes: list[Any] = []
        stop = threading.Event()
        with postgres_server() as server:
            product = Product.new(server.url)
            env = {**product.env, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "WEB_THREADS": "4"}
            with web_server(env) as web:
                people = [
                    threading.Thread(target=ask_until, args=(stop, ask, answers))
                    for ask, answers in (
                        (lambda: product.call(web.url, "GET", LIST)[0], reads),
                        (lambda: product.add_slot(web.url)[:2], writes),
                    )
                ]
                for person in people:
                    person.start()
                try:
                    until(lambda: min(len(reads), len(writes)) >= 2, seconds=SOON)
                    server.stop()
                    until(lambda: 503 in reads and 503 in [status for status, _ in writes], seconds=SOON)
                    server.start()
                    before = len(reads), len(writes)
                    until(lambda: 200 in reads[before[0] :], seconds=SOON)
                    until(lambda: 201 in [status for status, _ in writes[before[1] :]], seconds=SOON)
                finally:
                    stop.set()
                    for person in people:
                        person.join(timeout=60)
                created = [answer["id"] for status, answer in writes if status == 201]
                assert set(reads) == {200, 503}
                assert {status for status, _ in writes} == {201, 503}
                stored = [pk for (pk,) in product.rows("SELECT id FROM admissions_cohorttimeslot")]
                assert set(created) <= set(stored)
                assert len(stored) <= len(writes)
