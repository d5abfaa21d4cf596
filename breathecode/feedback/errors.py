from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class SurveyLinkNotValid(ApiError):
    status_code = 404
    slug = "survey-link-not-valid"
    default_detail = _("This survey link is not valid. It may be incomplete: open it again from the mail.")


class SurveyExpired(ApiError):
    slug = "survey-expired"
    default_detail = _("This survey is closed: its link was valid for 48 hours.")


class ClassNotEnded(ApiError):
    slug = "class-not-ended"
    default_detail = _("A survey can be sent only after the class has ended.")


class ClassEndedTooLongAgo(ApiError):
    slug = "class-ended-too-long-ago"
    default_detail = _("This class ended more than {days} days ago.")
    samples = {"days": "7"}


class NobodyToAsk(ApiError):
    slug = "nobody-to-ask"
    default_detail = _(
        "Every student marked present or late in this class has already received the survey, or there is none."
    )
