"""What the staff's pages that change schedules share: two steps, the plan first, then its button (rules P1, P2)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from breathecode.pages import http
from breathecode.pages.plans import VERSION, Step, take_step
from breathecode.schedules.domain.schedules import Scope

_NOT_FIELDS = frozenset({"csrfmiddlewaretoken", "step", VERSION})


class ChangingPage(http.AcademyPage):
    """A page of an academy's staff that may change schedules. `base` is the template that its templates extend."""

    base = "pages/academy/base.html"

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        shared = {"base": self.base, "may_write": self.write_capability in self.capabilities}
        return super().page(template, {**shared, **(context or {})}, status=status)

    def step(self, change: Callable[[], Any], *, scope: Scope, **options: Any) -> Step:
        return take_step(self.request, change, scope=scope, **options)

    def plan_page(
        self,
        step: Step,
        *,
        heading: object,
        button: object,
        back: str,
        template: str = "pages/academy/plan.html",
        **more: Any,
    ) -> HttpResponse:
        context = {"step": step, "heading": heading, "button": button, "back": back, "fields": fields_of(self.request)}
        status = 412 if step.outdated else 200
        return self.page(template, {**context, **more}, status=status)

    def done(self, sentence: object, to: str) -> HttpResponse:
        messages.success(self.request, str(sentence))
        return HttpResponseRedirect(to, status=303)

    def settled(self, step: Step, sentence: object, to: str) -> HttpResponse:
        """After a step that is done: to `to`, or to the job that carries it out (rule P10)."""
        if step.job is not None:
            to = reverse("job", args=[self.academy.slug, step.job.pk])
            return HttpResponseRedirect(to, status=303)
        return self.done(sentence, to)


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to be sent again with the plan's version."""
    lists = ((name, values) for name, values in request.POST.lists() if name not in _NOT_FIELDS)
    return [(name, str(value)) for name, values in lists for value in values]
