"""Users, tokens and academies in the Django admin (rule R6)."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.models import Academy, AcademyMember, Invitation, LimitCount, Token, User
from breathecode.common.admin import ModelAdmin, RecordAdmin, TimestampedAdmin
from breathecode.common.text import normalize_email

# Generic to the type checker alone, as ModelAdmin is.
if TYPE_CHECKING:
    PersonForm = UserChangeForm[User]
    BaseUserAdmin = DjangoUserAdmin[Any]
else:
    PersonForm = UserChangeForm
    BaseUserAdmin = DjangoUserAdmin


class LowerCaseEmail:
    """Validates the address as it will be stored, so that a duplicate in other case is an error of the field."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return normalize_email(self.cleaned_data["email"])


class PersonCreationForm(LowerCaseEmail, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")


class PersonChangeForm(LowerCaseEmail, PersonForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Django's, for users identified by e-mail. Changing a password here ends all of the user's sign-ins (rule U2).

    The permission to change users cannot be used to gain others: only a superuser grants permissions, and a user with
    more permissions than the editor's own cannot be edited, since setting their password or address would allow
    signing in as them.
    """

    PERMISSIONS = ("is_staff", "is_superuser", "groups", "user_permissions")

    form = PersonChangeForm
    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "memberships__academy")
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("date_joined", "last_login")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "timezone", "language")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Important dates"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "first_name", "last_name", "usable_password", "password1", "password2")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *self.PERMISSIONS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_within_own_permissions(obj, than=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_within_own_permissions(obj, than=request.user)


def is_within_own_permissions(user: User | None, *, than: Any) -> bool:
    """Whether each permission of `user` in the admin is one of `than` too; True for None, the list of all users."""
    if user is None or than.is_superuser:
        return True
    # Also while locked: Django gives a locked user no permissions, and unlocking brings them back.
    held = Permission.objects.filter(Q(user=user) | Q(group__user=user)).values_list(
        "content_type__app_label", "codename"
    )
    return not user.is_superuser and {f"{app}.{name}" for app, name in held} <= than.get_all_permissions()


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Django's; only a superuser grants permissions, so only a superuser writes groups."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    list_display = ("user", "academy", "created_at")
    list_filter = ("academy", "created_at")
    list_select_related = ("user", "academy")
    search_fields = ("user__email",)


@admin.register(Token)
class TokenAdmin(ModelAdmin):
    """To see who is signed in, and to end it. A key is known to its owner alone, so none can be made here."""

    list_display = ("user", "purpose", "user_agent", "created_at", "expires_at")
    list_filter = ("purpose", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-id",)
    # key_hash stays out: who has it could look for the key.
    fields = ("user", "purpose", "user_agent", "created_at", "expires_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LimitCount)
class LimitCountAdmin(RecordAdmin):
    """Shows that passwords are being guessed; account and IP address are hashed."""

    list_display = ("key", "count", "ends_at")
    list_filter = ("ends_at",)
    search_fields = ("key",)
    ordering = ("-count",)


@admin.register(Academy)
class AcademyAdmin(TimestampedAdmin):
    list_display = ("name", "slug", "timezone", "feedback_email", "created_at")
    list_filter = ("timezone",)
    search_fields = ("name", "slug")
    ordering = ("name", "id")


@admin.register(AcademyMember)
class AcademyMemberAdmin(TimestampedAdmin):
    list_display = ("user", "academy", "role", "created_at")
    list_filter = ("role", "academy")
    list_select_related = ("user", "academy")
    search_fields = ("user__email", "user__first_name", "user__last_name")
    autocomplete_fields = ("user", "academy")
    ordering = ("academy__name", "user__email")
