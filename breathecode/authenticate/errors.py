from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class Unauthenticated(ApiError):
    status_code = 401
    auth_header = "Token"


class AuthenticationRequired(Unauthenticated):
    slug = "authentication-required"
    default_detail = _("Sign in first: send the header Authorization: Token <key>.")


class InvalidToken(Unauthenticated):
    slug = "invalid-token"
    default_detail = _("This token is not known here, or has been revoked.")


class ExpiredToken(Unauthenticated):
    slug = "expired-token"
    default_detail = _("This token has expired. Sign in again.")


class AcademyHeaderRequired(ApiError):
    slug = "academy-header-required"
    default_detail = _("Send the header Academy with the id of the academy that is meant.")


class InvalidAcademyHeader(ApiError):
    slug = "invalid-academy-header"
    default_detail = _("The header Academy must be the number of an academy.")


class NotAcademyMember(ApiError):
    status_code = 403
    slug = "not-academy-member"
    default_detail = _("You are not a member of this academy.")


class MissingCapability(ApiError):
    status_code = 403
    slug = "missing-capability"
    default_detail = _("You need the capability {capability} in this academy.")


class SuperuserRequired(ApiError):
    status_code = 403
    slug = "superuser-required"
    default_detail = _("Only a superuser may do this.")


class InvalidCredentials(ApiError):
    slug = "invalid-credentials"
    default_detail = _("The e-mail address or the password is wrong.")


class TooManySignIns(ApiError):
    """`wait` is the time in seconds after which a next attempt is looked at."""

    status_code = 429
    slug = "too-many-sign-ins"
    default_detail = _("Too many wrong passwords. Try again in {wait} seconds.")

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait


class TooManyResets(ApiError):
    """`wait` is the time in seconds after which a next request is looked at."""

    status_code = 429
    slug = "too-many-password-resets"
    default_detail = _("Too many requests for a new password. Try again in {wait} seconds.")

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait


class LinkNotValid(ApiError):
    """Never made, used already, or made worthless by a password that was chosen since."""

    status_code = 404
    slug = "link-not-valid"
    default_detail = _("This link is not valid. It may have been used already.")


class LinkExpired(ApiError):
    status_code = 410
    slug = "link-expired"
    default_detail = _("This link has expired.")


class MemberAlreadyExists(ApiError):
    status_code = 409
    slug = "member-already-exists"
    default_detail = _("{email} is a member of this academy already.")


class InvitationNotNeeded(ApiError):
    status_code = 409
    slug = "invitation-not-needed"
    default_detail = _("This person has a password already, or their account is locked.")


class InvitationTooSoon(ApiError):
    """`wait` is the time in seconds after which the next mail can be sent."""

    status_code = 429
    slug = "invitation-too-soon"
    default_detail = _("An invitation was sent just now. Try again in {wait} seconds.")

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait
