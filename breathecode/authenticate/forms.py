"""The Django admin's forms that ask for a password, with the limits of the API's (rule U2)."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from breathecode.authenticate.domain.client_address import client_address
from breathecode.authenticate.domain.sign_in import count_attempt, forget_attempt
from breathecode.authenticate.errors import TooManySignIns


def _count_attempt(*, email: str, address: str) -> None:
    try:
        count_attempt(email=email, address=address)
    except TooManySignIns as error:
        raise ValidationError(str(error.detail), "too-many-sign-ins") from None


class LimitedSignInForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("username") and self.cleaned_data.get("password"):
            _count_attempt(**self._caller())
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Django's hook for a right password, of whomever."""
        forget_attempt(**self._caller())
        super().confirm_login_allowed(user)

    def _caller(self) -> dict[str, str]:
        address = client_address(self.request) if self.request else ""
        return {"email": str(self.cleaned_data.get("username") or ""), "address": address}


class LimitedPasswordChangeForm(AdminPasswordChangeForm):
    """A session that was left open must not become a way to guess the password."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        caller = {"email": self.user.email, "address": client_address(self.request)}
        _count_attempt(**caller)
        password = str(super().clean_old_password())
        forget_attempt(**caller)
        return password
