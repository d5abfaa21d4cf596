"""Writing cohorts and who is in them (rules R2 to R4)."""

import re
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from breathecode.admissions.errors import AlreadyInCohort, RoleAmbiguous, SlugTaken
from breathecode.admissions.models import Cohort, CohortUser, Syllabus, SyllabusVersion
from breathecode.authenticate.models import User
from breathecode.common.errors import NotFound, ValidationFailed

_SYLLABUS = re.compile(r"(?P<slug>[-\w]+)(?:\.v(?P<version>\d{1,9}|latest))?", re.ASCII)


def find_syllabus(*, academy_id: int, name: str) -> tuple[Syllabus, SyllabusVersion | None]:
    """`slug`, `slug.v3` or `slug.vlatest` (the newest published one). Raises `validation-error` on `syllabus`."""
    match = _SYLLABUS.fullmatch(name)
    syllabus = match and Syllabus.objects.filter(academy_id=academy_id, slug=match["slug"]).first()
    if not match or not syllabus:
        raise ValidationFailed({"syllabus": [_("There is no syllabus {0}.").format(name[:120])]})
    if match["version"] is None:
        return syllabus, None
    versions = SyllabusVersion.objects.filter(syllabus=syllabus).order_by("-version")
    if match["version"] == "latest":
        version = versions.filter(status=SyllabusVersion.Status.PUBLISHED).first()
    else:
        version = versions.filter(version=int(match["version"])).first()
    if version is None:
        raise ValidationFailed({"syllabus": [_("There is no version {0}.").format(name[:120])]})
    return syllabus, version


def save_cohort(cohort: Cohort, *, fields: dict[str, Any]) -> Cohort:
    """Creates the cohort, or changes the given fields alone. Raises `slug-already-exists`."""
    for name, value in fields.items():
        setattr(cohort, name, value)
    update_fields = None if cohort._state.adding else {*fields, "updated_at"}
    try:
        with transaction.atomic():
            cohort.save(update_fields=update_fields)
    except IntegrityError as error:
        if Cohort.objects.filter(academy_id=cohort.academy_id, slug=cohort.slug).exclude(pk=cohort.pk).exists():
            raise SlugTaken(value=cohort.slug) from error
        # The dates were checked against a row that another request has changed since.
        raise ValidationFailed({"ending_date": [_("The dates were changed by somebody else; look again.")]}) from error
    return cohort


def delete_cohort(cohort: Cohort) -> None:
    """Stage `DELETED`: what took place stays, coming classes go with the next build (rule G11)."""
    save_cohort(cohort, fields={"stage": Cohort.Stage.DELETED})


def find_person(value: int | str) -> User:
    """By id or e-mail. Raises `validation-error` on `user`."""
    text = str(value).strip()
    by_id = text.isascii() and text.isdigit() and len(text) < 19
    user = User.objects.filter(pk=int(text)).first() if by_id else User.objects.filter(email=text.lower()).first()
    if user is None:
        raise ValidationFailed({"user": [_("There is no person {0}.").format(text[:254])]})
    return user


def add_to_cohort(*, cohort: Cohort, user: User, role: str, educational_status: str) -> CohortUser:
    """Raises `already-in-cohort`, also for the second of two callers at once."""
    try:
        with transaction.atomic():
            return CohortUser.objects.create(cohort=cohort, user=user, role=role, educational_status=educational_status)
    except IntegrityError as error:
        raise AlreadyInCohort(role=role) from error


def part_of(*, cohort: Cohort, user_id: int, role: str | None) -> CohortUser:
    """The one row of a person in a cohort. Raises `not-found`; `role-ambiguous` where they have several."""
    rows = CohortUser.objects.filter(cohort=cohort, user_id=user_id).select_related("user").order_by("id")
    found = [row for row in rows if role is None or row.role == role]
    if not found:
        raise NotFound
    if len(found) > 1:
        raise RoleAmbiguous
    return found[0]


def change_part(part: CohortUser, *, fields: dict[str, Any]) -> CohortUser:
    """Raises `already-in-cohort` where the new role is held already."""
    for name, value in fields.items():
        setattr(part, name, value)
    try:
        with transaction.atomic():
            part.save(update_fields={*fields, "updated_at"})
    except IntegrityError as error:
        raise AlreadyInCohort(role=part.role) from error
    return part
