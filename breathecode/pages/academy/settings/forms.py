"""The forms of an academy's settings. The API's serializers check what they hold."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.models import Academy
from breathecode.pages.fields import ZONES, with_stored
from breathecode.pages.forms import PageForm


class AcademyForm(PageForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For people and cohorts that have chosen none."),
    )
    timezone = forms.ChoiceField(label=_("Time zone"), help_text=_("For cohorts that have none of their own."))
    logo_url = forms.CharField(
        label=_("Logo"),
        max_length=500,
        required=False,
        widget=forms.URLInput(),
        help_text=_("Address of a picture. It is shown beside the academy's name."),
    )
    feedback_email = forms.CharField(
        label=_("E-mail address for replies"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(),
        help_text=_("Replies to the academy's mails go there."),
    )

    def __init__(self, *args: Any, academy: Academy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["timezone"].choices = with_stored(list(ZONES), academy.timezone)


class ReminderForm(PageForm):
    day_before = forms.BooleanField(label=_("A day before each class"), required=False)
    quarter_hour_before = forms.BooleanField(label=_("15 minutes before each class"), required=False)


class AttendanceForm(PageForm):
    mark_from_joins = forms.BooleanField(
        label=_("When a class ends, mark the students who joined it"),
        required=False,
        help_text=_("Staff can change each mark. Students who did not join stay without one."),
    )
    late_after_minutes = forms.IntegerField(
        label=_("Late from this minute on"),
        min_value=0,
        max_value=24 * 60,
        help_text=_("Counted from the planned start of the class, or its real start if that is later."),
    )


class SurveyForm(PageForm):
    send_surveys = forms.BooleanField(label=_("Send a survey after each class"), required=False)
    liveclass_survey_template = forms.TypedChoiceField(
        label=_("Questions"), required=False, coerce=int, empty_value=None
    )
    excluded_cohorts = forms.TypedMultipleChoiceField(
        label=_("Cohorts that get no surveys"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(
        self, *args: Any, templates: list[tuple[int, str]], cohorts: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["liveclass_survey_template"].choices = [("", _("The usual ones")), *templates]
        fields["excluded_cohorts"].choices = cohorts
        if not cohorts:
            del fields["excluded_cohorts"]
