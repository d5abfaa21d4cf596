"""Who removed what is in the log (rule O4)."""

import datetime
import logging

import pytest

from breathecode.admissions.models import CohortUser, Holiday
from breathecode.authenticate.models import AcademyMember
from breathecode.events.models import LiveClass

COHORT = "/v1/admissions/academy/cohort/web-dev"
DAY = datetime.date(2025, 3, 3)


@pytest.fixture
def removed(call, world, caplog):
    """Sends DELETE as the academy's admin, twice; the details of the lines that it left."""

    def removed(path):
        caplog.clear()
        for _ in range(2):
            call("DELETE", path, as_=world.admin, academy=world.miami)
        records = [record for record in caplog.records if record.getMessage() == "removed"]
        assert all(record.levelno == logging.WARNING for record in records)
        return [(r.kind, r.id, r.actor_id, r.academy_id) for r in records]

    return removed


def test_each_removal_leaves_one_line(removed, world):
    """O4: kind, id, who and where; the second request removes nothing and says nothing."""
    member = AcademyMember.objects.get(user=world.reader)
    part = CohortUser.objects.get(user=world.student)
    holiday = Holiday.objects.create(academy=world.miami, name="Rest", starts_on=DAY, ends_on=DAY)
    slot = world.time_slot()
    now = datetime.datetime.now(datetime.UTC)
    live_class = LiveClass.objects.create(
        cohort_time_slot=slot,
        starting_at=now + datetime.timedelta(days=1),
        ending_at=now + datetime.timedelta(days=1.1),
    )
    who = (world.admin.pk, world.miami.pk)
    paths = {
        f"/v1/auth/academy/member/{member.pk}": ("authenticate.academymember", member.pk, *who),
        f"{COHORT}/user/{world.student.pk}": ("admissions.cohortuser", part.pk, *who),
        f"/v1/admissions/academy/holiday/{holiday.pk}": ("admissions.holiday", holiday.pk, *who),
        f"/v1/events/academy/event/liveclass/{live_class.pk}": ("events.liveclass", live_class.pk, *who),
        f"{COHORT}/timeslot/{slot.pk}": ("admissions.cohorttimeslot", slot.pk, *who),
        COHORT: ("admissions.cohort", world.cohort.pk, *who),
    }
    for path, line in paths.items():
        assert removed(path) == [line]


def test_a_removal_that_is_refused_leaves_none(removed, world):
    """O4: what is still there was not removed."""
    assert removed("/v1/auth/academy/member/999999") == []
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="TEACHER")
    assert removed(f"{COHORT}/user/{world.student.pk}") == []
