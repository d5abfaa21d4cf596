"""The user's preference for calendar invitations by mail."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import PersonalView
from breathecode.calendars.domain import invitations as calendar_invitations
from breathecode.calendars.models import CalendarPreference
from breathecode.common.api.serializers import StrictSerializer


class CalendarPreferenceSerializer(StrictSerializer):
    calendar_invitations = serializers.BooleanField(required=False)


class CalendarPreferenceView(PersonalView):
    summaries = {
        "GET": "Retrieve whether the caller gets calendar invitations by mail.",
        "PUT": "Turn calendar invitations by mail on or off.",
    }
    serializer_class = CalendarPreferenceSerializer

    def get(self, request: Request) -> Response:
        user: Any = request.user
        found = CalendarPreference.objects.filter(user=user).first()
        return self.answer(found or CalendarPreference())

    def put(self, request: Request) -> Response:
        user: Any = request.user
        return self.answer(calendar_invitations.save_preference(user_id=user.pk, fields=self.read()))


urlpatterns = [path("me/calendar/settings", CalendarPreferenceView.as_view())]
