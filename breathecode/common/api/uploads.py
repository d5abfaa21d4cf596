"""Forms with a file, whose size is limited before they are read."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from breathecode.common.api.views import ApiView
from breathecode.common.errors import PayloadTooLarge, ValidationFailed

ENVELOPE_BYTES = 64 * 1024  # what a multipart body may hold beside the file


class UploadMixin(ApiView):
    """A view whose body is a form with the field `file`, of `max_bytes` at most."""

    max_bytes: int

    def read_form(self) -> dict[str, Any]:
        """The validated form. Raises `payload-too-large` and `validation-error`."""
        # Django limits bodies but not the files in them; too large a body is refused before it is read.
        if int(self.request.META.get("CONTENT_LENGTH") or 0) > self.max_bytes + ENVELOPE_BYTES:
            raise PayloadTooLarge(limit=self.max_bytes)
        try:
            data: Any = self.request.data
        except ParseError as error:
            raise ValidationFailed({"file": [_("The form could not be parsed: {0}").format(error.detail)]}) from error
        serializer = self.get_serializer(data=data.dict())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)
