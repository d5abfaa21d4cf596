from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError, TooManyRequests


class Unauthenticated(ApiError):
    status_code = 401
    auth_header = "Token"


class AuthenticationRequired(Unauthenticated):
    slug = "authentication-required"
    default_detail = _("Authentication is required. Sign in, and send the header Authorization: Token <key>.")


class InvalidToken(Unauthenticated):
    slug = "invalid-token"
    default_detail = _("This token is not valid or has been revoked.")


class ExpiredToken(Unauthenticated):
    slug = "expired-token"
    default_detail = _("This token has expired. Sign in again.")


class AcademyHeaderRequired(ApiError):
    slug = "academy-header-required"
    default_detail = _("The Academy header is required. Set it to the academy's id.")


class InvalidAcademyHeader(ApiError):
    slug = "invalid-academy-header"
    default_detail = _("The Academy header must be the numeric id of an academy.")


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
    default_detail = _("Only a superuser can do this.")


class InvalidCredentials(ApiError):
    slug = "invalid-credentials"
    default_detail = _("The e-mail address or the password is incorrect.")


class TooManySignIns(TooManyRequests):
    slug = "too-many-sign-ins"
    default_detail = _("Too many incorrect passwords. Try again in {wait} seconds.")


class TooManyResets(TooManyRequests):
    slug = "too-many-password-resets"
    default_detail = _("Too many password reset requests. Try again in {wait} seconds.")


class LinkNotValid(ApiError):
    """Never made, used already, or made worthless by a password that was chosen since."""

    status_code = 404
    slug = "link-not-valid"
    default_detail = _("This link is not valid. It may already have been used.")


class LinkExpired(ApiError):
    status_code = 410
    slug = "link-expired"
    default_detail = _("This link has expired.")


class MemberAlreadyExists(ApiError):
    status_code = 409
    slug = "member-already-exists"
    default_detail = _("{email} is already a member of this academy.")


class InvitationNotNeeded(ApiError):
    status_code = 409
    slug = "invitation-not-needed"
    default_detail = _("This user already has a password, or the account is locked.")


class InvitationTooSoon(TooManyRequests):
    slug = "invitation-too-soon"
    default_detail = _("An invitation has just been sent. Try again in {wait} seconds.")
