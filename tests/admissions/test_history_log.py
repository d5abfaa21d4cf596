"""`Cohort.history_log` on instances: a stale one undoes nothing, and a shell's changes are kept (rule A4)."""

import pytest

from breathecode.admissions.models import Cohort
from breathecode.common.merging import merge_changes


def stored(world):
    return Cohort.objects.values_list("history_log", "current_day").get(pk=world.cohort.pk)


@pytest.mark.parametrize("update_fields", [None, {"history_log"}])
def test_a_shell_writes_the_log(world, update_fields):
    """A4: assigned or changed in place, the log is saved, and `current_day` follows."""
    world.cohort.history_log = {"2025-03-04": {"attendance_ids": [1]}}
    world.cohort.save(update_fields=update_fields)
    assert stored(world) == ({"2025-03-04": {"attendance_ids": [1]}}, 1)
    world.cohort.history_log["2025-03-05"] = {"attendance_ids": [2]}
    world.cohort.save(update_fields=update_fields)
    assert stored(world) == ({"2025-03-04": {"attendance_ids": [1]}, "2025-03-05": {"attendance_ids": [2]}}, 2)
    del world.cohort.history_log["2025-03-04"]
    world.cohort.save(update_fields=update_fields)
    assert stored(world) == ({"2025-03-05": {"attendance_ids": [2]}}, 1)
    assert world.cohort.current_day == 1


def test_a_stale_instance_undoes_nothing(world):
    """A4: an instance that was read before another's write saves its name and leaves the log as it is."""
    stale = Cohort.objects.get(pk=world.cohort.pk)
    Cohort.objects.filter(pk=stale.pk).update(history_log={"2025-03-04": {}}, current_day=1)
    stale.name = "Renamed"
    stale.save()
    assert stored(world) == ({"2025-03-04": {}}, 1)
    stale.refresh_from_db()
    assert stale.name == "Renamed"


def test_two_instances_write_their_days(world):
    """A4: each brings its own days onto the row; of the same day the later save wins."""
    one, other = (Cohort.objects.get(pk=world.cohort.pk) for _ in range(2))
    one.history_log["2025-03-04"] = {"teacher_comments": "one"}
    other.history_log["2025-03-05"] = {"teacher_comments": "other"}
    one.save()
    other.save()
    assert stored(world)[0] == {
        "2025-03-04": {"teacher_comments": "one"},
        "2025-03-05": {"teacher_comments": "other"},
    }
    assert other.history_log == stored(world)[0]


def test_deferred_and_partly_refreshed(world):
    """A4: a log loaded late is compared with what was loaded; refreshing another field forgets no change."""
    Cohort.objects.filter(pk=world.cohort.pk).update(history_log={"2025-03-04": {}})
    late = Cohort.objects.defer("history_log").get(pk=world.cohort.pk)
    late.history_log["2025-03-05"] = {}
    late.refresh_from_db(fields=["name"])
    late.save()
    assert set(stored(world)[0]) == {"2025-03-04", "2025-03-05"}
    unread = Cohort.objects.defer("history_log").get(pk=world.cohort.pk)
    unread.history_log = {"2025-03-06": {}}
    unread.save()
    assert set(stored(world)[0]) == {"2025-03-04", "2025-03-05", "2025-03-06"}


def test_other_saves_leave_it_alone(world):
    """A4: `update_fields` without the log writes none, and keeps the change for a later save."""
    world.cohort.history_log = {"2025-03-04": {}}
    world.cohort.save(update_fields=["name"])
    assert stored(world) == ({}, 0)
    world.cohort.save()
    assert stored(world) == ({"2025-03-04": {}}, 1)


def test_what_is_no_log_is_refused(world):
    """A4: loudly, and nothing of the save is kept."""
    world.cohort.name, world.cohort.history_log = "Renamed", []
    with pytest.raises(TypeError, match="history_log"):
        world.cohort.save()
    assert Cohort.objects.get(pk=world.cohort.pk).name == "Web Development"


def test_merging():
    """A4: added, changed and removed keys arrive; what others did to other keys stays."""
    loaded = {"same": 1, "mine": 1, "gone": 1, "theirs": 1}
    wanted = {"same": 1, "mine": 2, "theirs": 1, "new": 1}
    stored = {"same": 1, "mine": 1, "gone": 1, "theirs": 2, "added": 1}
    assert merge_changes(stored=stored, loaded=loaded, wanted=wanted) == {
        "same": 1, "mine": 2, "theirs": 2, "added": 1, "new": 1,
    }  # fmt: skip
