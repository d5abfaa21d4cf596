"""`/academy/<slug>/cohorts/<slug>/slots/import`: time slots from a CSV file, shown with their plan first (rule P11)."""

import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.authenticate.models import Academy
from breathecode.common.csv_files import MAX_BYTES
from breathecode.common.errors import ApiError, NotFound
from breathecode.common.models import lock
from breathecode.pages.academy.cohorts.base import CohortPage, refuse
from breathecode.pages.academy.cohorts.slots import spoken_slot
from breathecode.pages.forms import PageForm
from breathecode.pages.plans import Step
from breathecode.pages.uploads import content_of, sign, unsign
from breathecode.schedules.domain.bulk.adding import Addition
from breathecode.schedules.domain.bulk.time_slot_file import TimeSlotRow, import_time_slots, read_time_slots
from breathecode.schedules.domain.schedules import Scope

MAX_SHOWN = 100  # rows, and bad lines


class SlotFileForm(PageForm):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class SlotImportView(CohortPage):
    """What was read from the file goes back to the browser with the plan, signed, as with holidays."""

    capability = "crud_cohort"
    tab = "cohort-slots"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(SlotFileForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = SlotFileForm(request.POST, request.FILES)
        try:
            rows = self._rows(form)
            step = self._step(rows)
        except NotFound as error:
            raise Http404 from error
        except ApiError as problem:
            lines = _lines(problem)
            if not lines:
                return self._show(form, status=refuse(form, problem))
            return self._show(form, lines=lines, status=problem.status_code)
        slots = self.address("cohort-slots")
        if step.is_done:
            return self.done(_("The time slots are added, and their classes are built."), slots)
        return self._preview(step, rows, back=slots)

    def _rows(self, form: SlotFileForm) -> list[TimeSlotRow]:
        if sent := self.request.POST.get("rows"):
            return self._unsigned(sent)
        return read_time_slots(content_of(form, max_bytes=MAX_BYTES))

    def _step(self, rows: list[TimeSlotRow]) -> Step:
        def add() -> Addition:
            return import_time_slots(rows, cohort=self.locked_cohort(), now=timezone.now())

        with transaction.atomic():
            lock(Academy, self.academy.pk)  # as every write that adds a time slot
            return self.step(add, scope=Scope.of_time_slots_never_built(self.cohort.pk))

    @property
    def _salt(self) -> str:
        return f"pages.time-slots.{self.cohort.pk}"

    def _signed(self, rows: list[TimeSlotRow]) -> str:
        found = [
            (row.line, row.weekdays, row.starting_at, row.ending_at, row.timezone, _iso(row.starts_on), row.interval)
            for row in rows
        ]
        return sign(found, salt=self._salt)

    def _unsigned(self, sent: str) -> list[TimeSlotRow]:
        return [
            TimeSlotRow(line, tuple(days), start, end, zone, datetime.date.fromisoformat(day) if day else None, every)
            for line, days, start, end, zone, day, every in unsign(sent, salt=self._salt)
        ]

    def _preview(self, step: Step, rows: list[TimeSlotRow], *, back: str) -> HttpResponse:
        addition: Addition = step.result
        if not addition.created:
            return self._show(SlotFileForm(), nothing_new=True)
        shown = [
            {**spoken_slot(slot), "is_new": is_new, "line": row.line}
            for row, (slot, is_new) in zip(rows[:MAX_SHOWN], addition.slots, strict=False)
        ]
        return self.plan_page(
            step,
            template="pages/academy/cohorts/slot_import_plan.html",
            heading=_("Import these time slots?"),
            button=_("Import the time slots"),
            back=back,
            rows=shown,
            more=len(rows) - len(shown),
            fields=[("rows", self._signed(rows))],
        )

    def _show(
        self,
        form: SlotFileForm,
        *,
        lines: list[tuple[str, list[str]]] | None = None,
        nothing_new: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        found = lines or []
        context = {
            "form": form,
            "lines": found[:MAX_SHOWN],
            "more": max(0, len(found) - MAX_SHOWN),
            "nothing_new": nothing_new,
            "back": self.address("cohort-slots"),
        }
        return self.page("pages/academy/cohorts/slot_import.html", context, status=status)


def _lines(problem: ApiError) -> list[tuple[str, list[str]]]:
    """The bad lines of a file, by number; none where the file as a whole was refused."""
    errors = problem.errors or {}
    return [(name.removeprefix("line "), texts) for name, texts in errors.items() if name.startswith("line ")]


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""
