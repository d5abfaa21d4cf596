"""`…/history` of a live class, a time slot, a cohort and a holiday, and `…/history/{id}/undo` (rule P8)."""

from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.domain.queries import cohorts_of_academy, holidays_of_academy
from breathecode.admissions.errors import TooManyClasses
from breathecode.admissions.models import CohortTimeSlot
from breathecode.authenticate.api.base import AcademyView
from breathecode.authenticate.models import Academy
from breathecode.common.api.filters import sorting
from breathecode.common.api.views import by_id
from breathecode.common.errors import ApiError, NotFound
from breathecode.common.ids import id_or_slug, parse_id
from breathecode.common.models import lock
from breathecode.events.api.serializers import EmptySerializer
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.errors import LiveClassNotFound
from breathecode.history.api.serializers import ENTRY_EXAMPLE, HistoryEntrySerializer
from breathecode.history.domain.queries import changes_of
from breathecode.history.domain.undo import scope_of, take_back
from breathecode.history.errors import CannotBeUndone, NotTheLastChange
from breathecode.history.models import Change
from breathecode.schedules.api.plans import PLAN_ERRORS, PLAN_PARAMETERS, PlanAnswerSerializer, PlanMixin


class HistoryMixin(AcademyView):
    """The history of the object that the address names, which may be gone; `missing` where there never was one."""

    kind: ClassVar[Change.Kind]
    missing: ClassVar[type[ApiError]] = NotFound

    def object_id(self) -> int:
        raise NotImplementedError

    def objects(self) -> QuerySet[Any]:
        """Those of the kind that the caller may read, as far as they still exist."""
        raise NotImplementedError

    def changes(self) -> QuerySet[Change]:
        """Newest first. Raises `not-found`."""
        pk = self.object_id()
        found = changes_of(self.kind, pk, academy_id=self.academy_id)
        if not found.exists() and not self.objects().filter(pk=pk).exists():
            raise self.missing
        return found


class HistoryListView(HistoryMixin):
    capabilities = {"GET": "read_all_cohort"}
    serializer_class = HistoryEntrySerializer
    filterset_class = sorting(Change, "id", "at")
    lists = True

    @extend_schema(responses=HistoryEntrySerializer(many=True), examples=[ENTRY_EXAMPLE])
    def get(self, request: Request, **kwargs: Any) -> Response:
        return self.list_response(self.changes())


class LiveClassHistoryView(HistoryListView):
    kind = Change.Kind.LIVE_CLASS
    missing = LiveClassNotFound
    capabilities = {"GET": "start_or_end_class"}
    access_errors = (*AcademyView.access_errors, LiveClassNotFound)
    summaries = {"GET": "The history of a live class, newest first."}

    def object_id(self) -> int:
        return int(self.kwargs["live_class_id"])

    def objects(self) -> QuerySet[Any]:
        return classes_of_academy(self.academy_id)


class CohortHistoryMixin(HistoryMixin):
    kind = Change.Kind.COHORT

    def objects(self) -> QuerySet[Any]:
        return cohorts_of_academy(self.academy_id)

    def object_id(self) -> int:
        return self.cohort_id()

    def cohort_id(self) -> int:
        """By id, of a cohort that may be gone, or by the slug of one that is there. Raises `not-found`."""
        name = self.kwargs["cohort"]
        found = parse_id(name)
        if found is None:
            found = cohorts_of_academy(self.academy_id).filter(id_or_slug(name)).values_list("pk", flat=True).first()
        if found is None:
            raise NotFound
        return int(found)


class TimeSlotHistoryMixin(CohortHistoryMixin):
    kind = Change.Kind.TIME_SLOT

    def object_id(self) -> int:
        return int(self.kwargs["time_slot_id"])

    def objects(self) -> QuerySet[Any]:
        return CohortTimeSlot.objects.filter(cohort__academy_id=self.academy_id, cohort_id=self.cohort_id())

    def changes(self) -> QuerySet[Change]:
        """Those under another cohort's address are not found."""
        cohort_id = self.cohort_id()
        found = super().changes()
        newest = found.values_list("cohort_id", flat=True).first()
        if newest not in (None, cohort_id):
            raise NotFound
        return found


class HolidayHistoryMixin(HistoryMixin):
    kind = Change.Kind.HOLIDAY

    def objects(self) -> QuerySet[Any]:
        return holidays_of_academy(self.academy_id)

    def object_id(self) -> int:
        return int(self.kwargs["holiday_id"])


class CohortHistoryView(CohortHistoryMixin, HistoryListView):
    summaries = {"GET": "The history of a cohort, newest first."}


class TimeSlotHistoryView(TimeSlotHistoryMixin, HistoryListView):
    summaries = {"GET": "The history of a time slot, newest first."}


class HolidayHistoryView(HolidayHistoryMixin, HistoryListView):
    summaries = {"GET": "The history of a holiday, newest first."}


class UndoView(HistoryMixin, PlanMixin):
    """The way back from one change, planned, checked and carried out as any other (rules P1, P2)."""

    capabilities = {"POST": "crud_cohort"}
    serializer_class = EmptySerializer
    plan_serializers = {"POST": None}
    errors = {"POST": (NotTheLastChange, CannotBeUndone, TooManyClasses, *PLAN_ERRORS)}

    @extend_schema(parameters=PLAN_PARAMETERS, responses={200: PlanAnswerSerializer})
    def post(self, request: Request, change_id: int, **kwargs: Any) -> Response:
        change: Change = by_id(self.changes().defer(None), change_id)
        self.read()
        with transaction.atomic():
            if self.kind == Change.Kind.HOLIDAY:
                lock(Academy, self.academy_id)
            scope = scope_of(change, now=timezone.now())
            only_due = self.kind != Change.Kind.TIME_SLOT
            way_back = partial(take_back, change, actor_id=request.user.pk, now=timezone.now())
            self.change(way_back, scope=scope, only_due=only_due)
        return self.planned()


class CohortUndoView(CohortHistoryMixin, UndoView):
    summaries = {"POST": "Undo the last change of a cohort's dates, stage or time zone."}


class TimeSlotUndoView(TimeSlotHistoryMixin, UndoView):
    summaries = {"POST": "Undo the last edit or the removal of a time slot."}


class HolidayUndoView(HolidayHistoryMixin, UndoView):
    summaries = {"POST": "Undo the last change of a holiday, which may be its creation or deletion."}
