from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class SlugTaken(ApiError):
    status_code = 409
    slug = "slug-already-exists"
    default_detail = _("The slug {value} is taken.")


class AlreadyInCohort(ApiError):
    status_code = 409
    slug = "already-in-cohort"
    default_detail = _("This person has the role {role} in this cohort already.")


class RoleAmbiguous(ApiError):
    slug = "role-ambiguous"
    default_detail = _("This person has several roles in this cohort; say which with ?role=.")


class EmptyTimeSlot(ApiError):
    slug = "empty-timeslot"
    default_detail = _("starting_at and ending_at are the same: the class would last no time.")


class InvalidTimeZone(ApiError):
    slug = "invalid-timezone"
    default_detail = _("{value} is no IANA time zone, like Europe/Madrid.")


class TooManyClasses(ApiError):
    """Of a time slot, or of a cohort with all its time slots (rule T7); nothing is saved. `whole`: which of the two."""

    slug = "too-many-classes"
    samples = {"whole": "The time slot", "count": "36524", "limit": "5000"}
    default_detail = _("{whole} would have {count} classes, and {limit} are the most. Check the dates.")
