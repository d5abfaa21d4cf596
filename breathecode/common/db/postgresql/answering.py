"""Does the database still answer on a connection that lay in the pool? And was an error the loss of a connection?"""

import select
import time
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, ExecStatus
from psycopg_pool import PoolTimeout

# SQLSTATE: connection exceptions, the administrator's shutdown, a crash, a server that starts.
_LOST = ("08", "57P01", "57P02", "57P03")


def answers(connection: "psycopg.Connection[Any]", *, seconds: float) -> bool:
    """Whether the server answers an empty query within `seconds`.

    psycopg itself would wait for ever for a server that vanished, or that was stopped by its machine.
    """
    pgconn = connection.pgconn
    deadline = time.monotonic() + seconds
    poll = select.poll()
    try:
        pgconn.send_query(b"")
        poll.register(pgconn.socket, select.POLLIN)
        while pgconn.is_busy():
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                return False
            pgconn.consume_input()
        statuses = set()
        while result := pgconn.get_result():  # libpq asks to read all of them
            statuses.add(result.status)
    except psycopg.Error:
        return False
    # A server that was shut down has sent a last message, which is read here as if it were the answer.
    return statuses == {ExecStatus.EMPTY_QUERY} and pgconn.status == ConnStatus.OK


def was_cut(error: BaseException | None) -> bool:
    """Whether a connection that had worked was lost. False where none could be made, which took all the time."""
    cause = error.__cause__ if error else None
    if not isinstance(cause, psycopg.OperationalError) or isinstance(cause, PoolTimeout):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(_LOST)
