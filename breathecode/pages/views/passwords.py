"""Choosing a password by a link from a mail (rule U4): plain forms that work without JavaScript.

A link is opened at `/invite/<key>` or `/password/reset/<key>` and leads at once to `/password/choose`; in between the
session remembers which link it was, by its hash. So the key is in no address that a form is sent from, a resource
is loaded from, a browser keeps open or a log line names. (With the form under the key itself, `no-referrer` would be
needed there, and browsers then send `Origin: null`, which the CSRF check must refuse.) Opening a link changes
nothing of the link: mail scanners open links too. It begins a new session (rule U5): another person may know the
session that this browser had, and could otherwise send the form in the reader's place.
"""

from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from breathecode.authenticate.domain.client_address import client_address
from breathecode.authenticate.domain.password_resets import count_request
from breathecode.authenticate.domain.passwords import choose_password, find_link
from breathecode.authenticate.errors import LinkExpired, LinkNotValid, TooManyResets
from breathecode.authenticate.models import Token, User
from breathecode.authenticate.tasks import request_password_reset
from breathecode.common.api.exception_handler import api_error
from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import requested_language
from breathecode.pages import http

REMEMBERED = "password-link"  # in the session: the hash of the link's key


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class AccountPage(http.Page):
    """Base of the password pages; they are never cached."""

    def refuse(self, problem: ApiError) -> HttpResponse:
        """The page that says what is wrong with a link, and how to come by a new one."""
        if not http.takes_html(self.request):
            return api_error(self.request, problem)
        context = {"problem": problem.detail, "slug": problem.slug}
        return render(self.request, "pages/link_refused.html", context, status=problem.status_code)


class LinkView(AccountPage):
    """The target of the mailed link."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        key_hash = Token.digest(key.strip("/ "))
        try:
            find_link(key_hash=key_hash, now=timezone.now())
        except (LinkNotValid, LinkExpired) as problem:
            return http.no_store(request, self.refuse(problem))
        if request.method != "HEAD":  # HEAD changes nothing, not even the session (rule J9)
            request.session.flush()
            rotate_token(request)
            request.session[REMEMBERED] = key_hash
        return http.no_store(request, HttpResponseRedirect(reverse("password-choose")))


class ChooseView(AccountPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            user = self._user()
        except (LinkNotValid, LinkExpired) as problem:
            return self.refuse(problem)
        return self._form(SetPasswordForm(user), user)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            user = self._user()
            form = SetPasswordForm(user, request.POST)
            if not form.is_valid():
                return self._form(form, user)
            choose_password(key_hash=self._key_hash(), password=form.cleaned_data["new_password1"], now=timezone.now())
        except (LinkNotValid, LinkExpired) as problem:
            return self.refuse(problem)
        request.session.flush()  # ends the sign-in of this browser and forgets the link
        return HttpResponseRedirect(reverse("password-chosen"))

    def _key_hash(self) -> str:
        return str(self.request.session.get(REMEMBERED, ""))

    def _user(self) -> User:
        return find_link(key_hash=self._key_hash(), now=timezone.now()).user

    def _form(self, form: "SetPasswordForm[User]", user: User) -> HttpResponse:
        status = 400 if form.errors else 200
        http.activate_language(user, self.request)
        return render(self.request, "pages/choose_password.html", {"form": form, "account": user}, status=status)


class ChosenView(AccountPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "pages/password_chosen.html")


class ForgottenView(AccountPage):
    """The page is the same for every address, so that it does not reveal who has an account."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "pages/password_forgotten.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        email = request.POST.get("email", "").strip()[:255]
        try:
            validate_email(email)
            count_request(email=email, address=client_address(request))
        except ValidationError:
            return self._again(email, _("Enter an e-mail address."), status=400)
        except TooManyResets as problem:
            response = self._again(email, str(problem.detail), status=problem.status_code)
            response["Retry-After"] = str(problem.wait)
            return response
        request_password_reset(email=email, language=requested_language(request) or "")
        return render(request, "pages/password_mailed.html", {"email": email})

    def _again(self, email: str, problem: str, *, status: int) -> HttpResponse:
        context = {"email": email, "problem": problem}
        return render(self.request, "pages/password_forgotten.html", context, status=status)
