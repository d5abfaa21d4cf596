import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.processes import ROOT
from tests.support.servers import _environment
from tests.support.visitors import Room


@pytest.fixture(scope="session")
def static_files() -> None:
    """The static files where a production server looks for them, as `make serve` collects them."""
    folder = Path(settings.BASE_DIR) / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "collectstatic.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test processes share the folder
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
        subprocess.run(command, cwd=ROOT, env=_environment({}), check=True)


@pytest.fixture
def room() -> Iterator[str]:
    """The address of the meeting; `Room.visits` are the visits."""
    Room.visits.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Room)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/room"
    server.shutdown()
    thread.join()
    server.server_close()
