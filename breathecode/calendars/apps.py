from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "breathecode.calendars"
    label = "calendars"
