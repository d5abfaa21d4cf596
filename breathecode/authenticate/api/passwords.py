from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import OpenView, PersonalView
from breathecode.authenticate.api.serializers import EmailSerializer, PasswordChangeSerializer
from breathecode.authenticate.domain import password_resets, sign_in
from breathecode.authenticate.domain.client_address import client_address
from breathecode.authenticate.domain.passwords import change_password
from breathecode.authenticate.errors import TooManyResets, TooManySignIns
from breathecode.authenticate.tasks import request_password_reset
from breathecode.common.errors import ValidationFailed
from breathecode.common.i18n.languages import requested_language


class PasswordResetView(OpenView):
    """The response is the same for every e-mail address, so that it does not reveal who has an account."""

    serializer_class = EmailSerializer
    errors = {"POST": (TooManyResets,)}
    summaries = {"POST": "Request a link to set a new password."}

    @extend_schema(responses={204: None})
    def post(self, request: Request) -> Response:
        email = self.read()["email"]
        password_resets.count_request(email=email, address=client_address(request))
        request_password_reset(email=email, language=requested_language(request._request) or "")
        return Response(status=204)


class PasswordChangeView(PersonalView):
    """Incorrect current passwords count as failed sign-ins, so a stolen token cannot be used to guess them."""

    serializer_class = PasswordChangeSerializer
    errors = {"POST": (TooManySignIns,)}
    summaries = {"POST": "Change the caller's password; all other tokens and sessions end."}

    @extend_schema(responses={204: None})
    def post(self, request: Request) -> Response:
        fields = self.read()
        user: Any = request.user
        token: Any = request.auth
        caller = {"email": user.email, "address": client_address(request)}
        sign_in.count_attempt(**caller)
        try:
            change_password(user=user, token=token, **fields)
        except ValidationFailed as error:
            if "current_password" not in (error.errors or {}):
                sign_in.forget_attempt(**caller)
            raise
        sign_in.forget_attempt(**caller)
        return Response(status=204)
