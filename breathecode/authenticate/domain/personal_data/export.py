"""All that is kept of a person, as JSON (rule O8)."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model

from breathecode.authenticate.domain.personal_data.relations import relations, rows_of
from breathecode.authenticate.models import User
from breathecode.notify.models import OutgoingMail

# What proves who somebody is must not leave the database, not even as a hash.
SECRETS = frozenset({"password", "key_hash", "fingerprint", "access_version", "hash"})


def export_person(user: User) -> dict[str, Any]:
    """`{"user", "rows": {"<app>.<model>.<field>": [row]}, "mails", "admin_log"}`, all values as JSON has them."""
    rows = {name: [as_json(row) for row in _with_names(user, key)] for name, key in relations()}
    return {
        "user": as_json(user) | {"groups": [group.name for group in user.groups.order_by("name")]},
        "rows": {name: found for name, found in sorted(rows.items()) if found},
        "mails": [as_json(mail) for mail in OutgoingMail.objects.filter(to__iexact=user.email).order_by("pk")],
        "admin_log": [as_json(entry) for entry in admin_log_about(user).order_by("pk")],
    }


def admin_log_about(user: User) -> Any:
    """What the admin recorded of changes of this account."""
    content_type = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(content_type=content_type, object_id=str(user.pk))


def _with_names(user: User, key: "ForeignKey[Any, Any]") -> Any:
    foreign = [field.name for field in key.model._meta.concrete_fields if field.is_relation]
    return rows_of(user, key).select_related(*foreign)


def as_json(row: Model) -> dict[str, Any]:
    """The fields of a row by name; of what it refers to, the id and its name."""
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in SECRETS:
            continue
        value = getattr(row, field.name)
        if isinstance(value, User):  # of others, no name: they are not who asked
            value = {"id": value.pk}
        elif isinstance(value, Model):
            value = {"id": value.pk, "name": str(value)}
        found[field.name] = value
    return found
