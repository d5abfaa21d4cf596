"""What an attempt to join reads and writes."""

import pytest
from django.db.models import QuerySet
from django.test import Client

from breathecode.admissions.models import Cohort
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import Academy
from breathecode.events.domain import joining
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.classes import NOW
from tests.support.queries import assert_num_queries, captured_queries

pytestmark = pytest.mark.usefixtures("clock")


def values_of(instance, *, but=()):
    return {
        name: getattr(instance, name)
        for name in (field.attname for field in instance._meta.concrete_fields)
        if name not in but
    }


def test_the_class_is_what_django_reads(world, make_class):
    """J2: each field of the class, its cohort and its academy; one statement, and no further one for any of them."""
    live_class = make_class(start=0, title="Loops", teacher=world.admin, cancel_reason="none", moved_from=NOW)
    with assert_num_queries(1):
        visit = joining.attempt_as_member(hash_=live_class.hash, user=world.student)
        found = visit.live_class
        cohort, academy = found.cohort, found.cohort.academy
        read = values_of(found, but=("log",)), values_of(cohort), values_of(academy)
    own = LiveClass.objects.get()
    expected = own, Cohort.objects.get(pk=world.cohort.pk), Academy.objects.get(pk=world.miami.pk)
    assert read == (values_of(own, but=("log",)), values_of(expected[1]), values_of(expected[2]))
    assert (found, cohort, academy) == expected
    assert found.log == own.log == {}


@pytest.mark.django_db(transaction=True)
def test_a_join_is_three_statements(world, make_class):
    """Speed: the token, the class with the user's parts in it, and the join; no transaction around one insert."""
    live_class = make_class(start=0)
    browser = Client(headers={"Authorization": f"Token {sign_in(user=world.student)[0]}"})
    with captured_queries() as statements:
        answer = browser.get(f"/v1/events/me/event/liveclass/join/{live_class.hash}")
    assert answer.status_code == 302
    assert [sql.split()[0] for sql in statements] == ["SELECT", "SELECT", "INSERT"]
    assert ClassJoin.objects.get().joined_at == NOW


def test_the_second_join_compiles_no_sql(world, make_class, monkeypatch):
    """Speed: in a full class, nothing is compiled for the next student: the SQL of the first is run again."""
    first, second = make_class(start=0), make_class(start=0.25, length=3)
    joining.join(joining.attempt_as_member(hash_=first.hash, user=world.student), now=NOW)
    for name in ("filter", "bulk_create"):
        monkeypatch.setattr(QuerySet, name, None)
    joining.join(joining.attempt_as_member(hash_=second.hash, user=world.reviewer), now=NOW)
    monkeypatch.undo()
    assert set(ClassJoin.objects.values_list("live_class", "user", "joined_at", "starts_class")) == {
        (first.pk, world.student.pk, NOW, False),
        (second.pk, world.reviewer.pk, NOW, False),
    }
