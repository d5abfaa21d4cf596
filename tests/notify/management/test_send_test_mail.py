import pytest
from django.core.management import CommandError, call_command

from breathecode.notify.models import OutgoingMail


def test_it_sends_one_mail(mail_server, db, capsys):
    """C2, Mail: `send_test_mail` goes through the outbox and says so."""
    call_command("send_test_mail", "me@example.org", "--language", "es")
    assert capsys.readouterr().out == "1 mail sent to me@example.org.\n"
    assert mail_server.recipients == ["me@example.org"]
    assert mail_server.messages[0]["Subject"] == "Correo de prueba"


@pytest.mark.parametrize("trouble", ["down", "refused"])
def test_it_says_why_not(mail_server, db, trouble):
    """C2, Mail: a server that is down or refuses ends the command with the reason, and nothing stays to be sent."""
    if trouble == "down":
        mail_server.stop()
    mail_server.refuse = {"me@example.org"}
    reason = "Connection refused" if trouble == "down" else "550 5.1.1 No such user here"
    with pytest.raises(CommandError, match=reason):
        call_command("send_test_mail", "me@example.org")
    assert OutgoingMail.objects.count() == 0


def test_an_address_is_an_address(db):
    """C2: an address that cannot be one is refused with a sentence."""
    with pytest.raises(CommandError, match="nobody is not a valid e-mail address"):
        call_command("send_test_mail", "nobody")
