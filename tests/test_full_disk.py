"""A disk that is full, on a real web server without a broker (rules O6, G9)."""

import resource
from pathlib import Path

import pytest
from django.db import connection

from tests.support import servers
from tests.support.product import CLASSES, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
LIST = "/v1/events/academy/event/liveclass"
INDEX_OF_WAL = 32_768  # bytes of SQLite's file that readers write their marks into, which exists already
SOON = 100  # seconds; a sweep comes each second

if connection.vendor == "sqlite":  # the disk of PostgreSQL is its server's

    def may_write(pid, size):
        """Files of the process may grow to this size; the kernel refuses what is beyond, as a full disk does."""
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited))

    def test_a_full_disk(template, databases):
        """O6, G9: reads are answered, a write is refused as a whole; then all is well."""
        product = template.copy(
            databases(template.database_url), CELERY_BROKER_URL="", SWEEP_INTERVAL_SECONDS="1"
        )  # fmt: skip
        with servers.web_server(product.env) as web:
            assert product.add_slot(web.url)[0] == 201
            until(lambda: product.classes_by_slot() == [CLASSES], seconds=SOON)
            children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
            workers = [int(pid) for pid in children] + [web.pid]
            for pid in workers:
                may_write(pid, INDEX_OF_WAL)
            until(lambda: product.add_slot(web.url)[0] == 503, seconds=SOON)  # what fits into the rest is stored
            status, answer, _ = product.add_slot(web.url)
            assert (status, answer.get("slug")) == (503, "database-unavailable")
            assert product.call(web.url, "GET", LIST)[0] == 200
            assert set(product.classes_by_slot()) <= {0, CLASSES}
            for pid in workers:
                may_write(pid, resource.RLIM_INFINITY)
            until(lambda: product.add_slot(web.url)[0] == 201, seconds=SOON)
            until(lambda: set(product.classes_by_slot()) == {CLASSES}, seconds=SOON)
            until(lambda: product.call(web.url, "GET", "/readyz")[1]["status"] == "ok", seconds=SOON)
