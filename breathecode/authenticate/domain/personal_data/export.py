"""All that is kept of a person, as JSON (rule O8)."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model

from breathecode.authenticate.domain.personal_data.relations import mails_to, relations, rows_of
from breathecode.authenticate.models import User
from breathecode.notify.models import OutgoingMail

# What proves who somebody is must not leave the database, not even as a hash.
SECRETS = frozenset({"password", "key_hash", "fingerprint", "access_version", "hash"})
# The parts of a mail with links that sign in. They are kept only until it is sent.
PARTS_WITH_LINKS = frozenset({"text", "html", "attachments", "headers"})


def export_person(user: User) -> dict[str, Any]:
    """`{"user", "rows": {"<app>.<model>.<field>": [row]}, "mails", "admin_log"}`, all values as JSON has them.

    `mails` are those of `mails_to`, without the parts that hold links.
    """
    keys = [(name, key) for name, key in relations() if key.model is not OutgoingMail]
    rows = {name: [as_json(row) for row in _with_names(user, key)] for name, key in keys}
    mails = mails_to(user, user.email).select_related("user")
    return {
        "user": as_json(user) | {"groups": [group.name for group in user.groups.order_by("name")]},
        "rows": {name: found for name, found in sorted(rows.items()) if found},
        "mails": [as_json(mail, without=SECRETS | PARTS_WITH_LINKS) for mail in mails],
        "admin_log": [as_json(entry) for entry in admin_log_about(user).order_by("pk")],
    }


def admin_log_about(user: User) -> Any:
    """What the admin recorded of changes of this account."""
    content_type = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(content_type=content_type, object_id=str(user.pk))


def _with_names(user: User, key: "ForeignKey[Any, Any]") -> Any:
    foreign = [field.name for field in key.model._meta.concrete_fields if field.is_relation]
    return rows_of(user, key).select_related(*foreign)


def as_json(row: Model, *, without: frozenset[str] = SECRETS) -> dict[str, Any]:
    """The fields of a row by name, but those `without`; of what it refers to, the id and its name."""
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in without:
            continue
        value = getattr(row, field.name)
        if isinstance(value, User):  # of others, no name: they are not who asked
            value = {"id": value.pk}
        elif isinstance(value, Model):
            value = {"id": value.pk, "name": str(value)}
        found[field.name] = value
    return found
