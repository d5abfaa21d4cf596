"""Searches for beginnings, by an index (rule R6)."""

import pytest
from django.db import connection

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from breathecode.notify.models import OutgoingMail
from tests.support.explain import noted_statements, scanned


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (User, "email"),
        (User, "first_name"),
        (User, "last_name"),
        (Cohort, "name"),
        (Cohort, "slug"),
        (OutgoingMail, "to"),
    ],
)
def test_beginnings_are_read_by_an_index(world, model, column):
    """R6: `istartswith` reads an index, on both databases."""
    with noted_statements() as asked:
        list(model.objects.filter(**{f"{column}__istartswith": "U%29"}))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which reads a table of few rows as a whole
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert [scanned(*statement) for statement in asked] == [set()]


def test_which_beginnings(world):
    """R6: in any case, of letters with accents too on PostgreSQL."""
    person = User.objects.create(email="x@example.org", first_name="Íñigo", last_name="O'Neill_100%")
    in_any_case = ("íñ", "ÍÑIGO") if connection.vendor == "postgresql" else ()
    for text in ("Íñ", "Íñigo", *in_any_case):
        assert User.objects.get(first_name__istartswith=text) == person
    for text in ("o'neill", "O'NEILL_1", "O'Neill_100%"):
        assert User.objects.get(last_name__istartswith=text) == person
    assert not User.objects.filter(last_name__istartswith="O'Neill%").exists()
