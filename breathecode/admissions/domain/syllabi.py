"""Writing syllabi (rule R1)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from breathecode.admissions.errors import SlugTaken
from breathecode.admissions.models import Syllabus, SyllabusVersion


def create_syllabus(*, academy_id: int, slug: str, name: str) -> Syllabus:
    """Raises `slug-already-exists`."""
    try:
        with transaction.atomic():
            return Syllabus.objects.create(academy_id=academy_id, slug=slug, name=name)
    except IntegrityError as error:
        raise SlugTaken(value=slug) from error


@transaction.atomic
def add_version(*, syllabus: Syllabus, **fields: Any) -> SyllabusVersion:
    """The next version, numbered from 1. The syllabus row is locked, so that two callers get two numbers."""
    Syllabus.objects.select_for_update().get(pk=syllabus.pk)
    newest = syllabus.versions.aggregate(newest=Max("version"))["newest"] or 0
    return SyllabusVersion.objects.create(syllabus=syllabus, version=newest + 1, **fields)
