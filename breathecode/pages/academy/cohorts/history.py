"""`/academy/<slug>/cohorts/<slug>/history`: who changed what, and the way back (rules V1 to V6, P8)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from breathecode.authenticate.models import Academy
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.history.domain.queries import changes_within
from breathecode.history.domain.undo import MODELS, scope_of, take_back
from breathecode.history.models import Change
from breathecode.pages.academy.cohorts.base import CohortPage
from breathecode.pages.plans import Step

PAGE_SIZE = 50


class CohortHistoryView(CohortPage):
    http_method_names = ["get", "head"]
    tab = "cohort-history"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        page = Paginator(changes_within(self.cohort), PAGE_SIZE).get_page(request.GET.get("page"))
        return self.page("pages/academy/cohorts/history.html", {"page": page, "undoable": self.undoable()})


class UndoView(CohortPage):
    """The way back from one change: its plan first, then the change."""

    http_method_names = ["post"]
    capability = "crud_cohort"
    tab = "cohort-history"
    change: Change

    def find_in_cohort(self, **kwargs: Any) -> None:
        found = changes_within(self.cohort).defer(None).filter(kind__in=MODELS, pk=kwargs["change_id"]).first()
        if found is None:
            raise Http404
        self.change = found

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        back = self.address("cohort" if self.change.kind == Change.Kind.COHORT else "cohort-slots")
        try:
            step = self._step()
        except ApiError as problem:
            messages.error(request, str(problem.detail))
            return HttpResponseRedirect(back, status=303)
        if step.is_done:
            return self.done(_("The change is taken back."), back)
        heading, button = _("Undo this change?"), _("Undo the change")
        return self.plan_page(
            step, heading=heading, button=button, back=back, change=self.change, changes=[self.change]
        )

    def _step(self) -> Step:
        now, kind = timezone.now(), self.change.kind
        with transaction.atomic():
            if kind == Change.Kind.HOLIDAY:
                lock(Academy, self.academy.pk)
            scope, only_due = scope_of(self.change, now=now), kind != Change.Kind.TIME_SLOT
            return self.step(
                lambda: take_back(self.change, actor_id=self.user.pk, now=now), scope=scope, only_due=only_due
            )
