"""Gives each invitation its newest mail. Whoever is no member of the staff was invited as a student."""

from typing import Any

from django.db import migrations

BATCH = 1_000


def find_mails(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    mails = apps.get_model("notify", "OutgoingMail").objects.using(alias).filter(purpose__startswith="invitation:")
    newest = {_pair(mail.purpose): mail for mail in mails.only("purpose", "created_at").order_by("created_at", "pk")}
    academies = set(apps.get_model("authenticate", "Academy").objects.using(alias).values_list("pk", flat=True))
    users = set(apps.get_model("authenticate", "User").objects.using(alias).values_list("pk", flat=True))
    staff = apps.get_model("authenticate", "AcademyMember").objects.using(alias).values_list("academy_id", "user_id")
    members = set(staff)
    invitations = apps.get_model("authenticate", "Invitation").objects.using(alias)
    invitations.bulk_create(
        [
            invitations.model(
                academy_id=pair[0], user_id=pair[1], mail=mail, mailed_at=mail.created_at, as_student=pair not in members
            )
            for pair, mail in sorted(newest.items())
            if pair[0] in academies and pair[1] in users
        ],
        update_conflicts=True,
        unique_fields=["user", "academy"],
        update_fields=["mail", "mailed_at", "as_student"],
        batch_size=BATCH,
    )


def _pair(purpose: str) -> tuple[int, int]:
    """`invitation:<academy>:<user>:<day>`"""
    _word, academy, user, *_rest = purpose.split(":")
    return int(academy), int(user)


class Migration(migrations.Migration):
    dependencies = [
        ("authenticate", "0006_invitation_mails"),
        ("notify", "0001_initial"),
    ]

    operations = [migrations.RunPython(find_mails, migrations.RunPython.noop)]
