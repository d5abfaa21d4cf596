"""What the settings of an academy share: their tabs."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from breathecode.pages.academy.changing import ChangingPage

TABS = (
    ("settings", _("Settings")),
    ("holidays", _("Holidays")),
    ("templates", _("Schedule templates")),
)


class SettingsPage(ChangingPage):
    """A page below the settings of an academy."""

    section = "settings"
    base = "pages/academy/settings/base.html"
    tab = ""

    def address(self, name: str, *arguments: Any) -> str:
        return reverse(name, args=[self.academy.slug, *arguments])

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        shared = {
            "tabs": [(self.address(name), label, name == self.tab) for name, label in TABS],
            "zone_of_classes": self.academy.timezone,
        }
        return super().page(template, {**shared, **(context or {})}, status=status)
