"""`/academy/<slug>`: the academy's classes of today (rules V1 to V6)."""

import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from breathecode.events.models import LiveClass
from breathecode.pages import http


class BoardView(http.AcademyPage):
    http_method_names = ["get", "head"]
    section = "board"

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        return self.page("pages/academy/board.html", {"classes": self._classes_of_today()})

    def _classes_of_today(self) -> QuerySet[LiveClass]:
        """From midnight to midnight at the academy, and those that are still open."""
        midnight = timezone.localtime(timezone=ZoneInfo(self.academy.timezone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        tomorrow = midnight + datetime.timedelta(days=1)
        classes = LiveClass.objects.filter(academy=self.academy, ending_at__gte=midnight, starting_at__lt=tomorrow)
        return classes.select_related("cohort", "cohort_time_slot").order_by("starting_at", "id")
