"""Two coordinators change one class by page at the same moment (rules W5, P2, P5)."""

import datetime
from functools import partial

import pytest
from django.utils import timezone

from breathecode.events.models import LiveClass
from tests.pages.academy.classes.conftest import hidden_fields
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


@pytest.fixture
def coming(world):
    slot = world.time_slot()
    LiveClass.objects.all().delete()

    def make(**fields):
        start = timezone.now().replace(microsecond=0) + datetime.timedelta(days=2)
        end = start + datetime.timedelta(hours=1)
        return LiveClass.objects.create(cohort_time_slot=slot, starting_at=start, ending_at=end, **fields)

    return make


def both_send(browser, people, path, typed):
    """Each has the page open already; the statuses, sorted."""
    browsers = [browser(person) for person in people]
    forms = [
        {**hidden_fields(each.get(path).content.decode()), **typed_by}
        for each, typed_by in zip(browsers, typed, strict=True)
    ]
    calls = [partial(each.client.post, path, form) for each, form in zip(browsers, forms, strict=True)]
    return sorted(answer.status_code for answer in together(*calls))


def test_two_substitutes(world, coming, browser):
    """W5, P4: one is chosen, and the other coordinator is told that the class has changed."""
    people = [world.coordinator, world.admin]
    for _round in range(ROUNDS):
        live_class = coming()
        typed = [{"teacher": world.staff_teacher.pk}, {"teacher": world.coordinator.pk}]
        statuses = both_send(browser, people, f"/classes/{live_class.pk}/substitute", typed)
        assert statuses == [303, 412]
        LiveClass.objects.all().delete()


def test_a_move_and_a_cancellation(world, coming, browser):
    """W5, P2: whichever comes second sees what the first did, and saves nothing."""
    day = (timezone.now() + datetime.timedelta(days=5)).date().isoformat()
    for _round in range(ROUNDS):
        live_class = coming()
        mover, other = browser(world.coordinator), browser(world.admin)
        path, cancel = f"/classes/{live_class.pk}/move", f"/classes/{live_class.pk}/cancel"
        plan = hidden_fields(mover.send(path, day=day, starts="09:00", ends="10:00").content.decode())
        seen = hidden_fields(other.get(cancel).content.decode())
        answers = together(
            partial(mover.client.post, path, plan),
            partial(other.client.post, cancel, {**seen, "reason": "Storm"}),
        )
        stored = LiveClass.objects.get()
        was_moved, was_cancelled = stored.moved_by_hand, stored.cancelled_at is not None
        assert (was_moved, was_cancelled) in ((True, False), (False, True))
        assert sorted(answer.status_code for answer in answers) in ([303, 409], [303, 412])
        LiveClass.objects.all().delete()


def test_two_make_up_for_the_same_class(world, coming, browser):
    """P5: one class is made, whoever clicks twice."""
    for _round in range(ROUNDS):
        missed = coming(cancelled_at=timezone.now())
        path = f"/classes/{missed.pk}/make-up"
        day = (timezone.now() + datetime.timedelta(days=5)).date().isoformat()
        browsers = [browser(world.coordinator), browser(world.admin)]
        plans = []
        for number, each in enumerate(browsers):
            typed = {"day": day, "starts": f"{9 + number:02}:00", "ends": f"{10 + number:02}:00"}
            plans.append(hidden_fields(each.client.post(path, typed).content.decode()))
        calls = zip(browsers, plans, strict=True)
        answers = together(*(partial(each.client.post, path, plan) for each, plan in calls))
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert LiveClass.objects.filter(replaces=missed).count() == 1
        LiveClass.objects.all().delete()
