"""What a caller may do. A view that declares nothing is closed."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from breathecode.authenticate.api.authentication import academy_header
from breathecode.authenticate.errors import (
    AcademyHeaderRequired,
    AuthenticationRequired,
    InvalidAcademyHeader,
    MissingCapability,
    NotAcademyMember,
    SuperuserRequired,
)
from breathecode.authenticate.roles import CAPABILITIES, capabilities_of


class DenyAll(BasePermission):
    """The default: a view without a permission of its own refuses every request."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class SignedIn(BasePermission):
    """Any user with a valid token. Raises `method-not-allowed` (checked first) and `authentication-required`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = str(request.method)
        handler = "get" if method == "HEAD" else method.lower()
        if handler not in view.http_method_names or not hasattr(view, handler):
            raise MethodNotAllowed(method)
        if not request.user.is_authenticated:
            raise AuthenticationRequired
        return True


class Superuser(SignedIn):
    def has_permission(self, request: Request, view: Any) -> bool:
        if super().has_permission(request, view) and not request.user.is_superuser:
            raise SuperuserRequired
        return True


class HasCapability(SignedIn):
    """The capability that the view declares for the method, held in the academy of the header (rule H4).

    Leaves the academy's id in `view.academy_id`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        held = self.capabilities_in_header_academy(request)
        view.academy_id = academy_header(request)
        method = "GET" if request.method == "HEAD" else str(request.method)
        needed = view.capabilities.get(method)
        if needed is None:  # not declared by the view: refuse
            return False
        if needed and needed not in held:
            raise MissingCapability(capability=needed)
        return True

    def capabilities_in_header_academy(self, request: Request) -> frozenset[str]:
        if not request.headers.get("Academy", "").strip():
            raise AcademyHeaderRequired
        if academy_header(request) is None:
            raise InvalidAcademyHeader
        membership: Any = request.auth  # a token, with what TokenAuthentication read about the academy
        if membership.academy_pk is None:
            raise NotAcademyMember
        if request.user.is_superuser:
            return CAPABILITIES
        if membership.academy_role is None:
            raise NotAcademyMember
        return capabilities_of(membership.academy_role)
