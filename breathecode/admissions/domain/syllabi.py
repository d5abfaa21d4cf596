"""Writing syllabi (rule R1)."""

from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from breathecode.admissions.errors import SlugTaken
from breathecode.admissions.models import Syllabus, SyllabusVersion


def create_syllabus(*, academy_id: int, slug: str, name: str) -> Syllabus:
    """Raises `slug-already-exists`."""
    try:
        with transaction.atomic():
            return Syllabus.objects.create(academy_id=academy_id, slug=slug, name=name)
    except IntegrityError as error:
        raise SlugTaken(value=slug) from error


def name_syllabus(name: str, *, academy_id: int) -> Syllabus:
    """The academy's syllabus of this name; made, with a slug from its name, where there is none."""
    known = Syllabus.objects.filter(academy_id=academy_id, name=name).order_by("pk").first()
    return known or create_syllabus(academy_id=academy_id, slug=_free_slug(name, academy_id=academy_id), name=name)


def _free_slug(name: str, *, academy_id: int) -> str:
    base = slugify(name)[:80].strip("-_") or "syllabus"
    base = f"syllabus-{base}" if base.isdigit() else base
    taken = set(Syllabus.objects.filter(academy_id=academy_id, slug__startswith=base).values_list("slug", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(slug for slug in candidates if slug not in taken)


@transaction.atomic
def add_version(*, syllabus: Syllabus, **fields: Any) -> SyllabusVersion:
    """The next version, numbered from 1. The syllabus row is locked, so that two callers get two numbers."""
    Syllabus.objects.select_for_update().get(pk=syllabus.pk)
    newest = syllabus.versions.aggregate(newest=Max("version"))["newest"] or 0
    return SyllabusVersion.objects.create(syllabus=syllabus, version=newest + 1, **fields)
