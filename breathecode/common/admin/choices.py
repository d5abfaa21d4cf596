"""Fields of the admin that are chosen from a list, although their columns take text."""

from collections import defaultdict
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from breathecode.common.i18n.languages import LanguageField
from breathecode.common.i18n.time_zones import TIME_ZONES


class KeepingSelect(forms.Select):
    """A list of choices that also shows a stored value which it lacks, so that saving the form does not change it."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        groups = super().optgroups(name, value, attrs)
        known = {option["value"] for _group, options, _index in groups for option in options}
        for stored in value:
            if stored not in known:
                groups.append((None, [self.create_option(name, stored, stored, True, len(groups))], len(groups)))
        return groups


def time_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """IANA names by region: "Europe" → "Madrid"."""
    regions: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(TIME_ZONES):
        region, _slash, place = name.partition("/")
        if place or name == "UTC":
            regions[region].append((name, (place or name).replace("_", " ")))
    return list(regions.items())


def widget_for(field: "models.Field[Any, Any]") -> forms.Widget | None:
    """The list of choices for a column that holds a time zone or a language; None for any other."""
    if isinstance(field, LanguageField):
        choices: list[Any] = list(settings.LANGUAGES)
    elif field.name == "timezone":
        choices = time_zone_choices()
    else:
        return None
    return KeepingSelect(choices=[("", _("Not set")), *choices] if field.blank else choices)
