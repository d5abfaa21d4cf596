from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from breathecode.authenticate.domain.sign_in import client_address
from breathecode.authenticate.domain.sign_in_limits import count_failure, refuse_if_too_many
from breathecode.authenticate.errors import TooManySignIns


class LimitedSignInForm(AdminAuthenticationForm):
    """The Django admin's door, with the limits of the API's (rule U2): else it would be the way round them."""

    def clean(self) -> dict[str, Any]:
        try:
            refuse_if_too_many(**self._caller())
        except TooManySignIns as error:
            raise ValidationError(str(error.detail), "too-many-sign-ins") from None
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def get_invalid_login_error(self) -> ValidationError:
        """Django's hook for a wrong name or password."""
        count_failure(**self._caller())
        return super().get_invalid_login_error()

    def _caller(self) -> dict[str, str]:
        address = client_address(self.request) if self.request else ""
        return {"email": str(self.cleaned_data.get("username") or ""), "address": address}
