"""Importing many users at once, below the API."""

import dataclasses

import pytest
from django.contrib.auth.hashers import is_password_usable

from breathecode.admissions.domain.people import import_people
from breathecode.admissions.domain.people_file import PersonRow
from breathecode.admissions.models import CohortUser, EnrolmentPeriod
from breathecode.authenticate.models import Invitation, User
from breathecode.history.models import Change
from tests.support.queries import captured_queries

ROLES = ("STUDENT", "TEACHER", "ASSISTANT")


def rows(count, *, name="p"):
    return [PersonRow(n + 2, f"{name}{n}@example.org", "Pia", "Ruiz", ROLES[n % 3]) for n in range(count)]


@pytest.mark.parametrize("kind", ["new", "signed-in"])
def test_statements_do_not_grow_with_the_rows(world, kind):
    """Speed: as many for a thousand users as for three, mails left aside: with accounts of their own, and without."""
    taken = []
    for name, count in (("a", 3), ("b", 1_000)):
        if kind == "signed-in":
            User.objects.bulk_create(User(email=row.email, password="known") for row in rows(count, name=name))
        with captured_queries() as statements:
            done = import_people(cohort=world.cohort, rows=rows(count, name=name))
        assert [row.result for row in done] == ["created"] * count
        taken.append(len([sql for sql in statements if "notify_outgoingmail" not in sql]))
    assert taken[0] == taken[1]


def test_what_an_import_leaves_behind(world):
    """U4, A5, P8: users with unusable passwords, roles, periods, invitations and history."""
    done = import_people(cohort=world.cohort, rows=rows(30))
    users = User.objects.filter(email__startswith="p")
    assert {row.user_id for row in done} == set(users.values_list("pk", flat=True))
    assert not any(is_password_usable(user.password) for user in users)
    assert len({user.access_fingerprint() for user in users}) == 30
    memberships = CohortUser.objects.filter(user__in=users)
    assert {(m.user.email, m.role) for m in memberships.select_related("user")} == {(r.email, r.role) for r in done}
    assert EnrolmentPeriod.objects.filter(user__in=users, until=None).count() == 10
    assert Change.objects.filter(kind=Change.Kind.ENROLMENT, object_id__in=memberships.values("pk")).count() == 30
    assert Invitation.objects.filter(user__in=users, academy=world.miami, mail__isnull=False).count() == 30


def test_users_and_memberships_are_made_in_one_order(world):
    """U4: whatever the order of the file: two imports of the same users wait for each other, and not both ways."""
    import_people(cohort=world.cohort, rows=[dataclasses.replace(row, role="STUDENT") for row in rows(30)[::-1]])
    users = User.objects.filter(email__startswith="p").order_by("pk")
    emails = list(users.values_list("email", flat=True))
    assert emails == sorted(emails)
    for model in (CohortUser, EnrolmentPeriod, Invitation):
        made = model.objects.filter(user__in=users).order_by("pk")
        assert list(made.values_list("user__email", flat=True)) == emails
