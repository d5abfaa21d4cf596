"""What a change of one class would lead to (rules N2, P6, P5)."""

from datetime import timedelta

import pytest

from breathecode.admissions.models import CohortUser
from breathecode.events.domain import lifecycle, writing
from breathecode.events.domain.class_notices import ClassTime, count_users_to_correct
from breathecode.events.domain.outlook import look_ahead, version_of
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.errors import ClassAlreadyStarted
from breathecode.events.models import ClassNotice, LiveClass
from breathecode.history.models import Change
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")


def told(live_class, user, **fields):
    given = {
        "user": user, "cohort": live_class.cohort, "live_class_id": live_class.pk, "hash": live_class.hash,
        "starting_at": live_class.starting_at, "ending_at": live_class.ending_at, "cancelled": False,
        "channel": "REMINDER", "sent_at": NOW, "mail_count": 1, **fields,
    }  # fmt: skip
    return ClassNotice.objects.create(**given)


def moving(world, live_class, **fields):
    within = classes_of_academy(world.miami.pk)
    return lambda: writing.change_class(live_class.pk, fields=fields, now=NOW, within=within)


def test_nothing_of_it_stays(world, make_class):
    """P1: the class as it would be is returned; rows, history and versions are as before."""
    live_class = make_class(start=3)
    changes, version = Change.objects.count(), version_of(live_class, ["starting_at", "sequence"])
    new = {"starting_at": NOW + timedelta(hours=4), "ending_at": NOW + timedelta(hours=5)}
    found = look_ahead(moving(world, live_class, **new), now=NOW)
    assert found.live_class.starting_at == new["starting_at"]
    assert version_of(LiveClass.objects.get(), ["starting_at", "sequence"]) == version
    assert Change.objects.count() == changes
    later = {name: value + timedelta(hours=1) for name, value in new.items()}
    assert look_ahead(moving(world, live_class, **later), now=NOW).version != found.version
    assert look_ahead(moving(world, live_class, **new), now=NOW).version == found.version


def test_what_the_domain_refuses(world, make_class):
    """W4: raised as by the change itself."""
    live_class = make_class(start=1, started_at=NOW)
    with pytest.raises(ClassAlreadyStarted):
        look_ahead(moving(world, live_class, starting_at=NOW), now=NOW)


def test_who_is_sent_a_mail(world, make_class):
    """N2: those whose last notification is wrong and whom the class concerns: each once, in two statements."""
    live_class = make_class(start=3)
    assert count_users_to_correct(live_class, now=NOW) == 0
    for user in (world.student, world.teacher, world.dropped, world.stranger):
        told(live_class, user)
    assert count_users_to_correct(live_class, now=NOW) == 0
    off = ClassTime.of(live_class)._replace(takes_place=False)
    with captured_queries() as statements:
        assert count_users_to_correct(live_class, now=NOW, current=off) == 2
    assert len(statements) == 2
    CohortUser.objects.filter(user=world.student).update(educational_status="SUSPENDED")
    live_class.starting_at += timedelta(minutes=30)
    assert count_users_to_correct(live_class, now=NOW) == 1


def test_who_is_told_of_a_makeup_class(world, make_class):
    """P5: who was told of the cancellation, once it is planned."""
    missed = make_class(start=3, cancelled_at=NOW)
    told(missed, world.student, cancelled=True)
    instead = make_class(start=30, replaces=missed)
    assert count_users_to_correct(instead, now=NOW) == 1


def test_times_if_restored(world, make_class):
    """G15: of a class made by hand its own, whatever its slot says."""
    live_class = make_class(start=3, cancelled_at=NOW)
    own = (live_class.starting_at, live_class.ending_at)
    assert lifecycle.times_if_restored(live_class, now=NOW) == own
