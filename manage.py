#!/usr/bin/env python
"""Django's command-line door: `python manage.py <command>`."""

import sys


def main() -> None:
    from django.core.management import execute_from_command_line

    from breathecode.settings.startup import load_settings_or_exit

    load_settings_or_exit()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
