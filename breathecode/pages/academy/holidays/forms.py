"""The forms of holidays. The API's serializers check what they hold."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from breathecode.pages.fields import day_input, written
from breathecode.pages.forms import PageForm
from breathecode.schedules.domain.holidays.places import country_names, region_names


class HolidayForm(PageForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    starts_on = forms.DateField(label=_("First day"), widget=day_input())
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=day_input(), help_text=_("Leave it empty for a single day.")
    )

    def as_body(self) -> dict[str, Any]:
        """As the API takes it."""
        found = self.cleaned_data
        last: datetime.date = found["ends_on"] or found["starts_on"]
        return {"name": found["name"], "starts_on": written(found["starts_on"]), "ends_on": written(last)}


class CountryForm(PageForm):
    """Chosen first, since its regions depend on it."""

    country = forms.ChoiceField(label=_("Country"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["country"].choices = list(country_names().items())


class PublicHolidaysForm(PageForm):
    subdivision = forms.ChoiceField(
        label=_("Region"), required=False, help_text=_("Regions have public holidays of their own.")
    )
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    country = forms.ChoiceField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        regions = region_names(country)
        fields["country"].choices = list(country_names().items())
        fields["subdivision"].choices = [("", _("The whole country")), *regions.items()]
        if not regions:
            del fields["subdivision"]


class FileForm(PageForm):
    file = forms.FileField(
        label=_("Calendar file"),
        allow_empty_file=True,
        help_text=_("An .ics file, as calendar programs and school authorities offer it."),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )
