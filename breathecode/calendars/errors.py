"""What can be wrong with a feed, one class a slug (rule H3)."""

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class TooManyCohorts(ApiError):
    slug = "too-many-cohorts"
    default_detail = _("A feed URL can list at most {maximum} cohorts; this one lists {count}.")
