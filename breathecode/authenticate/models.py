"""People, their tokens, academies and who works there.

The academy stands here and not in `admissions`: it is the tenant that every capability is held in.
"""

import hashlib
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.roles import ROLE_CHOICES
from breathecode.common.fields import HttpUrlField, OneLineCharField, OneLineEmailField
from breathecode.common.languages import validate_language
from breathecode.common.models import TimestampedModel, validate_slug
from breathecode.common.text import normalize_email
from breathecode.common.time_zones import validate_timezone
from breathecode.notify.models import OutgoingMail


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person known by e-mail. Without a password they exist, but cannot sign in."""
        if not email:
            raise ValueError("An e-mail address is required.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with every capability in every academy (rule R5)."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    email = OneLineEmailField(_("e-mail address"), unique=True)
    first_name = OneLineCharField(max_length=150, blank=True)
    last_name = OneLineCharField(max_length=150, blank=True)
    timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text=_("IANA name; empty: as the browser says."),
    )
    language = models.CharField(max_length=16, blank=True, help_text=_("Empty: as the cohort."))
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may open the Django admin"), default=False)
    date_joined = models.DateTimeField(default=now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps e-mail addresses in lower case, and ends every sign-in when the password changes (rule U2)."""
        self.email = normalize_email(self.email)
        with transaction.atomic():
            password_changed = self._password_differs(kwargs.get("update_fields"))
            super().save(*args, **kwargs)
            if password_changed:
                self.tokens.all().delete()

    def _password_differs(self, update_fields: Any) -> bool:
        # Compared with the row: set_password(), set_unusable_password() and a hash from elsewhere all count.
        if self._state.adding or (update_fields is not None and "password" not in update_fields):
            return False
        return not User.objects.filter(pk=self.pk, password=self.password).exists()

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's; a hash renewed at sign-in, with stronger settings, is no change of the password."""
        if raw_password is None:
            return False
        return check_password(raw_password, self.password, self._renew_hash)

    def _renew_hash(self, raw_password: str) -> None:
        self.password = make_password(raw_password)
        User.objects.filter(pk=self.pk).update(password=self.password)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Token(models.Model):
    """A key that was shown once; only its SHA-256 is kept (rule U2)."""

    class Purpose(models.TextChoices):
        SIGN_IN = "SIGN_IN", _("sign-in")
        CALENDAR = "CALENDAR", _("calendar feeds only")
        INVITATION = "INVITATION", _("invitation: choosing a first password")
        PASSWORD_RESET = "PASSWORD_RESET", _("choosing a new password")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.SIGN_IN)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    user_agent = OneLineCharField(max_length=500, blank=True, help_text=_("As the client named itself at sign-in."))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="token_expires_at")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of user {self.user_id}"

    @staticmethod
    def digest(key: str) -> str:
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Academy(TimestampedModel):
    slug = models.CharField(max_length=100, unique=True, validators=[validate_slug])
    name = OneLineCharField(max_length=150)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone], help_text=_("IANA name."))
    language = models.CharField(
        max_length=16,
        default="en",
        validators=[validate_language],
        help_text=_("Where neither person nor cohort says."),
    )
    logo_url = HttpUrlField(max_length=500, blank=True)
    feedback_email = OneLineEmailField(blank=True)

    class Meta:
        verbose_name_plural = "academies"

    def __str__(self) -> str:
        return self.name


class AcademyMember(TimestampedModel):
    """Someone who works at an academy, with one role there. Students are no members in this sense (rule H4)."""

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=32, choices=ROLE_CHOICES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "academy"], name="member_once_per_academy")]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.role} of academy {self.academy_id}"


class Invitation(models.Model):
    """An academy has invited this user. From then on their id means a person there (rule U6)."""

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(auto_now_add=True)
    # The newest mail, and when it was queued: what the next one is counted from.
    mail = models.ForeignKey(OutgoingMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    mailed_at = models.DateTimeField(null=True, blank=True)
    as_student = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "academy"], name="invitation_once_per_academy")]

    def __str__(self) -> str:
        return f"user {self.user_id} by academy {self.academy_id}"
