"""Binds the tokens that exist to the access of their users, and keeps whom each academy has invited so far."""

import hashlib
from typing import Any

from django.db import migrations

BATCH = 1_000


def _fingerprint(user: Any) -> str:
    # As User.access_fingerprint() computes it; a migration must not follow later changes of the model.
    text = "\n".join([user.password, user.email, str(user.access_version)])
    return hashlib.sha256(text.encode()).hexdigest()


def bind_tokens(apps: Any, schema_editor: Any) -> None:
    tokens = apps.get_model("authenticate", "Token").objects.using(schema_editor.connection.alias)
    batch = []
    # Those of locked accounts stay unbound: unlocking must not bring them back.
    for token in tokens.filter(user__is_active=True).select_related("user").iterator():
        token.fingerprint = _fingerprint(token.user)
        batch.append(token)
        if len(batch) == BATCH:
            tokens.bulk_update(batch, ["fingerprint"])
            batch = []
    tokens.bulk_update(batch, ["fingerprint"])


def keep_invitations(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    mails = apps.get_model("notify", "OutgoingMail").objects.using(alias).filter(purpose__startswith="invitation:")
    academies = set(apps.get_model("authenticate", "Academy").objects.using(alias).values_list("pk", flat=True))
    users = set(apps.get_model("authenticate", "User").objects.using(alias).values_list("pk", flat=True))
    invitation = apps.get_model("authenticate", "Invitation")
    pairs = {_pair(purpose) for purpose in mails.values_list("purpose", flat=True).iterator()}
    invitation.objects.using(alias).bulk_create(
        [invitation(academy_id=a, user_id=u) for a, u in sorted(pairs) if a in academies and u in users],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _pair(purpose: str) -> tuple[int, int]:
    """`invitation:<academy>:<user>:<day>`"""
    _word, academy, user, *_rest = purpose.split(":")
    return int(academy), int(user)


class Migration(migrations.Migration):
    dependencies = [
        ("authenticate", "0004_access_fingerprints"),
        ("notify", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(bind_tokens, migrations.RunPython.noop),
        migrations.RunPython(keep_invitations, migrations.RunPython.noop),
    ]
