"""Moments as the pages write them (rule V4)."""

import datetime


def iso_utc(moment: datetime.datetime) -> str:
    """For `<time datetime>`: UTC with `Z`, to the second."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
