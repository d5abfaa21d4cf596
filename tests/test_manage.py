"""`python manage.py` as the documents print it, with whichever Python is the machine's."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Without site packages, as a Python outside of the environment."""
    command = [sys.executable, "-I", "-S", "manage.py", "check", "--fail-level", "ERROR"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_another_python_hands_over_to_the_environment(tmp_path):
    """O5: the command runs in `.venv`, with its arguments."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "ours: $*"\n')
    python.chmod(0o755)
    answer = run(tmp_path)
    assert (answer.returncode, answer.stdout) == (0, "ours: manage.py check --fail-level ERROR\n"), answer.stderr


def test_without_an_environment_it_says_how_to_make_one(tmp_path):
    """O5: a sentence and no traceback."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    answer = run(tmp_path)
    assert answer.returncode == 1
    assert answer.stderr == (
        "Django is not installed for this Python. Run `make setup`, which installs it into .venv.\n"
    )
