"""Fails where a locked package has a known vulnerability, and says what could not be checked.

Arguments are passed on to pip-audit. A network without an advisory service is no reason to fail: whoever has it runs
`make audit`, and `.ci/run` repeats it wherever it runs.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-otel.lock")
SECONDS = 120


def audited(lock: str, arguments: list[str]) -> list[dict[str, Any]] | None:
    """The packages of a lock file as pip-audit reports them; None where it had no answer."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [
            *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip"),
            *("--progress-spinner", "off", "--timeout", "5", "--format", "json", "--output", str(report), *arguments),
        ]
        try:
            subprocess.run(command, check=False, timeout=SECONDS, capture_output=True)
            found: list[dict[str, Any]] = json.loads(report.read_text())["dependencies"]
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
        return found


def main(arguments: list[str]) -> int:
    vulnerable = 0
    for lock in LOCKS:
        packages = audited(lock, arguments) or []
        checked = [package for package in packages if "vulns" in package]
        found = [(package, advisory) for package in checked for advisory in package["vulns"]]
        for package, advisory in found:
            fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
            print(f"{lock}: {package['name']} {package['version']}: {advisory['id']}, fixed in {fixed}")
        vulnerable += len(found)
        missing = len(packages) - len(checked)
        if not checked:
            print(f"{lock}: not checked, the advisory service was not reached")
        elif missing:
            print(f"{lock}: {len(checked)} packages checked, {missing} unknown to the advisory service")
        else:
            print(f"{lock}: {len(checked)} packages checked")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
