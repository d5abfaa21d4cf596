"""Users, tokens and academies in the Django admin (rule R6)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from breathecode.authenticate.domain.invitations import can_be_invited, invite
from breathecode.authenticate.models import Academy, AcademyMember, Invitation, LimitCount, Token, User
from breathecode.common.admin import ListAdmin, RecordAdmin, RecordedHistory, TimestampedAdmin
from breathecode.common.admin.base import BEGINNINGS
from breathecode.common.admin.choices import widget_for
from breathecode.common.admin.lists import BoundedPaginator, search
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
    search_fields = ("^email", "^first_name", "^last_name")
    search_help_text = BEGINNINGS
    readonly_fields = ("date_joined", "last_login")
    show_full_result_count = False
    list_per_page = 50
    paginator = BoundedPaginator
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return search(queryset, fields=self.search_fields, text=search_term), False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        if widget := widget_for(db_field):
            kwargs["widget"] = widget
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[arg-type]

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


class InvitingAdmin(ListAdmin):
    """For rows that say who belongs to which academy: sends the invitation again (rule U7)."""

    actions = ("send_invitation_again",)

    def invitations(self, rows: QuerySet[Any]) -> Iterable[tuple[User, Academy, str]]:
        """The user, the academy that invites, and the language for a user who has none."""
        return ((row.user, row.academy, "") for row in rows.select_related("user", "academy"))

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("authenticate.change_invitation")

    @admin.action(description=_("Send the invitation again"), permissions=["invite"])
    def send_invitation_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        users: defaultdict[tuple[Academy, str], dict[int, User]] = defaultdict(dict)
        chosen = list(self.invitations(queryset))
        for user, academy, language in chosen:
            if can_be_invited(user):
                users[academy, language][user.pk] = user
        sent = sum(len(invite(list(of.values()), academy=a, language=code)) for (a, code), of in users.items())
        _say_sent(self, request, sent=sent, skipped=len(chosen) - sent)


def _say_sent(model_admin: ListAdmin, request: HttpRequest, *, sent: int, skipped: int) -> None:
    if sent:
        text = ngettext("%(count)d invitation is on its way.", "%(count)d invitations are on their way.", sent)
        model_admin.message_user(request, text % {"count": sent}, messages.SUCCESS)
    if skipped:
        text = ngettext(
            "%(count)d user was left out: they can sign in already, are locked out, or were invited within the last"
            " 10 minutes.",
            "%(count)d users were left out: they can sign in already, are locked out, or were invited within the last"
            " 10 minutes.",
            skipped,
        )
        model_admin.message_user(request, text % {"count": skipped}, messages.WARNING)


@admin.register(Invitation)
class InvitationAdmin(InvitingAdmin, RecordAdmin):
    list_display = ("user", "academy", "created_at", "mailed_at")
    list_filter = ("academy", "created_at")
    exclude = ("mail",)
    list_select_related = ("user", "academy")
    search_fields = ("^user__email",)


@admin.register(Token)
class TokenAdmin(ListAdmin):
    """To see who is signed in, and to end it. A key is known to its owner alone, so none can be made here."""

    list_display = ("user", "purpose", "user_agent", "created_at", "expires_at")
    list_filter = ("purpose", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("^user__email",)
    ordering = ("-id",)
    # key_hash stays out: who has it could look for the key.
    fields = ("user", "purpose", "user_agent", "created_at", "expires_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LimitCount)
class LimitCountAdmin(RecordAdmin):
    """Shows that passwords are being guessed; account and IP address are hashed."""

    list_display = ("count", "ends_at")
    fields = ("count", "ends_at")
    list_filter = ("ends_at",)
    search_fields = ("=key",)
    ordering = ("-count",)


@admin.register(Academy)
class AcademyAdmin(TimestampedAdmin):
    list_display = ("name", "timezone", "language", "feedback_email", "created_at")
    list_filter = ("timezone",)
    search_fields = ("name", "slug")
    ordering = ("name", "id")


@admin.register(AcademyMember)
class AcademyMemberAdmin(InvitingAdmin, RecordedHistory, TimestampedAdmin):
    recorded_as = "member"
    list_display = ("user", "academy", "role", "created_at")
    list_filter = ("role", "academy")
    list_select_related = ("user", "academy")
    search_fields = ("^user__email", "^user__first_name", "^user__last_name")
    autocomplete_fields = ("user", "academy")
    ordering = ("-id",)
