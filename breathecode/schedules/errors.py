"""Errors of schedules, one class for each slug (rule H3)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class PlanOutdated(ApiError):
    """`If-Match` names the version of another plan; `plan` is the new one, as the API answers it (rule P2)."""

    status_code = 412
    slug = "plan-outdated"
    default_detail = _("The schedule has changed since this plan was made. Nothing was saved; see the new plan.")

    def __init__(self, *, plan: dict[str, Any]) -> None:
        super().__init__()
        self.extra = {"plan": plan}


class UnknownCountry(ApiError):
    slug = "unknown-country"
    samples = {"value": "Spain", "known": "AD, AE, AF"}
    default_detail = _("{value} is not a country whose public holidays are known. Known codes: {known}.")


class UnknownSubdivision(ApiError):
    slug = "unknown-subdivision"
    samples = {"value": "Madrid", "known": "AN, AR, AS"}
    default_detail = _("{value} is not a subdivision of this country. Known codes: {known}.")


class TemplateNameTaken(ApiError):
    status_code = 409
    slug = "template-name-taken"
    samples = {"name": "Evenings"}
    default_detail = _("The syllabus already has a schedule template named {name}.")
