"""UPDATE … RETURNING."""

from django.db.models import Exists, F, OuterRef

from breathecode.authenticate.models import AcademyMember, User
from breathecode.common.db.returning import update_returning_ids
from tests.support.queries import assert_num_queries


def test_it_returns_the_rows_that_it_updated(world):
    """Speed: as `update()`, with expressions and subqueries in its conditions, in one statement."""
    members = AcademyMember.objects.filter(user=OuterRef("pk"), academy=world.miami)
    rows = User.objects.filter(Exists(members), email__endswith="@example.org")
    expected = set(rows.values_list("pk", flat=True))
    assert expected
    with assert_num_queries(1):
        assert update_returning_ids(rows, first_name="Ana", last_name=F("email")) == expected
    assert set(User.objects.filter(first_name="Ana").values_list("pk", flat=True)) == expected
    assert update_returning_ids(User.objects.filter(pk=0), first_name="Eva") == set()
