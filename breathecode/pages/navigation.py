"""The sections of an academy's pages that its navigation leads to."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Section(NamedTuple):
    """`name` is that of the URL, too; `capability` is what its page needs; `icon` is one of Lucide's."""

    name: str
    label: object
    icon: str
    capability: str


SECTIONS = (
    Section("board", _("Board"), "layout-dashboard", "read_all_cohort"),
    Section("academy-calendar", _("Calendar"), "calendar-days", "read_all_cohort"),
    Section("cohorts", _("Cohorts"), "users", "read_all_cohort"),
    Section("people", _("People"), "contact", "read_member"),
    Section("reports", _("Reports"), "chart-column", "read_cohort_log"),
    Section("settings", _("Settings"), "settings", "read_all_cohort"),
)


def sections_for(academy_slug: str, capabilities: frozenset[str]) -> list[dict[str, object]]:
    """What someone with these capabilities may open."""
    shown = [section for section in SECTIONS if section.capability in capabilities]
    return [{**section._asdict(), "url": reverse(section.name, args=[academy_slug])} for section in shown]
