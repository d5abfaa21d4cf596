"""Every entry point loads the settings here: an invalid one stops the start with a sentence (rule O3)."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def load_settings_or_exit(*, code: int = 1) -> None:
    """Ends the process with `code` and one line on standard error where a setting cannot be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breathecode.settings.base")
    try:
        settings.INSTALLED_APPS  # noqa: B018  (the first look at any setting loads them all)
    except ImproperlyConfigured as error:
        print(f"Cannot start: {error}", file=sys.stderr)  # noqa: T201  (logging is a setting too)
        raise SystemExit(code) from None


def warnings(loaded: Any) -> list[str]:
    """Warnings about settings that work but may not do what the operator expects."""
    if loaded.EMAIL_BACKEND != "breathecode.notify.backends.NoMailServer":
        return []
    return ["EMAIL_URL is not set: mails wait in the outbox until it is."]
