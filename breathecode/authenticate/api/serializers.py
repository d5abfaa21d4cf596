from typing import Any

from rest_framework import serializers

from breathecode.authenticate.models import User
from breathecode.authenticate.roles import ROLES
from breathecode.common.api.serializers import EmailAddressField, StrictSerializer


class CredentialsSerializer(StrictSerializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class EmailSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class PasswordChangeSerializer(StrictSerializer):
    current_password = serializers.CharField(max_length=1000, trim_whitespace=False)
    new_password = serializers.CharField(max_length=1000, trim_whitespace=False)


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    user_id = serializers.IntegerField()
    email = serializers.EmailField()
    expires_at = serializers.DateTimeField()


class MemberSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    email = EmailAddressField(source="user.email")
    first_name = serializers.CharField(source="user.first_name", max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(source="user.last_name", max_length=150, required=False, allow_blank=True)
    role = serializers.ChoiceField(choices=list(ROLES))


class MemberRoleSerializer(StrictSerializer):
    """On a change only the role can be written: the rest belongs to the person, not to the academy."""

    id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    first_name = serializers.CharField(source="user.first_name", read_only=True)
    last_name = serializers.CharField(source="user.last_name", read_only=True)
    role = serializers.ChoiceField(choices=list(ROLES))


class RoleSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    capabilities = serializers.ListField(child=serializers.CharField())


class PersonSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "first_name", "last_name"]
