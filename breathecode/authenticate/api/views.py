from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import OpenView, PeopleMixin, PersonalView
from breathecode.authenticate.api.filters import MemberFilter
from breathecode.authenticate.api.serializers import (
    CredentialsSerializer,
    MemberRoleSerializer,
    MemberSerializer,
    MemberStateSerializer,
    RoleSerializer,
    SignedInSerializer,
)
from breathecode.authenticate.domain.members import add_member, change_role, members_of, remove_member
from breathecode.authenticate.domain.sign_in import verify_credentials
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.errors import InvalidCredentials, MemberAlreadyExists, TooManySignIns
from breathecode.authenticate.models import AcademyMember
from breathecode.authenticate.roles import ROLES
from breathecode.common.api.views import by_id
from breathecode.common.errors import NotFound
from breathecode.common.models import lock


class LoginView(OpenView):
    serializer_class = CredentialsSerializer
    errors = {"POST": (InvalidCredentials, TooManySignIns)}
    summaries = {"POST": "Sign in and get a token for the Authorization header."}

    @extend_schema(responses=SignedInSerializer)
    def post(self, request: Request) -> Response:
        fields = self.read()
        user_agent = fields.pop("user_agent", None) or ""
        user = verify_credentials(request._request, **fields)
        key, token = sign_in(user=user, user_agent=user_agent)
        answer = {"token": key, "user_id": user.pk, "email": user.email, "expires_at": token.expires_at}
        return Response(SignedInSerializer(answer).data)


class LogoutView(PersonalView):
    summaries = {"POST": "Sign out by revoking the token of this request."}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        request.auth.delete()
        return Response(status=204)


class RoleListView(PersonalView):
    serializer_class = RoleSerializer
    pagination_class = None
    summaries = {"GET": "List the roles and their capabilities."}

    @extend_schema(responses=RoleSerializer(many=True))
    def get(self, request: Request) -> Response:
        roles = [{"slug": role, "capabilities": sorted(capabilities)} for role, capabilities in ROLES.items()]
        return Response(roles)


class RoleView(PersonalView):
    serializer_class = RoleSerializer
    summaries = {"GET": "Retrieve a role."}

    @extend_schema(responses=RoleSerializer)
    def get(self, request: Request, role: str) -> Response:
        if role not in ROLES:
            raise NotFound
        return Response({"slug": role, "capabilities": sorted(ROLES[role])})


class MemberListView(PeopleMixin):
    capabilities = {"GET": "read_member", "POST": "crud_member"}
    serializer_class = MemberStateSerializer
    filterset_class = MemberFilter
    lists = True
    errors = {"POST": (MemberAlreadyExists,)}
    summaries = {"GET": "List the academy's staff.", "POST": "Add a member to the academy's staff."}

    def get(self, request: Request) -> Response:
        return self.list_response(members_of(self.academy_id))

    @extend_schema(request=MemberSerializer, responses={200: MemberSerializer, 201: MemberSerializer})
    def post(self, request: Request) -> Response:
        """200 if the user is already a member without a password; the invitation is sent again."""
        fields = self.read()
        user = fields.pop("user")
        member, created = add_member(academy_id=self.academy_id, **user, **fields)
        return Response(MemberSerializer(member).data, status=201 if created else 200)


class MemberView(PeopleMixin):
    capabilities = {"GET": "read_member", "PUT": "crud_member", "DELETE": "crud_member"}
    serializer_class = MemberRoleSerializer
    summaries = {
        "GET": "Retrieve a staff member.",
        "PUT": "Update a staff member's role.",
        "DELETE": "Remove a staff member.",
    }

    def get_object(self) -> Any:
        return by_id(members_of(self.academy_id), self.kwargs["member_id"])

    def get(self, request: Request, member_id: int) -> Response:
        return self.answer(self.get_object())

    @transaction.atomic
    def put(self, request: Request, member_id: int) -> Response:
        lock(AcademyMember, self.get_object().pk)
        member: AcademyMember = self.get_object()
        return self.answer(change_role(member, **self.read(member)))

    @transaction.atomic
    def delete(self, request: Request, member_id: int) -> Response:
        lock(AcademyMember, self.get_object().pk)
        member = self.get_object()
        self.log_removal(member)
        remove_member(member)
        return Response(status=204)
