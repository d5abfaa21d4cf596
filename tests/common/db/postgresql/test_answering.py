"""Whether the database answers on a connection that lay in the pool."""

from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from breathecode.common.db.postgresql.answering import answers
from tests.support.database import database_url
from tests.support.product import until

pytestmark = pytest.mark.django_db(transaction=True)

if connection.vendor == "postgresql":  # SQLite has no connection that anybody could cut

    @pytest.fixture
    def connections():
        """Two connections: one that lies in the pool, and one of an administrator."""
        with psycopg.connect(database_url()) as lying, psycopg.connect(database_url(), autocommit=True) as admin:
            yield SimpleNamespace(lying=lying, admin=admin)

    def test_a_connection_that_works(connections):
        """O6: it answers, time after time, and can be used afterwards."""
        assert answers(connections.lying, seconds=30)
        assert answers(connections.lying, seconds=30)
        assert connections.lying.execute("SELECT 1").fetchone() == (1,)

    def test_a_connection_that_the_database_ended(connections):
        """O6: the last message of a server that shuts down does not count as an answer, although it can be read."""
        pid = connections.lying.info.backend_pid
        connections.admin.execute("SELECT pg_terminate_backend(%s)", [pid])
        here = "SELECT FROM pg_stat_activity WHERE pid = %s"
        until(lambda: not connections.admin.execute(here, [pid]).fetchall(), seconds=60)
        assert not answers(connections.lying, seconds=30)
