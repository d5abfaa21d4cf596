"""Errors of pages, one class for each slug (rule H3)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import NON_FIELD_ERRORS, ApiError


class FormOutdated(ApiError):
    """Others have changed these fields since the form was opened; `errors` has a sentence at each (rule V3)."""

    status_code = 412
    slug = "form-outdated"
    default_detail = _(
        "This has been changed since you opened the page, and nothing was saved. What others have changed is "
        "marked, and shown as it is now. Send the form again if it is as you want it."
    )

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        at_field = str(_("Changed meanwhile. You see what is stored now."))
        self.errors = {NON_FIELD_ERRORS: [str(self.detail)], **{name: [at_field] for name in names}}
