"""Statements that PostgreSQL keeps prepared (decision 9)."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from breathecode.authenticate.models import LimitCount
from breathecode.common.db.prepared import PreparedInsert, PreparedRows
from tests.support.queries import captured_queries

pytestmark = pytest.mark.django_db(transaction=True)
LATER = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)
KEPT = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%authenticate_limitcount%'"


def counts(number: int) -> QuerySet[LimitCount]:
    return LimitCount.objects.filter(count=number).exclude(key="50 %s of 'all' \\ %")


@pytest.fixture
def stored() -> None:
    for key, number in (("a", 1), ("50 %s of 'all' \\ %", 1), ("b", 2), ("c", 2**31 - 1)):
        LimitCount.objects.create(key=key, count=number, ends_at=LATER)


@pytest.fixture
def kind() -> PreparedRows:
    return PreparedRows(LimitCount, counts, "key", "count", "ends_at", ordering=("key",))


if connection.vendor == "postgresql":  # SQLite plans in microseconds and is asked by Django's own cursor

    def kept() -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(KEPT.replace("%", "%%"), [])
            return list(cursor.fetchall())

    def close_connections() -> None:
        with_pool: Any = connection
        with_pool.close()
        with_pool.close_pool()

    @pytest.fixture(autouse=True)
    def _other_connections() -> Iterator[None]:
        close_connections()
        yield
        close_connections()

    def test_one_statement_for_numbers_of_any_size(kind, stored):
        """Speed: the server parses it once, and from the sixth run on plans no more."""
        for number, keys in (
            (1, ["a"]),
            (2, ["b"]),
            (2**31 - 1, ["c"]),
            (2**40, []),
            (1, ["a"]),
            (2, ["b"]),
            (1, ["a"]),
        ):
            assert [row[0] for row in kind.bind(number)[:20]] == keys
        assert kept() == [(2, 5)]

    def test_what_is_captured_has_its_values(kind, stored):
        """Speed: what a test or a log of slow statements shows can be run as it is."""
        with captured_queries() as statements:
            kind.bind(2)[20:40]
        (statement,) = statements
        assert "$" not in statement
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("%", "%%").replace("OFFSET 20", "OFFSET 0"), [])
            assert cursor.fetchall() == [("b", 2, LATER)]

    def test_a_migration_changes_a_column_meanwhile(kind, stored):
        """O8: the statement is prepared again, and the reader sees no error."""
        assert kind.bind(1)[:20] == [("a", 1, LATER)]
        before = "ALTER TABLE authenticate_limitcount ALTER COLUMN key TYPE varchar({})"
        size = LimitCount._meta.get_field("key").max_length or 0
        with connection.cursor() as cursor:
            other = f"SET statement_timeout = '60s'; {before.format(size + 1)}"
            cursor.connection.pgconn.exec_(other.encode())  # psycopg forgets its statements after an ALTER of its own
        try:
            assert kind.bind(1)[:20] == [("a", 1, LATER)]
            assert kind.bind(2)[:20] == [("b", 2, LATER)]
        finally:
            with connection.cursor() as cursor:
                cursor.execute(before.format(size))

    def test_an_insert_is_prepared_too(stored):
        """J8: and what it finds there stays."""
        insert = PreparedInsert(LimitCount, "key", "count", "ends_at")
        for _ in range(2):
            insert.insert_unless_there("100 %s", 5, LATER)
        assert LimitCount.objects.filter(key="100 %s").count() == 1
        assert len(kept()) == 1

    def test_a_pooler_that_changes_connections(kind, stored, monkeypatch):
        """O3: with `prepare_threshold=None` in DATABASE_URL nothing is left on the connection."""
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
        close_connections()
        for _ in range(7):
            assert [row[0] for row in kind.bind(2)[:20]] == ["b"]
        assert kept() == []

    def test_django_prepares_nothing(stored):
        """Speed: statements of any other shape would only fill the server's memory."""
        for _ in range(7):
            assert LimitCount.objects.filter(count=1).count() == 2
        assert kept() == []
