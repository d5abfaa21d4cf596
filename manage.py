#!/usr/bin/env python
"""Django's command line: `python manage.py <command>`."""

import importlib.util
import os
import sys
from pathlib import Path

OURS = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def use_the_environment() -> None:
    """Runs the command in `.venv` where this Python has no Django. Exits with a hint where there is no `.venv`."""
    if importlib.util.find_spec("django") is not None:
        return
    if OURS.exists() and Path(sys.prefix) != OURS.parent.parent:
        os.execv(OURS, [str(OURS), *sys.argv])  # noqa: S606  (no shell is wanted)
    sys.exit("Django is not installed for this Python. Run `make setup`, which installs it into .venv.")


def main() -> None:
    use_the_environment()
    from django.core.management import execute_from_command_line

    from breathecode.settings.startup import load_settings_or_exit

    load_settings_or_exit()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
