from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from breathecode.authenticate.api.filters import ACCOUNT_STATUSES
from breathecode.authenticate.domain.mail_states import MailsOfUser
from breathecode.authenticate.models import User
from breathecode.authenticate.roles import ROLES
from breathecode.common.api.serializers import EmailAddressField, OneLineField, StrictSerializer


class CredentialsSerializer(StrictSerializer):
    email = OneLineField(max_length=254)  # an invalid address gets the same answer as a wrong one (rule U1)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    user_agent = OneLineField(max_length=500, required=False, allow_blank=True, allow_null=True)


class EmailSerializer(StrictSerializer):
    email = EmailAddressField()


class PasswordChangeSerializer(StrictSerializer):
    current_password = serializers.CharField(max_length=1000, trim_whitespace=False)
    new_password = serializers.CharField(max_length=1000, trim_whitespace=False)


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    user_id = serializers.IntegerField()
    email = serializers.EmailField()
    expires_at = serializers.DateTimeField()


class MailStateSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["QUEUED", "SENT", "FAILED"])
    at = serializers.DateTimeField(help_text=_("When the mail was queued."))
    reason = serializers.CharField(allow_null=True, help_text=_("The last response of the mail server."))


class AccountStateSerializer(serializers.Serializer[Any]):
    """Whether a user can sign in, and the state of the user's mails (rules U7, N4)."""

    status = serializers.SerializerMethodField()
    invitation = serializers.SerializerMethodField()
    failed_mail = serializers.SerializerMethodField(help_text=_("The newest mail of any kind that failed permanently."))

    @extend_schema_field(serializers.ChoiceField(choices=ACCOUNT_STATUSES))
    def get_status(self, row: Any) -> str:
        return "ACTIVE" if user_of(row).has_usable_password() else "INVITED"

    @extend_schema_field(MailStateSerializer(allow_null=True))
    def get_invitation(self, row: Any) -> Any:
        state = self._mails(row).invitation
        return state and MailStateSerializer(state).data

    @extend_schema_field(MailStateSerializer(allow_null=True))
    def get_failed_mail(self, row: Any) -> Any:
        state = self._mails(row).failed_mail
        return state and MailStateSerializer(state).data

    def _mails(self, row: Any) -> MailsOfUser:
        mails: dict[int, MailsOfUser] = self.context["mails"]
        return mails.get(user_of(row).pk, MailsOfUser())


def user_of(row: Any) -> User:
    """The user that a row of a list is, or is about."""
    return row if isinstance(row, User) else row.user


class MemberSerializer(StrictSerializer):
    """A member of the academy's staff. The response to a POST does not reveal whether the account existed (rule U6)."""

    id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    email = EmailAddressField(source="user.email")
    first_name = OneLineField(source="user.first_name", max_length=150, required=False, allow_blank=True)
    last_name = OneLineField(source="user.last_name", max_length=150, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=list(ROLES))


class MemberStateSerializer(AccountStateSerializer, MemberSerializer):
    """A staff member with the state of their account."""


class MemberRoleSerializer(AccountStateSerializer, StrictSerializer):
    """Only the role can be changed: the other fields belong to the user, not to the academy."""

    id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    first_name = serializers.CharField(source="user.first_name", read_only=True)
    last_name = serializers.CharField(source="user.last_name", read_only=True)
    role = serializers.ChoiceField(choices=list(ROLES))


class RoleSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.CharField())


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "first_name", "last_name"]
