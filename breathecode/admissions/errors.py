from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class SlugTaken(ApiError):
    status_code = 409
    slug = "slug-already-exists"
    default_detail = _("The slug {value} is already in use.")


class AlreadyInCohort(ApiError):
    status_code = 409
    slug = "already-in-cohort"
    default_detail = _("This user already has the role {role} in this cohort.")


class RoleAmbiguous(ApiError):
    slug = "role-ambiguous"
    default_detail = _("This user has several roles in this cohort. Select one with ?role=.")


class EmptyTimeSlot(ApiError):
    slug = "empty-timeslot"
    default_detail = _("starting_at and ending_at must be different.")


class InvalidTimeZone(ApiError):
    slug = "invalid-timezone"
    default_detail = _("{value} is not a valid IANA time zone (example: Europe/Madrid).")


class TooManyClasses(ApiError):
    """Of a time slot, or of a cohort with all its time slots (rule T7); nothing is saved. `whole`: which of the two."""

    slug = "too-many-classes"
    samples = {"whole": "The time slot", "count": "36524", "limit": "5000"}
    default_detail = _("{whole} would have {count} classes; the maximum is {limit}. Check the dates.")
