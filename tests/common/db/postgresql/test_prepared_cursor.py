"""Statements that PostgreSQL keeps prepared, and when it must not."""

import socket
import threading
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from breathecode.authenticate.models import User
from breathecode.common.db.postgresql.prepared_cursor import THRESHOLD, PreparedCursor
from breathecode.common.db.prepared import PreparedRows
from breathecode.events.domain.lists.rows import rows_of_academy, rows_of_user
from tests.support.database import database_url
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
OFTEN = THRESHOLD + 7  # prepared, and planned for all values

if connection.vendor == "postgresql":  # SQLite has no server that keeps anything

    @pytest.fixture
    def people():
        found = [User.objects.create_user(f"{name}@example.org", first_name=name) for name in ("ana", "bea")]
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")  # what other tests left
        return found

    @pytest.fixture
    def by_name():
        return PreparedRows(User, lambda name: User.objects.filter(first_name=name), "first_name", keeps_plan=True)

    def kept(where=None, of="authenticate_user"):
        """Of each statement on this table that the server keeps: how often it was planned for values, and for all."""
        sql = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE strpos(statement, %s) > 0"
        return list((where or connection.connection).execute(sql, [of]).fetchall())

    def read_often(query, times=OFTEN):
        found = [query[0:10] for _time in range(times)]
        assert all(rows == found[0] for rows in found)
        return found[0]

    def test_what_runs_often_is_planned_once(people, by_name):
        """Speed: from the sixth run on the server keeps the statement, and then one plan; each name has its rows."""
        assert read_often(by_name.bind("ana"), THRESHOLD) == [("ana",)]
        assert kept() == []
        assert read_often(by_name.bind("bea")) == [("bea",)]
        ((_custom, generic),) = kept()
        assert generic > 0
        assert by_name.bind("nobody")[0:10] == []

    def test_numbers_of_any_size_share_a_statement(people):
        """Speed: psycopg would send small and large numbers as different types, and keep a statement for each."""
        by_id = PreparedRows(User, lambda pk: User.objects.filter(pk=pk), "first_name", keeps_plan=True)
        for pk in (1, 40_000, 2**40, 2**63 - 1):  # a type that is too small would make other numbers of these
            User.objects.update_or_create(pk=pk, defaults={"email": f"{pk}@example.org", "first_name": str(pk)})
            assert read_often(by_id.bind(pk)) == [(str(pk),)]
        assert len(kept()) == 1

    def test_percent_signs_around_literals():
        """L2: those of the SQL itself stay doubled, as those in a literal become."""
        operations: Any = connection.ops
        sql = operations.with_literals("SELECT 7 %% 4, %s, %s", [("9%", True), (None, False)])
        with connection.cursor() as cursor:
            cursor.execute(sql, ["8%"])
            assert cursor.fetchall() == [(3, "9%", "8%")]

    def test_a_count_is_kept_too(people, by_name):
        """Speed: H8's count is another statement of the same kind."""
        assert {by_name.bind("ana").count() for _time in range(OFTEN)} == {1}
        assert len(kept()) == 1

    def test_values_of_a_filter_are_planned_for(people, by_name):
        """Speed: a range says how many rows to expect, so its statement is not kept; nor is one by default."""
        assert read_often(by_name.bind("ana").filter(id__gt=0)) == [("ana",)]
        several = PreparedRows(User, lambda name: User.objects.filter(first_name=name), "first_name")
        assert read_often(several.bind("ana")) == [("ana",)]
        assert kept() == []
        assert read_often(by_name.bind("ana").filter(is_active=True)) == [("ana",)]
        assert len(kept()) == 1

    def test_each_length_of_a_page_has_a_plan(people, by_name):
        """Speed: the limit is part of the statement, and where the page begins is a value."""
        for page in (slice(0, 9), slice(5, 14), slice(0, 10)):
            assert all(by_name.bind("ana")[page] == [("ana",)][page.start :] for _time in range(OFTEN))
        assert len(kept()) == 3

    def test_which_lists_keep_a_plan(people):
        """Speed: short and full pages of own lists, and their counts; no academy's, which differ in size."""
        for _time in range(OFTEN):
            for rows in (rows_of_user, rows_of_academy):
                assert rows.bind(people[0].pk)[0:21] == rows.bind(people[0].pk)[0:1000] == []
        assert len(kept(of="events_liveclass")) == 2
        for _time in range(OFTEN):
            assert rows_of_user.bind(people[0].pk).count() == rows_of_academy.bind(people[0].pk).count() == 0
        assert len(kept(of="events_liveclass")) == 3

    def test_a_transaction_keeps_nothing(people, by_name):
        """Speed: a statement that failed there could not be run again."""
        with transaction.atomic():
            assert read_often(by_name.bind("ana")) == [("ana",)]
        assert kept() == []

    @pytest.mark.parametrize("is_in_transaction", [False, True])
    def test_a_migration_of_a_column(people, by_name, is_in_transaction):
        """O6: a column gets another type while connections live; the next reads have rows, and are prepared again."""
        read_often(by_name.bind("ana"))
        with psycopg.connect(database_url(), autocommit=True) as other:
            try:
                other.execute("ALTER TABLE authenticate_user ALTER first_name TYPE varchar(250)")
                if is_in_transaction:
                    with transaction.atomic():
                        assert by_name.bind("bea")[0:10] == [("bea",)]
                assert read_often(by_name.bind("bea")) == [("bea",)]
                assert len(kept()) == 1
            finally:
                other.execute("ALTER TABLE authenticate_user ALTER first_name TYPE varchar(150)")
        assert read_often(by_name.bind("ana")) == [("ana",)]

    @pytest.mark.parametrize("statement", ["DISCARD ALL", "DEALLOCATE ALL"])
    def test_statements_that_were_discarded(people, by_name, statement):
        """O6: after each DISCARD the next read takes one statement more."""
        for _time in range(3):
            assert read_often(by_name.bind("ana")) == [("ana",)]
            assert len(kept()) == 1
            with connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.execute("SELECT set_config('TimeZone', 'UTC', false)")  # DISCARD ALL takes it too
            assert by_name.bind("bea")[0:10] == [("bea",)]

    def test_an_error_of_its_own_is_raised(people):
        """O6: an error of an unsupported feature is raised after a second try."""
        cursor = PreparedCursor(connection.connection)
        cursor.threshold = 0
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            cursor.execute("SELECT * FROM another_database.public.authenticate_user")
        assert connection.connection.prepare_threshold is None

    def test_django_keeps_nothing(people, by_name):
        """Speed: psycopg would hold the text of each statement of Django's, an import's thousand rows included."""
        read_often(by_name.bind("ana"))
        assert {User.objects.filter(first_name="ana").count() for _time in range(OFTEN)} == {1}
        assert len(kept()) == 1
        assert connection.connection.prepare_threshold is None

    def test_the_operator_turns_it_off(people, by_name, settings):
        """O3: DATABASE_PREPARED_STATEMENTS=false, for poolers that hand each transaction to another process."""
        settings.DATABASE_PREPARED_STATEMENTS = False
        assert read_often(by_name.bind("ana")) == [("ana",)]
        assert kept() == []

    @pytest.mark.parametrize(("threshold", "number"), [(None, 0), (0, 1), (OFTEN, 0)])
    def test_the_operator_chooses_a_threshold(people, by_name, monkeypatch, threshold, number):
        """O3: `prepare_threshold` means to lists what it means to psycopg; None is never."""
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", threshold)
        assert read_often(by_name.bind("ana"), THRESHOLD - 1) == [("ana",)]
        assert len(kept()) == number

    def test_threads_share_nothing(people, by_name):
        """Speed: each connection keeps statements of its own, whichever thread has it."""
        names = ["ana", "bea"] * 2
        calls = [lambda name=name: read_often(by_name.bind(name)) for name in names]
        for _time in range(2):
            assert together(*calls) == [[(name,)] for name in names]

    def test_a_pooler_is_noticed(people):
        """O6: it gives its clients other numbers of processes than the server's, and nothing is prepared through it."""
        sql = "SELECT first_name FROM authenticate_user WHERE first_name = %s"
        for passing, number in ((_pooler, 0), (_nothing_between, 1)):
            with passing() as url, psycopg.connect(url, autocommit=True, prepare_threshold=None) as found:
                for _time in range(3):
                    cursor = PreparedCursor(found)
                    cursor.threshold = 0
                    assert cursor.execute(sql, ["ana"]).fetchall() == [("ana",)]
                assert len(kept(found)) == number

    @contextmanager
    def _nothing_between():
        yield database_url()

    @contextmanager
    def _pooler():
        """What a pooler looks like to its client: the server, with another number of its process (message K)."""
        given = connection.settings_dict
        with socket.create_server(("127.0.0.1", 0)) as listener:
            sockets = []

            def serve():
                client, _address = listener.accept()
                server = socket.create_connection((given["HOST"], given["PORT"]))
                sockets.extend([client, server])
                threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
                _pass_on(server, client, change=_with_another_number)

            threading.Thread(target=serve, daemon=True).start()
            name = f"{given['USER']}:{given['PASSWORD']}"
            yield f"postgres://{name}@127.0.0.1:{listener.getsockname()[1]}/{given['NAME']}?sslmode=disable"
            for each in sockets:
                with suppress(OSError):  # the other side was faster
                    each.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads; the server's session ends
                each.close()

    def _pass_on(source, sink, change=lambda data: data):
        try:
            while data := source.recv(65_536):
                sink.sendall(change(data))
        except OSError:  # the test has closed it
            pass

    def _with_another_number(data):
        head, mark, rest = data.partition(b"K\x00\x00\x00\x0c")
        return head + mark + (b"\x00\x00\x00\x01" + rest[4:] if mark else rest)
