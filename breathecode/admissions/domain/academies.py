"""Writing academies (rule R1)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from breathecode.admissions.errors import SlugTaken
from breathecode.authenticate.models import Academy, User
from breathecode.common.models import assign, lock


def create_academy(**fields: Any) -> Academy:
    """Raises `slug-already-exists`."""
    try:
        with transaction.atomic():
            return Academy.objects.create(**fields)
    except IntegrityError as error:
        raise SlugTaken(value=fields["slug"]) from error


@transaction.atomic
def create_first_academy(*, by: User, name: str, **fields: Any) -> Academy:
    """The academy of an empty installation, with a slug made from its name.

    Where there is an academy by now, that one: a form that is sent twice makes one academy.
    """
    lock(User, by.pk)
    first = Academy.objects.order_by("pk").first()
    return first or create_academy(slug=_slug_of(name), name=name, **fields)


def _slug_of(name: str) -> str:
    slug = slugify(name)[:80].strip("-_") or "academy"
    return f"academy-{slug}" if slug.isdigit() else slug


def change_academy(academy: Academy, *, fields: dict[str, Any]) -> Academy:
    """Writes the fields that differ, and nothing where none does."""
    if changed := assign(academy, fields):
        academy.save(update_fields={*changed, "updated_at"})
    return academy
