"""The `me` feed of a substitute, and of the teacher whom they replace (rule P4)."""

import datetime

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.events.models import LiveClass
from tests.support.calendars import FeedReader
from tests.support.classes import NOW
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def feed(world):
    """`feed(user)`: the ids of the classes in their calendar."""

    def read(user):
        reader = FeedReader(Client(raise_request_exception=False), user)
        uids = [str(event["uid"]) for event in reader.events("ical/me")]
        return sorted(int(uid.removeprefix("liveclass-").partition("@")[0]) for uid in uids)

    return read


def change(live_class, **fields):
    LiveClass.objects.filter(pk=live_class.pk).update(**fields)


def test_the_class_is_in_the_substitutes_feed(world, feed, make_class):
    """P4, I1: and not in the teacher's; students and assistants have it as always; and back."""
    one, other = make_class(start=2), make_class(start=5)
    both = sorted([one.pk, other.pk])
    assert (feed(world.staff_teacher), feed(world.teacher)) == ([], both)
    change(one, teacher=world.staff_teacher)
    assert (feed(world.staff_teacher), feed(world.teacher)) == ([one.pk], [other.pk])
    assert feed(world.student) == feed(world.assistant) == both
    change(one, teacher=None)
    assert (feed(world.staff_teacher), feed(world.teacher)) == ([], both)


def test_a_substitute_of_the_same_cohort(world, feed, make_class):
    """P4: one of two teachers gives it; an assistant who also teaches keeps it; each class once."""
    live_class = make_class(start=2)
    CohortUser.objects.create(cohort=world.cohort, user=world.staff_teacher, role="TEACHER")
    CohortUser.objects.create(cohort=world.cohort, user=world.assistant, role="TEACHER")
    change(live_class, teacher=world.staff_teacher)
    assert feed(world.staff_teacher) == feed(world.assistant) == [live_class.pk]
    assert feed(world.teacher) == []


def test_a_deleted_cohort_and_a_class_long_past(world, feed, make_class):
    """P4, I4, L7: neither is shown."""
    live_class = make_class(start=2, teacher=world.staff_teacher)
    make_class(start=-24 * 92, teacher=world.staff_teacher)
    assert feed(world.staff_teacher) == [live_class.pk]
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert feed(world.staff_teacher) == []


@pytest.mark.parametrize("who", ["staff_teacher", "teacher"])
def test_the_etag_follows(world, make_class, who):
    """P4, I4: a substitution and a change of its class are changes of the feed; else it is answered with 304."""
    live_class, _other = make_class(start=2), make_class(start=4)
    reader = FeedReader(Client(raise_request_exception=False), getattr(world, who))

    def etag():
        response = reader.get("ical/me")
        again = reader.get("ical/me", **{"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        return response["ETag"]

    etags = [etag()]
    change(live_class, teacher=world.staff_teacher)
    etags.append(etag())
    if who == "staff_teacher":
        later = NOW + datetime.timedelta(hours=7)
        change(live_class, starting_at=later, ending_at=later + datetime.timedelta(hours=1))
        etags.append(etag())
    assert len(set(etags)) == len(etags)


def test_what_it_costs(world, feed, make_class):
    """P4: as many statements for many classes."""
    counts = []
    for start in range(1, 12):
        make_class(start=start, length=0.5, teacher=world.staff_teacher)
        with captured_queries() as statements:
            assert len(feed(world.staff_teacher)) == start
        counts.append(len(statements))
    assert len(set(counts)) == 1
