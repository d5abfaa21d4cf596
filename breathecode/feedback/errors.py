from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class SurveyLinkNotValid(ApiError):
    status_code = 404
    slug = "survey-link-not-valid"
    default_detail = _("This survey link is not valid. It may be cut off: open it from the mail again.")


class SurveyExpired(ApiError):
    slug = "survey-expired"
    default_detail = _("This survey is closed: its link worked for 48 hours.")
