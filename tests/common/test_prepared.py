"""Queries whose SQL is made once: the same rows as the query itself gives, with other values each time."""

import datetime

import pytest
from django.utils import timezone

from breathecode.authenticate.models import Token, User
from breathecode.common.prepared import PreparedRows
from tests.support.threads import together

pytestmark = pytest.mark.django_db


def tokens_of(user_id, purpose):
    tokens = Token.objects.filter(user_id=user_id, purpose=purpose).order_by("id")
    return tokens.values_list("id", "user__email", "expires_at", "user__is_staff")


@pytest.fixture
def people():
    people = [User.objects.create_user(f"{name}@example.org") for name in ("ana", "bea")]
    for person in people:
        for purpose in ("SIGN_IN", "CALENDAR"):
            Token.objects.create(
                user=person,
                purpose=purpose,
                key_hash=f"{person.pk}{purpose}",
                expires_at=timezone.now() + datetime.timedelta(days=1) if purpose == "SIGN_IN" else None,
            )
    return people


def test_the_rows_are_the_querys_own(people, django_assert_num_queries):
    """U2: for each value what the ORM would answer, types included; made once, asked four times."""
    made = []

    def build(user_id, purpose):
        made.append(1)
        return tokens_of(user_id, purpose)

    prepared = PreparedRows(build, user_id=int, purpose=str)
    for person in people:
        for purpose in ("SIGN_IN", "CALENDAR"):
            expected = list(tokens_of(person.pk, purpose))
            with django_assert_num_queries(1):
                assert prepared.rows(user_id=person.pk, purpose=purpose) == expected
            assert expected[0][1] == person.email
    assert prepared.rows(user_id=None, purpose="SIGN_IN") == []
    assert prepared.rows(user_id=people[0].pk, purpose="' OR 1=1 --") == []
    assert made == [1]


def test_a_value_that_the_query_changes_is_refused():
    """U2: a stand-in that does not come out as it went in would compare with the wrong thing for ever."""
    prepared = PreparedRows(lambda name: User.objects.filter(email=name.upper()).values_list("pk"), name=str)
    with pytest.raises(ValueError, match="name"):
        prepared.rows(name="ana")


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_its_own(people):
    """U2: a compiler belongs to a thread's connection."""
    prepared = PreparedRows(tokens_of, user_id=int, purpose=str)
    calls = [lambda person=person: prepared.rows(user_id=person.pk, purpose="SIGN_IN") for person in people * 4]
    assert [rows[0][1] for rows in together(*calls)] == [person.email for person in people * 4]
