"""The errors that any app may raise. Each app has its own in its `errors.py`, one class per slug (rule H3)."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ErrorDetail

NON_FIELD_ERRORS = "non_field_errors"


class ApiError(APIException):
    """An answer `{"detail", "slug"}` with `status_code`; `params` fill the detail's placeholders.

    `detail` is translated when it is read, not when the error is raised: an error may be raised before it is known in
    which language the answer will be (rule V5).
    """

    status_code = 400
    slug: ClassVar[str] = "bad-request"
    default_detail = _("The request could not be processed.")
    # What the body holds beside detail, slug and errors.
    extra: dict[str, Any] = {}

    def __init__(self, detail: Any = None, *, errors: dict[str, list[str]] | None = None, **params: Any) -> None:
        Exception.__init__(self)
        self._sentence = detail or self.default_detail
        self.errors = errors
        self.params = params

    @property
    def detail(self) -> ErrorDetail:  # type: ignore[override]
        return ErrorDetail(str(self._sentence).format(**self.params), self.slug)


class ValidationFailed(ApiError):
    """One or more fields are invalid; `errors` maps each field to a list of sentences.

    The detail names the fields; if the error belongs to no field, it is the sentences themselves.
    """

    slug = "validation-error"
    default_detail = _("Some fields are missing or invalid: {fields}.")

    def __init__(self, errors: dict[str, list[str]], detail: Any = None) -> None:
        sentences = " ".join(errors.get(NON_FIELD_ERRORS, []))
        if detail is None and set(errors) == {NON_FIELD_ERRORS}:
            detail = "{sentences}"  # which may contain braces
        super().__init__(detail, errors=errors, fields=", ".join(errors), sentences=sentences)


class NotFound(ApiError):
    status_code = 404
    slug = "not-found"
    default_detail = _("Nothing was found at this URL.")


class MalformedJson(ApiError):
    slug = "malformed-json"
    default_detail = _("The request body is not valid JSON: {reason}.")


class PayloadTooLarge(ApiError):
    status_code = 413
    slug = "payload-too-large"
    default_detail = _("The request body is larger than {limit} bytes.")


class TooManyRequests(ApiError):
    """`wait` is the time in seconds after which a next request is looked at."""

    status_code = 429
    slug = "too-many-requests"
    default_detail = _("Too many requests. Try again in {wait} seconds.")

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait


class DatabaseUnavailable(ApiError):
    """`wait` is the number of seconds after which a request may be repeated."""

    status_code = 503
    slug = "database-unavailable"
    default_detail = _("The database is not available. Try again in a few seconds.")
    wait = 5


class LookAheadRefused(ApiError):
    """A browser's prefetch or prerender, which must not count as a visit (rule J9)."""

    status_code = 503
    slug = "look-ahead-refused"
    default_detail = _("This URL cannot be prefetched or prerendered.")


class UnknownField(ApiError):
    slug = "unknown-field"
    default_detail = _("Unknown field: {names}.")


class InvalidParameter(ApiError):
    slug = "invalid-parameter"
    default_detail = _("Invalid query parameter {name}: {reason}")


class UnknownParameter(ApiError):
    slug = "unknown-parameter"
    default_detail = _("Unknown query parameter {name}.{hint}")
