"""The Django admin's own sign-in and change of password, with the limits of the API's (rule U2)."""

from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from breathecode.authenticate.domain.passwords import change_password
from breathecode.authenticate.forms import LimitedPasswordChangeForm, LimitedSignInForm
from breathecode.common.errors import ValidationFailed


class LimitedAdminSite(AdminSite):
    login_form = LimitedSignInForm

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """As Django's, which offers no setting for the form."""
        request.current_app = self.name
        view = AdminPasswordChangeView.as_view(
            form_class=partial(LimitedPasswordChangeForm, request=request),
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)


class AdminPasswordChangeView(PasswordChangeView):
    def form_valid(self, form: Any) -> HttpResponse:
        """Changes it as the API does: of two changes at once, one is refused (rule U2)."""
        current, new = form.cleaned_data["old_password"], form.cleaned_data["new_password1"]
        try:
            change_password(user=form.user, current_password=current, new_password=new, token=None)
        except ValidationFailed as error:
            form.add_error(None, [sentence for found in (error.errors or {}).values() for sentence in found])
            return self.form_invalid(form)
        update_session_auth_hash(self.request, form.user)
        return HttpResponseRedirect(self.get_success_url())
