"""What can be wrong with a mark, one class a slug (rule H3)."""

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class ClassNotStarted(ApiError):
    slug = "class-not-started"
    default_detail = _("Attendance can be recorded only after the class has started.")


class NotAStudent(ApiError):
    slug = "not-a-student"
    default_detail = _("Not students of this cohort: {ids}.")


class DayInTheFuture(ApiError):
    slug = "day-in-the-future"
    default_detail = _("{day} is in the future in the cohort's time zone.")
