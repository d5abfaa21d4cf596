"""Errors of histories, one class for each slug (rule H3)."""

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class NotTheLastChange(ApiError):
    status_code = 409
    slug = "not-the-last-change"
    default_detail = _("Only the last change can be undone. Undo the later ones first.")


class CannotBeUndone(ApiError):
    status_code = 409
    slug = "cannot-be-undone"
    default_detail = _(
        "This change cannot be undone. Edits and removals of time slots, all changes of holidays, and changes of a "
        "cohort's dates, stage and time zone can."
    )
