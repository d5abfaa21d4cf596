"""Writing academies (rule R1)."""

from typing import Any

from django.db import IntegrityError, transaction

from breathecode.admissions.errors import SlugTaken
from breathecode.authenticate.models import Academy
from breathecode.common.models import assign


def create_academy(**fields: Any) -> Academy:
    """Raises `slug-already-exists`."""
    try:
        with transaction.atomic():
            return Academy.objects.create(**fields)
    except IntegrityError as error:
        raise SlugTaken(value=fields["slug"]) from error


def change_academy(academy: Academy, *, fields: dict[str, Any]) -> Academy:
    """Writes the fields that differ, and nothing where none does."""
    if changed := assign(academy, fields):
        academy.save(update_fields={*changed, "updated_at"})
    return academy
