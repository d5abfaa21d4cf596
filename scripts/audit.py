"""Fails where a locked package has a known vulnerability, and says what could not be checked.

Arguments are passed on to pip-audit. It does not fail where the network has no advisory service; `.ci/run` audits
wherever it runs. An audit that ends for another reason fails.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-otel.lock")
SECONDS = 120
# Names of errors of the library `requests`, as its traceback ends.
NETWORK_ERRORS = ("ConnectionError", "ProxyError", "SSLError", "Timeout", "HTTPError", "Failed to connect")


class NotReached(Exception):
    """The advisory service did not answer."""


def audited(lock: str, arguments: list[str]) -> list[dict[str, Any]]:
    """The packages of a lock file as pip-audit reports them.

    Raises NotReached, and RuntimeError with pip-audit's last line where it ends without a report.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [
            *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip"),
            *("--progress-spinner", "off", "--timeout", "5", "--format", "json", "--output", str(report), *arguments),
        ]
        try:
            done = subprocess.run(command, check=False, timeout=SECONDS, capture_output=True, text=True)
        except subprocess.TimeoutExpired:
            raise NotReached from None
        if report.exists():
            found: list[dict[str, Any]] = json.loads(report.read_text())["dependencies"]
            return found
    last = (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
    raise NotReached if any(name in last for name in NETWORK_ERRORS) else RuntimeError(last)


def vulnerabilities(lock: str, arguments: list[str]) -> int:
    """How many known vulnerabilities the packages of the lock file have; prints them, and what was not checked."""
    try:
        packages = audited(lock, arguments)
    except NotReached:
        packages = []
    checked = [package for package in packages if "vulns" in package]
    found = [(package, advisory) for package in checked for advisory in package["vulns"]]
    for package, advisory in found:
        fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"{lock}: {package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
    missing = len(packages) - len(checked)
    if not checked:
        print(f"{lock}: not checked, the advisory service was not reached")
    elif missing:
        print(f"{lock}: {len(checked)} packages checked, {missing} unknown to the advisory service")
    else:
        print(f"{lock}: {len(checked)} packages checked")
    return len(found)


if __name__ == "__main__":
    sys.exit(1 if sum(vulnerabilities(lock, sys.argv[1:]) for lock in LOCKS) else 0)
