"""What an erasure does with each table that refers to a user (rule O8)."""

from breathecode.authenticate.domain.personal_data.relations import TREATMENTS, relations


def test_every_relation_to_a_user_has_its_treatment():
    """O8: a new table that refers to users fails here, until somebody decides what an erasure does with its rows."""
    assert {name for name, _ in relations()} == TREATMENTS.keys()
