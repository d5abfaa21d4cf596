"""Run a command with DATABASE_URL set to a PostgreSQL server.

    python -m tests.support.with_postgres COMMAND ARGUMENT…

A DATABASE_URL that names a PostgreSQL server already is kept; else one is started, and stopped afterwards.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from tests.support.postgres import postgres


def run(command: Sequence[str], *, database_url: str) -> int:
    """The command's exit code. A signal to end is the command's to answer: the server must outlive it."""
    child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": database_url})
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # CTRL-C reaches the child by itself
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    return code if code >= 0 else 128 - code


def main(command: Sequence[str]) -> int:
    if not command:
        raise SystemExit(__doc__)
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        return run(command, database_url=given)
    with postgres() as url:
        return run(command, database_url=url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
