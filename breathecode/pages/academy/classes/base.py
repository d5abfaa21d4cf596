"""What the pages that change one class share (rules W4, W6, V1 to V6)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from breathecode.common.errors import ApiError
from breathecode.events.domain.class_notices import count_users_to_correct
from breathecode.events.domain.lifecycle import lock_class
from breathecode.events.domain.outlook import Outlook, look_ahead, version_of
from breathecode.events.domain.queries import classes_of_academy
from breathecode.events.domain.staffing.substitutes import users_who_teach
from breathecode.events.errors import LiveClassNotFound
from breathecode.events.models import LiveClass
from breathecode.pages.academy.changing import fields_of
from breathecode.pages.forms import PageForm
from breathecode.pages.plans import VERSION
from breathecode.pages.times import spoken_with_zone
from breathecode.pages.views.classes import ClassPage, base_of_class_page

SEEN = "seen"  # the form field with the version of the class that the reader saw
# Where the API's sentence names fields of the API: the field of the form, and the sentence for people.
_SENTENCES: Mapping[str, tuple[str, str | Promise]] = {
    "ending-at-before-starting-at": ("ends", _("The end must be after the start.")),
    "class-too-long": ("ends", _("A class can last 24 hours at most.")),
    "live-class-already-exists": (
        "starts",
        _("There is a class of this time slot at this time already, perhaps a cancelled one."),
    ),
    "not-a-teacher": ("teacher", _("This user may not teach at this academy. Choose another one.")),
    "not-cancelled": ("", _("Only a cancelled class can be made up for.")),
    "cohort-time-slot-not-found": ("time_slot", _("This time slot does not exist any more. Choose another one.")),
}


class Outdated(Exception):
    """The class is not what the reader saw."""


class ChangePage(ClassPage):
    """A form that changes one class, for those who may (`start_or_end_class`); everybody else gets the 404 page.

    Where somebody else has changed one of the fields `depends_on` since the form was opened, nothing is saved, and the
    page says so (412). A page with `shows_plan` first shows what the change leads to, then carries out exactly that.
    """

    template = ""
    heading: str | Promise = ""
    button: str | Promise = ""
    shows_plan = False
    sends_mail = True
    depends_on: tuple[str, ...] = ("starting_at", "ending_at", "started_at", "ended_at", "cancelled_at")

    def prepare(self, **kwargs: Any) -> None:
        super().prepare(**kwargs)
        if "start_or_end_class" not in self.capabilities:
            raise Http404

    def form(self, data: Any = None) -> PageForm:
        return PageForm(data)

    def change(self, form: Any) -> LiveClass:
        """Within a transaction. Returns the class as it is then; raises what the domain raises."""
        raise NotImplementedError

    def sentence(self, changed: LiveClass) -> str:
        """What was done."""
        raise NotImplementedError

    def blocked(self) -> str | Promise:
        """Why the class cannot be changed so at all; empty where it can."""
        return ""

    def get(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, live_class_id: int) -> HttpResponse:
        form = self.form(request.POST)
        if self.blocked():
            return self.show(form, status=409)
        if not form.is_valid():
            form.focus()
            return self.show(form, status=400)
        try:
            return self.plan(form) if self.shows_plan else self.carry_out(form)
        except Outdated:
            self.live_class = self.classes().get(pk=self.live_class.pk)
            return self.show(form, status=412, outdated=True)
        except LiveClassNotFound:
            raise Http404 from None
        except ApiError as problem:
            return self.show(form, status=refuse_in_words(form, problem))

    @transaction.atomic
    def carry_out(self, form: PageForm) -> HttpResponse:
        stored = lock_class(self.live_class.pk, within=self.within())
        if version_of(stored, self.depends_on) != self.request.POST.get(SEEN):
            raise Outdated
        changed = self.change(form)
        return self.done(self.sentence(changed), changed)

    @transaction.atomic
    def plan(self, form: PageForm) -> HttpResponse:
        stored = lock_class(self.live_class.pk, within=self.within())
        outlook = look_ahead(lambda: self.change(form), now=timezone.now())
        version = outlook.version + version_of(stored, self.depends_on)
        seen = self.request.POST.get(VERSION)
        if seen == version:
            changed = self.change(form)
            return self.done(self.sentence(changed), changed)
        context = {"outdated": bool(seen), "version": version, "before": stored, **plan_context(self.request, outlook)}
        status = 412 if seen else 200
        return self.page("pages/academy/classes/plan.html", {**context, **self.words()}, status=status)

    def within(self) -> Any:
        return classes_of_academy(self.live_class.academy_id)

    def done(self, sentence: str, changed: LiveClass) -> HttpResponse:
        told = told_sentence(count_users_to_correct(changed, now=timezone.now())) if self.sends_mail else ""
        messages.success(self.request, f"{sentence} {told}".rstrip())
        return HttpResponseRedirect(reverse("class", args=[changed.pk]), status=303)

    def show(self, form: PageForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {"form": form, "blocked": self.blocked(), **self.words(), **more}
        return self.page(self.template, context, status=status)

    def words(self) -> dict[str, Any]:
        return {"heading": self.heading, "button": self.button, "back": reverse("class", args=[self.live_class.pk])}

    def page(self, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
        live_class = self.live_class
        shared = {
            **base_of_class_page(live_class, self.capabilities),
            "capabilities": self.capabilities,
            "class": live_class,
            "class_title": live_class.title or live_class.cohort.name,
            "class_zone": live_class.cohort_time_slot.timezone,
            "teachers": users_who_teach(live_class),
            "seen": version_of(live_class, self.depends_on),
        }
        return super().page(template, {**shared, **(context or {})}, status=status)

    def when(self, live_class: LiveClass) -> str:
        """Its start as people say it, in the class's zone."""
        return spoken_with_zone(live_class.starting_at, live_class.cohort_time_slot.timezone)


def plan_context(request: HttpRequest, outlook: Outlook) -> dict[str, Any]:
    """What pages/academy/classes/plan.html shows of an outlook."""
    return {
        "after": outlook.live_class,
        "warnings": outlook.warnings,
        "told": told_sentence(outlook.to_correct),
        "fields": fields_of(request),
    }


def told_sentence(count: int) -> str:
    """Who gets a mail about a change (rule N2)."""
    if not count:
        return str(_("No user has a notification that is now wrong, so no mail is sent."))
    text = ngettext(
        "A mail about it goes to {count} user whose last notification is now wrong.",
        "A mail about it goes to {count} users whose last notification is now wrong.",
        count,
    )
    return text.format(count=count)


def refuse_in_words(form: PageForm, problem: ApiError) -> int:
    """Shows what the domain refuses at the field that it is about; returns the status of the answer."""
    known = _SENTENCES.get(problem.slug)
    if known is None:
        form.refuse(problem)
    else:
        form.add_error(known[0] if known[0] in form.fields else None, str(known[1]))
    form.focus()
    return problem.status_code
