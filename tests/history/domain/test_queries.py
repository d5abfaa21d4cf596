"""What becomes of a history when its object goes (rule P8)."""

from breathecode.authenticate.models import User
from breathecode.common.actor import Actor, acting
from breathecode.history.domain.queries import changes_of
from breathecode.history.models import Change


def test_it_outlives_its_object(world):
    """P8: a time slot and a cohort that an admin deletes, and who did it."""
    slot = world.time_slot()
    pk, cohort = slot.pk, world.cohort.pk
    world.cohort.delete()
    assert [
        set(c.changes) >= {"starting_at"} for c in changes_of(Change.Kind.TIME_SLOT, pk, academy_id=world.miami.pk)
    ] == [
        True,
        True,
    ]
    assert changes_of(Change.Kind.COHORT, cohort, academy_id=world.miami.pk)[0].changes["name"] == [
        "Web Development",
        None,
    ]
    assert not changes_of(Change.Kind.COHORT, cohort, academy_id=world.madrid.pk)


def test_it_goes_with_its_academy(world):
    """P8: what is recorded while the academy is being deleted too."""
    world.time_slot()
    assert Change.objects.filter(academy_id=world.miami.pk).exists()
    pk = world.miami.pk
    world.miami.delete()
    assert not Change.objects.filter(academy_id=pk).exists()
    assert Change.objects.filter(academy_id=world.madrid.pk).exists()


def test_a_user_who_is_deleted(world):
    """P8: their changes stay, without them; also those of their own deletion."""
    pk = world.reader.pk
    with acting(Actor(through="admin", known_id=pk)):
        world.cohort.name = "Renamed"
        world.cohort.save()
        User.objects.get(pk=pk).delete()
    changes = changes_of(Change.Kind.COHORT, world.cohort.pk, academy_id=world.miami.pk)
    assert (changes[0].changes["name"], changes[0].by) == (["Web Development", "Renamed"], None)
    gone = Change.objects.filter(kind="member", changes__user__0=pk).select_related("by").latest("id")
    assert (gone.changes["role"], gone.by) == (["staff", None], None)
