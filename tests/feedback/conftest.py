"""A class that ended an hour ago, and an academy that asks about its classes."""

import datetime

import pytest

from breathecode.attendance.models import Attendance
from breathecode.feedback.models import FeedbackSettings
from tests.support.classes import NOW


@pytest.fixture
def asking(world):
    return FeedbackSettings.objects.create(academy=world.miami)


@pytest.fixture
def ended_class(make_class):
    return make_class(
        start=-3, started_at=NOW - datetime.timedelta(hours=3), ended_at=NOW - datetime.timedelta(hours=1)
    )


@pytest.fixture
def mark():
    """Marks somebody's attendance, as staff would."""

    def write(live_class, person, status="PRESENT"):
        return Attendance.objects.create(
            live_class=live_class, user=person, status=status, source="STAFF", recorded_at=NOW
        )

    return write
