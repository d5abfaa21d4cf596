"""Users, their tokens, academies and their members.

Academy is here and not in `admissions` because it is the tenant in which every capability is held.
"""

import hashlib
from typing import Any, ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.roles import ROLE_CHOICES
from breathecode.common.db.expressions import PrefixKey
from breathecode.common.db.fields import HttpUrlField, OneLineCharField, OneLineEmailField
from breathecode.common.i18n.languages import LanguageField
from breathecode.common.i18n.time_zones import validate_timezone
from breathecode.common.models import TimestampedModel, validate_slug
from breathecode.common.text import normalize_email
from breathecode.notify.models import OutgoingMail


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Creates a user identified by e-mail. Without a password the user cannot sign in."""
        if not email:
            raise ValueError("An e-mail address is required.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Creates a user with every capability in every academy (rule R5)."""
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
        help_text=_("IANA name. If empty, the browser's time zone is used."),
    )
    language = LanguageField(blank=True, help_text=_("If empty, the browser's language is used, or else the cohort's."))
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("can open the Django admin"), default=False)
    date_joined = models.DateTimeField(default=now, editable=False)
    # Raised with each lock and each new address, by a trigger, and never set back (see `triggers`). An instance
    # that was saved has the number from before: read it again before issuing a token.
    access_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        # For the admin's searches.
        indexes = [
            models.Index(PrefixKey("email"), name="user_email_prefix"),
            models.Index(PrefixKey("first_name"), name="user_first_name_prefix"),
            models.Index(PrefixKey("last_name"), name="user_last_name_prefix"),
        ]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's; keeps e-mail addresses in lower case."""
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)

    def access_fingerprint(self) -> str:
        """What tokens and sessions are bound to: another password, address or lock makes another one (rules U2, U5)."""
        text = "\n".join([self.password, self.email, str(self.access_version)])
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hook: a session ends when this value changes."""
        salt = "breathecode.authenticate.User.session"
        return salted_hmac(salt, self.access_fingerprint(), secret=secret, algorithm="sha256").hexdigest()

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's; a hash renewed at sign-in with stronger settings does not count as a change of the password."""
        if raw_password is None:
            return False
        return check_password(raw_password, self.password, self._renew_hash)

    def _renew_hash(self, raw_password: str) -> None:
        before = self.access_fingerprint()
        renewed = make_password(raw_password)
        with transaction.atomic():
            if User.objects.filter(pk=self.pk, password=self.password).update(password=renewed):
                self.password = renewed
                self.tokens.filter(fingerprint=before).update(fingerprint=self.access_fingerprint())
                return
        # The row was written since it was read: another sign-in renewed the hash, or the password changed.
        stored = User.objects.values_list("password", flat=True).get(pk=self.pk)
        if check_password(raw_password, stored):
            self.password = stored

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Token(models.Model):
    """A key that was shown once; only its SHA-256 is kept (rule U2).

    It is good as long as its `fingerprint` is its user's `access_fingerprint()`: each token is issued with the one of
    the user who was authenticated, so a password, address or lock that came since leaves it worthless.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "SIGN_IN", _("sign-in")
        CALENDAR = "CALENDAR", _("calendar feeds only")
        INVITATION = "INVITATION", _("invitation to choose a first password")
        PASSWORD_RESET = "PASSWORD_RESET", _("password reset")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.SIGN_IN)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, default="", editable=False)
    user_agent = OneLineCharField(
        max_length=500, blank=True, help_text=_("The user agent of the client that signed in.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="token_expires_at")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of user {self.user_id}"

    @property
    def is_current(self) -> bool:
        """Whether its user's password, address and lock are those that it was issued under."""
        return self.fingerprint == self.user.access_fingerprint()

    @staticmethod
    def digest(key: str) -> str:
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Academy(TimestampedModel):
    slug = models.CharField(max_length=100, unique=True, validators=[validate_slug])
    name = OneLineCharField(max_length=150)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone], help_text=_("IANA name."))
    language = LanguageField(default="en", help_text=_("Used when neither the user nor the cohort has a language."))
    logo_url = HttpUrlField(max_length=500, blank=True)
    feedback_email = OneLineEmailField(blank=True)
    # When the name changed, written by a trigger; null: never. Part of LAST-MODIFIED in calendars (rule I3).
    calendar_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "academies"

    def __str__(self) -> str:
        return self.name


class AcademyMember(TimestampedModel):
    """A user who works at an academy, with one role there. Students are not members (rule H4)."""

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=32, choices=ROLE_CHOICES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "academy"], name="member_once_per_academy")]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.role} of academy {self.academy_id}"


class Invitation(models.Model):
    """An academy has invited this user; from then on the academy may refer to them by id (rule U6)."""

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


class LimitCount(models.Model):
    """How often something was tried within one window (see `domain.limits`)."""

    key = models.CharField(
        max_length=64, primary_key=True, help_text=_("SHA-256 of what is counted and of its time window.")
    )
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(help_text=_("The end of the time window."))

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="limit_count_ends_at")]

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at:%Y-%m-%d %H:%M}"
