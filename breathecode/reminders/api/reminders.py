"""Settings of an academy and preferences of a user for reminders (rule N1)."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.common.api.serializers import StrictSerializer
from breathecode.reminders.domain import reminders
from breathecode.reminders.models import ReminderPreference


class ReminderSettingsSerializer(StrictSerializer):
    day_before = serializers.BooleanField(required=False)
    quarter_hour_before = serializers.BooleanField(required=False)


class NullableBooleanField(serializers.BooleanField):
    """Only null means null: an empty string is rejected (rule H5), while DRF's field treats it as null."""

    NULL_VALUES: set[str | None] = {None}


class ReminderPreferenceSerializer(StrictSerializer):
    """null: the academy's setting applies."""

    day_before = NullableBooleanField(required=False, allow_null=True)
    quarter_hour_before = NullableBooleanField(required=False, allow_null=True)


class ReminderSettingsView(AcademyView):
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_my_academy"}
    serializer_class = ReminderSettingsSerializer
    summaries = {
        "GET": "Retrieve which reminders the academy sends.",
        "PUT": "Update which reminders the academy sends.",
    }

    def get(self, request: Request) -> Response:
        return self.answer(reminders.settings_of(self.academy_id))

    def put(self, request: Request) -> Response:
        return self.answer(reminders.save_settings(academy_id=self.academy_id, fields=self.read()))


class ReminderPreferenceView(PersonalView):
    serializer_class = ReminderPreferenceSerializer
    summaries = {"GET": "Retrieve which reminders the caller gets.", "PUT": "Update which reminders the caller gets."}

    def get(self, request: Request) -> Response:
        user: Any = request.user
        found = ReminderPreference.objects.filter(user=user).first()
        return self.answer(found or ReminderPreference())

    def put(self, request: Request) -> Response:
        user: Any = request.user
        return self.answer(reminders.save_preference(user_id=user.pk, fields=self.read()))


urlpatterns = [
    path("academy/reminder/settings", ReminderSettingsView.as_view()),
    path("me/reminder/settings", ReminderPreferenceView.as_view()),
]
