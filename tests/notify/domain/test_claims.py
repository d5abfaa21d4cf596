"""The states of the outbox: claims, and what they mark as sent."""

import pytest
from django.utils import timezone

from breathecode.authenticate.models import User
from breathecode.notify.domain.claims import claim, mark_sent
from breathecode.notify.domain.outbox import Mail, store_mails
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import send_due_mails
from tests.support.queries import assert_num_queries, captured_queries


def stored(count, **fields):
    first = OutgoingMail.objects.count()
    names = [f"reader{number}@example.org" for number in range(first, first + count)]
    given = {"template": "test", "language": "en", "context": {}}
    store_mails([Mail(**{"purpose": name, "to": name, **given, **fields}) for name in names])
    return list(OutgoingMail.objects.order_by("pk"))[first:]


def states():
    return list(OutgoingMail.objects.order_by("pk").values_list("state", "tries", "text", "attachments"))


def test_a_claim_marks_the_mail_before_it(db):
    """Mail: one statement, that leaves body, headers and attachments of the claimed one as they are."""
    part = {"name": "class.ics", "type": "text/calendar", "content": "x"}
    first, second = stored(2, attachments=[part], headers={"X-A": "b"})
    assert claim(first, now=timezone.now())
    with assert_num_queries(1):
        assert claim(second, now=timezone.now(), after=first)
    assert states() == [("SENT", 1, "", []), ("SENDING", 1, second.text, [part])]
    first.refresh_from_db()
    claimed = OutgoingMail.objects.get(pk=second.pk)
    assert (first.headers, claimed.headers, claimed.html) == ({"X-A": "b"}, {"X-A": "b"}, second.html)
    assert (first.sent_at is not None, claimed.sent_at) == (True, None)


def test_a_mail_is_marked_where_the_next_cannot_be_claimed(db):
    """Mail: another sender has that one; who was overtaken leaves a mail that is marked as it is."""
    first, second = stored(2)
    assert claim(first, now=timezone.now())
    assert claim(OutgoingMail.objects.get(pk=second.pk), now=timezone.now())
    assert not claim(second, now=timezone.now(), after=first)
    assert [row[:2] for row in states()] == [("SENT", 1), ("SENDING", 1)]
    sent_at = OutgoingMail.objects.get(pk=first.pk).sent_at
    mark_sent(first)
    assert OutgoingMail.objects.get(pk=first.pk).sent_at == sent_at


def test_a_mail_that_was_erased_while_it_was_sent_costs_no_other_its_claim(db):
    """Mail, O8: the row of the mail before it is gone."""
    first, second = stored(2)
    assert claim(first, now=timezone.now())
    OutgoingMail.objects.filter(pk=first.pk).delete()
    assert claim(second, now=timezone.now(), after=first)


def test_two_mails_to_one_address(db):
    """Mail, U5: they are not locked together, since a new address locks all that wait for the old one."""
    first, second = stored(1, purpose="a", to="a@example.org") + stored(1, purpose="b", to="a@example.org")
    assert claim(first, now=timezone.now())
    with assert_num_queries(2):
        assert claim(second, now=timezone.now(), after=first)
    assert [row[:2] for row in states()] == [("SENT", 1), ("SENDING", 1)]


@pytest.mark.parametrize("count", [1, 40])
def test_one_statement_for_each_mail(db, mail_server, count):
    """Mail: with what a sweep reads, and the statement that marks the last."""
    stored(count)
    with captured_queries() as statements:
        send_due_mails()
    assert len(mail_server.messages) == count
    assert len([sql for sql in statements if "RETURNING id" in sql]) == count
    assert len(statements) == count + 4


def test_withdrawn_mails_are_settled_together(db, mail_server, world):
    """Mail, U5: the statements do not grow with the mails of users who are not active any more."""
    users = User.objects.bulk_create(User(email=f"gone{n}@example.org", is_active=False) for n in range(20))
    for user in users:
        stored(1, purpose=user.email, to=user.email, user_id=user.pk)
    with captured_queries() as statements:
        send_due_mails()
    assert mail_server.messages == []
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"FAILED"}
    assert len(statements) <= 20 + 10
