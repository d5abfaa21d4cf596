"""What `.ci/run` looks for beside the code: secrets in files, and locked packages with known vulnerabilities."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ROOT

pytestmark = [pytest.mark.any_database, pytest.mark.slow]
# Written in parts, or this file would be found itself.
PLANTED = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a key of a cloud": "AKIA" + "QWERTZUIOPASDFGH",
    "a password in an address": "postgres://ana:" + "tr0ub4dor@db.example.org/classes",
    "a token": "token = '" + "Kq3vN8xZ1cWm5tRb7yHs" + "2dPfLg9jUe4aToXi6wVQ" + "'",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found(kind, tmp_path):
    """`make secrets` names the file, whether it is committed already or not; without it there is nothing."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")

    def scan() -> subprocess.CompletedProcess[str]:
        command = ["sh", str(ROOT / "scripts" / "secrets.sh")]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    (tmp_path / "clean.py").write_text("DATABASE_URL = 'postgres://user:password@db/classes'\n")
    clean = scan()
    assert clean.returncode == 0, clean.stdout
    (tmp_path / "settings.py").write_text(f"{PLANTED[kind]}\n")
    found = scan()
    assert found.returncode != 0
    assert "settings.py:1" in found.stdout


@contextmanager
def advisories(vulnerable: str) -> Iterator[str]:
    """An advisory service by the protocol of OSV, which knows one vulnerable package; its address."""

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            package = {"name": asked, "ecosystem": "PyPI"}
            events = [{"introduced": "0"}, {"fixed": "99.1"}]
            affected = [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]
            advisory = {"id": "TEST-1", "summary": "Bad", "modified": "2026-01-01T00:00:00Z", "affected": affected}
            body = json.dumps({"vulns": [advisory]} if asked == vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """A test prints nothing of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


def audit(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path("scripts") / "audit.py"), *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


@pytest.mark.timeout(300)
def test_a_vulnerable_package_is_found():
    """The audit names the package, the advisory and the version that fixes it, and fails."""
    with advisories("django") as address:
        found = audit("--vulnerability-service", "osv", "--osv-url", address)
    assert found.returncode == 1, found.stdout + found.stderr
    assert "TEST-1, fixed in 99.1" in found.stdout
    assert found.stdout.count("TEST-1") == 3  # in each lock file
    with advisories("none") as address:
        clean = audit("--vulnerability-service", "osv", "--osv-url", address)
    assert (clean.returncode, clean.stdout.count("packages checked")) == (0, 3)


def test_without_a_service_the_audit_says_so():
    """What could not be checked is named, and the audit passes."""
    audited = audit("--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")
    assert (audited.returncode, audited.stdout.count("not checked")) == (0, 3)


def test_an_audit_that_cannot_run_fails():
    """What pip-audit refuses to do is not taken for an outage of the service."""
    refused = audit("--no-such-option")
    assert refused.returncode != 0
    assert "--no-such-option" in refused.stderr
