"""Random sequences of changes to a cohort, through the API, against an independent model (`tests/support/lives`).

`LIVES` is the number of long sequences to draw; each run draws others. Without it there are a few short ones, always
the same.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from breathecode.reminders.models import ReminderSettings
from tests.support.lives.base import DAY, KICKOFF
from tests.support.lives.machine import CohortLife, zone_folders

LIVES = int(os.environ.get("LIVES", "0"))


@pytest.fixture
def cohort_life(world, call, tmp_path):
    """The state machine, with this world."""
    ReminderSettings.objects.create(academy=world.miami, day_before=True)
    CohortLife.world, CohortLife.call, CohortLife.zone_folders = world, call, zone_folders(tmp_path)
    return CohortLife


@pytest.mark.slow
def test_a_life_that_has_the_rare_things(cohort_life):
    """G1, G5, G13, G16, N2: a night over the change of clocks, a slot made twice, new zone rules, a cohort undeleted.

    Everybody knows of the first class when it is moved, cancelled and restored.
    """
    life = cohort_life()
    try:
        life.begin(hours=(2300, 100), zone="America/New_York")
        assert life.beliefs.held
        for step in (
            lambda: life.make_slot((2300, 100), "America/New_York", {"recurrency_type": "DAILY", "weekdays": []}),
            lambda: life.close_dates((KICKOFF, KICKOFF + 16 * DAY, None), undo=True),
            lambda: life.zone_rules_change("America/Chicago"),
            life.sweep,
            lambda: life.save_cohort_in_a_shell({"stage": "DELETED"}),
            life.sweep,
            lambda: life.save_cohort_in_a_shell({"stage": "STARTED"}),
            life.sweep,
            lambda: life.zone_rules_change("America/New_York"),
            lambda: life.time_passes(60 * 24),
            lambda: life.edit_cohort({"ending_date": None, "never_ends": True}, undo=True),
            lambda: life.time_passes(60 * 24 * 12),
        ):
            step()
            life.is_true_everywhere()
    finally:
        life.teardown()


@pytest.mark.slow
@pytest.mark.timeout(0 if LIVES else 120)
def test_any_life_of_a_cohort(cohort_life):
    """G5, G6, G7, G9, G13, G15, G16, P1, P2, P3, P4, P8, N2, O2, I1: after each step all of it holds."""
    lives = settings(
        max_examples=LIVES or 6,
        stateful_step_count=60 if LIVES else 25,
        phases=[Phase.generate],  # shrinking a life to its shortest takes minutes
        derandomize=not LIVES,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(cohort_life, settings=lives)
