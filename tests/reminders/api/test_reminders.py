import pytest

from tests.support.client import error

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", ["", "null", "x"])
def test_a_text_is_refused_where_true_false_or_null_is_expected(call, world, value):
    """H5, N1: an empty text must not turn somebody's choice into "as the academy says"."""
    path = "/v1/events/me/reminder/settings"
    call("PUT", path, as_=world.student, body={"day_before": True})
    assert error(call("PUT", path, as_=world.student, body={"day_before": value})) == (400, "validation-error")
    assert call("GET", path, as_=world.student).json()["day_before"] is True
