"""INSERT … SELECT."""

import datetime

import time_machine
from django.db.models import F

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.common.db.insert_select import insert_selected
from tests.support.queries import assert_num_queries

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)


def test_rows_are_made_of_others(world):
    """Speed: with the model's defaults and times; what is there already stays as it is, and does not count."""
    User.objects.bulk_create(User(email=f"n{number}@example.org") for number in range(3))
    kept = CohortUser.objects.create(
        cohort=world.cohort, user=User.objects.get(email="n1@example.org"), role="REVIEWER"
    )
    users = User.objects.filter(email__startswith="n").order_by("-pk")
    with time_machine.travel(NOW, tick=False), assert_num_queries(1):
        assert insert_selected(CohortUser, users, cohort_id=world.cohort.pk, user_id=F("pk"), role="REVIEWER") == 2
    made = CohortUser.objects.filter(user__in=users).exclude(pk=kept.pk).order_by("pk")
    assert list(made.values_list("user__email", "educational_status", "created_at", "updated_at")) == [
        ("n2@example.org", "ACTIVE", NOW, NOW),
        ("n0@example.org", "ACTIVE", NOW, NOW),
    ]
    assert insert_selected(CohortUser, users, cohort_id=world.cohort.pk, user_id=F("pk"), role="REVIEWER") == 0
