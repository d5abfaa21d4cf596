"""The three kinds of view that the apps declare theirs from."""

from typing import Any, ClassVar

from django.db import models
from rest_framework.permissions import AllowAny

from breathecode.authenticate.api.permissions import HasCapability, SignedIn
from breathecode.authenticate.api.schema import ACADEMY_ERRORS, ACADEMY_HEADER, SIGNED_IN_ERRORS
from breathecode.authenticate.api.serializers import user_of
from breathecode.authenticate.domain.mail_states import mails_of
from breathecode.authenticate.models import User
from breathecode.common.api.views import ApiView
from breathecode.common.observability.removals import log_removal


class OpenView(ApiView):
    """For everybody: signing in."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)


class PersonalView(ApiView):
    """For any signed-in user, about themselves."""

    permission_classes: Any = (SignedIn,)
    access_errors = SIGNED_IN_ERRORS
    security: ClassVar[tuple[str, ...]] = ("token",)


class AcademyView(ApiView):
    """For staff, within the academy of the header; `capabilities` maps each method to the one it needs.

    "" means: any member will do. A method that is not in the map is closed.
    """

    permission_classes: Any = (HasCapability,)
    access_errors = ACADEMY_ERRORS
    security: ClassVar[tuple[str, ...]] = ("token",)
    request_headers = (ACADEMY_HEADER,)
    capabilities: ClassVar[dict[str, str]] = {}
    academy_id: int

    def log_removal(self, row: models.Model) -> None:
        """For each route that removes: leaves a trace of who did (before the row loses its id, in its transaction)."""
        log_removal(row, actor_id=self.request.user.pk, academy_id=self.academy_id)


class PeopleMixin(AcademyView):
    """Answers rows of users with the state of their mails; the number of statements does not depend on the rows."""

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        context = kwargs.setdefault("context", self.get_serializer_context())
        if args and "data" not in kwargs:
            rows = args[0] if kwargs.get("many") else args
            context |= self.people_context([user_of(row) for row in rows])
        return super().get_serializer(*args, **kwargs)

    def people_context(self, users: list[User]) -> dict[str, Any]:
        return {"mails": mails_of(users, academy_id=self.academy_id)}
