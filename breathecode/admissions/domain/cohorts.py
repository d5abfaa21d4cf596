"""Writing cohorts and who is in them (rules R2 to R4)."""

import re
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from breathecode.admissions.errors import AlreadyInCohort, RoleAmbiguous, SlugTaken
from breathecode.admissions.models import RESERVED_COHORT_SLUGS, Cohort, CohortUser, Syllabus, SyllabusVersion
from breathecode.admissions.signals import cohort_schedule_changing
from breathecode.authenticate.models import User
from breathecode.common.errors import NotFound, ValidationFailed
from breathecode.common.ids import parse_id
from breathecode.common.models import assign
from breathecode.common.text import normalize_email

_SYLLABUS = re.compile(r"(?P<slug>[-\w]+)(?:\.v(?P<version>\d{1,9}|latest))?", re.ASCII)


def find_syllabus(*, academy_id: int, name: str) -> tuple[Syllabus, SyllabusVersion | None]:
    """`slug`, `slug.v3` or `slug.vlatest` (the newest published one). Raises `validation-error` on `syllabus`."""
    match = _SYLLABUS.fullmatch(name)
    syllabus = match and Syllabus.objects.filter(academy_id=academy_id, slug=match["slug"]).first()
    if not match or not syllabus:
        raise ValidationFailed({"syllabus": [_("Syllabus {0} does not exist.").format(name[:120])]})
    if match["version"] is None:
        return syllabus, None
    versions = SyllabusVersion.objects.filter(syllabus=syllabus).order_by("-version")
    if match["version"] == "latest":
        version = versions.filter(status=SyllabusVersion.Status.PUBLISHED).first()
    else:
        version = versions.filter(version=int(match["version"])).first()
    if version is None:
        raise ValidationFailed({"syllabus": [_("Version {0} does not exist.").format(name[:120])]})
    return syllabus, version


def free_slug(name: str, *, academy_id: int) -> str:
    """A slug made from the name that no cohort of the academy has; `cohort` for a name without letters of ASCII."""
    base = slugify(name)[:80].strip("-_") or "cohort"
    base = f"cohort-{base}" if base.isdigit() else base
    taken = set(Cohort.objects.filter(academy_id=academy_id, slug__startswith=base).values_list("slug", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(slug for slug in candidates if slug not in taken and slug not in RESERVED_COHORT_SLUGS)


def save_cohort(cohort: Cohort, *, fields: dict[str, Any]) -> Cohort:
    """Creates the cohort, or writes the fields that differ and nothing else.

    Raises `slug-already-exists`, and `too-many-classes` (rule T7).
    """
    changed = assign(cohort, fields)
    counts = cohort.stage != Cohort.Stage.DELETED and changed & Cohort.SCHEDULE_FIELDS - {"online_meeting_url"}
    if counts and not cohort._state.adding:
        cohort_schedule_changing.send(sender=Cohort, cohort=cohort)
    if cohort._state.adding:
        _save(cohort, update_fields=None)
    elif changed:
        _save(cohort, update_fields={*changed, "updated_at"})
    return cohort


def _save(cohort: Cohort, *, update_fields: set[str] | None) -> None:
    try:
        with transaction.atomic():
            cohort.save(update_fields=update_fields)
    except IntegrityError as error:
        raise SlugTaken(value=cohort.slug) from error


def delete_cohort(cohort: Cohort) -> None:
    """Stage `DELETED`: what took place stays, coming classes go with the next build (rule G11)."""
    save_cohort(cohort, fields={"stage": Cohort.Stage.DELETED})


def find_user(value: int | str, *, within: QuerySet[User]) -> User:
    """By id or e-mail, of those whom the caller's academy knows (rule U6). Raises `validation-error` on `user`."""
    text = normalize_email(str(value))
    pk = parse_id(text)
    user = (within.filter(email=text) if pk is None else within.filter(pk=pk)).first()
    if user is None:
        sentence = _("This academy has no user {0}. New users must be invited first.")
        raise ValidationFailed({"user": [sentence.format(text[:254])]})
    return user


def add_to_cohort(*, cohort: Cohort, user: User, role: str, educational_status: str) -> CohortUser:
    """Raises `already-in-cohort`, also for the second of two callers at once."""
    try:
        with transaction.atomic():
            return CohortUser.objects.create(cohort=cohort, user=user, role=role, educational_status=educational_status)
    except IntegrityError as error:
        raise AlreadyInCohort(role=role) from error


def get_membership(*, cohort: Cohort, user_id: int, role: str | None) -> CohortUser:
    """The one row of a person in a cohort. Raises `not-found`; `role-ambiguous` where they have several."""
    rows = CohortUser.objects.filter(cohort=cohort, user_id=user_id).select_related("user").order_by("id")
    found = [row for row in rows if role is None or row.role == role]
    if not found:
        raise NotFound
    if len(found) > 1:
        raise RoleAmbiguous
    return found[0]


def remove_from_cohort(part: CohortUser) -> None:
    """What was earned before stays (rule A5)."""
    part.delete()


def update_membership(part: CohortUser, *, fields: dict[str, Any]) -> CohortUser:
    """Writes the fields that differ. Raises `already-in-cohort` where the new role is held already."""
    changed = assign(part, fields)
    if not changed:
        return part
    try:
        with transaction.atomic():
            part.save(update_fields={*changed, "updated_at"})
    except IntegrityError as error:
        raise AlreadyInCohort(role=part.role) from error
    return part
