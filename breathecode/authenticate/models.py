"""Users, their tokens, academies and their members.

Academy is here and not in `admissions` because it is the tenant in which every capability is held.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.roles import ROLE_CHOICES
from breathecode.authenticate.signals import email_changed
from breathecode.common.fields import HttpUrlField, OneLineCharField, OneLineEmailField
from breathecode.common.languages import LanguageField
from breathecode.common.models import TimestampedModel, stamp_changes, validate_slug
from breathecode.common.text import normalize_email
from breathecode.common.time_zones import validate_timezone
from breathecode.notify.models import OutgoingMail

# E-mail address and whether the account is open, by the user's id.
Access = dict[int, tuple[str, bool]]
ACCESS_FIELDS = frozenset({"email", "is_active"})


class UserQuerySet(models.QuerySet["User"]):
    def update(self, **changes: Any) -> int:
        """As Django's; ends for good what a new e-mail address and a locked account end (rule U5)."""
        if not changes.keys() & ACCESS_FIELDS:
            return super().update(**changes)
        with transaction.atomic(using=self.db):
            before = self.access_under_lock()
            updated = super().update(**changes)
            end_access(before)
        return updated

    def access_under_lock(self) -> Access:
        users = self.select_for_update(no_key=True).order_by("pk")
        return {pk: (email, is_active) for pk, email, is_active in users.values_list("pk", "email", "is_active")}


def end_access(before: Access) -> None:
    """Ends what these users had, where they were given another address or were locked since `before` was read."""
    rows = User.objects.filter(pk__in=before).values_list("pk", "email", "is_active") if before else []
    after = {pk: (email, is_active) for pk, email, is_active in rows}
    moved = {pk: before[pk][0] for pk, (email, _is_active) in after.items() if email != before[pk][0]}
    locked = [pk for pk, (_email, is_active) in after.items() if before[pk][1] and not is_active]
    if ended := {*moved, *locked}:
        User.objects.filter(pk__in=ended).update(access_version=F("access_version") + 1)
    if moved:
        email_changed.send(sender=User, old_emails=moved)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

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
        help_text=_("IANA name; empty: as the browser says."),
    )
    language = LanguageField(blank=True, help_text=_("Empty: as the browser says, else as the cohort."))
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may open the Django admin"), default=False)
    date_joined = models.DateTimeField(default=now, editable=False)
    # Incremented with each lock and each new address; written by statements of its own.
    access_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps e-mail addresses in lower case; ends what a new address and a locked account end (rule U5)."""
        self.email = normalize_email(self.email)
        if self._state.adding or not self.pk or kwargs.get("force_insert"):
            super().save(*args, **kwargs)
            return
        kwargs["update_fields"] = saved = self._saved_fields(kwargs.get("update_fields"))
        with transaction.atomic():
            before = UserQuerySet(User).filter(pk=self.pk).access_under_lock() if saved & ACCESS_FIELDS else {}
            super().save(*args, **kwargs)
            end_access(before)
            if before.get(self.pk) not in (None, (self.email, self.is_active)):
                self.refresh_from_db(fields=["access_version"])

    def _saved_fields(self, update_fields: Iterable[str] | None) -> set[str]:
        """All but `access_version` where none are named: a user loaded long ago must not set it back."""
        if update_fields is not None:
            return set(update_fields)
        loaded = {field.name for field in self._meta.concrete_fields if field.attname in self.__dict__}
        return loaded - {"id", "access_version"}

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
        INVITATION = "INVITATION", _("invitation: choosing a first password")
        PASSWORD_RESET = "PASSWORD_RESET", _("choosing a new password")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.SIGN_IN)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, default="", editable=False)
    user_agent = OneLineCharField(max_length=500, blank=True, help_text=_("As the client named itself at sign-in."))
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


class AcademyQuerySet(models.QuerySet["Academy"]):
    def update(self, **changes: Any) -> int:
        """As Django's; also notes the time of a new name."""
        if "name" in changes:
            changes.setdefault("calendar_changed_at", now())
        return super().update(**changes)


class Academy(TimestampedModel):
    slug = models.CharField(max_length=100, unique=True, validators=[validate_slug])
    name = OneLineCharField(max_length=150)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone], help_text=_("IANA name."))
    language = LanguageField(default="en", help_text=_("Where neither person nor cohort says."))
    logo_url = HttpUrlField(max_length=500, blank=True)
    feedback_email = OneLineEmailField(blank=True)
    # When the name changed; null: never. Part of LAST-MODIFIED in calendars (rule I3).
    calendar_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(AcademyQuerySet)()

    class Meta:
        verbose_name_plural = "academies"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic(using=kwargs.get("using")):
            stamp_changes(self, "calendar_changed_at", {"name"}, kwargs)
            super().save(*args, **kwargs)


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

    key = models.CharField(max_length=64, primary_key=True, help_text=_("SHA-256 of what is counted, and when."))
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(help_text=_("The window is over by then."))

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="limit_count_ends_at")]

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at:%Y-%m-%d %H:%M}"
