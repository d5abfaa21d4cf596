from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView, OpenView, PersonalView
from breathecode.authenticate.api.serializers import (
    CredentialsSerializer,
    MemberRoleSerializer,
    MemberSerializer,
    RoleSerializer,
    SignedInSerializer,
)
from breathecode.authenticate.domain import sign_in_limits
from breathecode.authenticate.domain.members import add_member, members_of
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.errors import InvalidCredentials
from breathecode.authenticate.models import AcademyMember, User
from breathecode.authenticate.roles import ROLES
from breathecode.common.api.views import by_id


def client_address(request: Request | HttpRequest) -> str:
    """The caller's address; behind proxies of ours, the one that the outermost of them saw."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    return hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")


class LoginView(OpenView):
    serializer_class = CredentialsSerializer

    @extend_schema(responses=SignedInSerializer)
    def post(self, request: Request) -> Response:
        credentials = self.read()
        caller = {"email": credentials["email"], "address": client_address(request)}
        sign_in_limits.refuse_if_too_many(**caller)
        # Django hashes the password for an unknown address too, so both take the same time.
        user = authenticate(request, username=credentials["email"], password=credentials["password"])
        if not isinstance(user, User):
            sign_in_limits.count_failure(**caller)
            raise InvalidCredentials
        key, token = sign_in(user=user)
        answer = {"token": key, "user_id": user.pk, "email": user.email, "expires_at": token.expires_at}
        return Response(SignedInSerializer(answer).data)


class LogoutView(PersonalView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        request.auth.delete()
        return Response(status=204)


class RoleListView(PersonalView):
    serializer_class = RoleSerializer

    @extend_schema(responses=RoleSerializer(many=True))
    def get(self, request: Request) -> Response:
        roles = [{"slug": role, "capabilities": sorted(capabilities)} for role, capabilities in ROLES.items()]
        return Response(roles)


class MemberListView(AcademyView):
    capabilities = {"GET": "read_member", "POST": "crud_member"}
    serializer_class = MemberSerializer
    lists = True

    def get(self, request: Request) -> Response:
        return self.list_response(members_of(self.academy_id))

    @extend_schema(responses={201: MemberSerializer})
    def post(self, request: Request) -> Response:
        fields = self.read()
        person = fields.pop("user")
        return self.answer(add_member(academy_id=self.academy_id, **person, **fields), status=201)


class MemberView(AcademyView):
    capabilities = {"GET": "read_member", "PUT": "crud_member", "DELETE": "crud_member"}
    serializer_class = MemberRoleSerializer

    def get_object(self) -> Any:
        return by_id(members_of(self.academy_id), self.kwargs["member_id"])

    def get(self, request: Request, member_id: int) -> Response:
        return self.answer(self.get_object())

    def put(self, request: Request, member_id: int) -> Response:
        member: AcademyMember = self.get_object()
        serializer = self.get_serializer(member, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def delete(self, request: Request, member_id: int) -> Response:
        self.get_object().delete()
        return Response(status=204)
