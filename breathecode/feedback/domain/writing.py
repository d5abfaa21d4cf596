"""What staff decide about surveys (rule S5)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from breathecode.feedback.models import FeedbackSettings, SurveyTemplate


@transaction.atomic
def save_settings(*, academy_id: int, fields: Mapping[str, Any]) -> FeedbackSettings:
    """Changes the given settings alone; the first time, surveys are on unless the fields say otherwise."""
    settings, _created = FeedbackSettings.objects.get_or_create(academy_id=academy_id)
    if "liveclass_survey_template" in fields:
        settings.liveclass_survey_template_id = fields["liveclass_survey_template"]
    settings.send_surveys = fields.get("send_surveys", settings.send_surveys)
    settings.save()
    if "excluded_cohorts" in fields:
        settings.excluded_cohorts.set(fields["excluded_cohorts"])
    return settings


def save_template(template: SurveyTemplate, *, fields: Mapping[str, Any]) -> SurveyTemplate:
    for name, value in fields.items():
        setattr(template, name, value)
    template.save()
    return template
