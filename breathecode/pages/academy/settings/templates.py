"""Schedule templates: the time slots of a syllabus, made once and laid over cohorts (rules V1 to V6, P11)."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from breathecode.admissions.domain.syllabi import name_syllabus
from breathecode.admissions.models import CohortTimeSlot, Syllabus
from breathecode.common.errors import ApiError
from breathecode.common.observability.removals import log_removal
from breathecode.pages.academy.cohorts.base import checked, refuse
from breathecode.pages.academy.cohorts.slots import spoken_slot
from breathecode.pages.academy.settings.base import SettingsPage
from breathecode.pages.academy.settings.template_forms import NameForm, NewTemplateForm, Rows
from breathecode.pages.fields import ZONES
from breathecode.schedules.api.templates import DEFAULTS, MAX_SLOTS, TemplateSerializer
from breathecode.schedules.domain.bulk import templates
from breathecode.schedules.models import ScheduleTemplate


class TemplateListView(SettingsPage):
    http_method_names = ["get", "head"]
    tab = "templates"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = templates.templates_of_academy(self.academy.pk).order_by("syllabus__name", "syllabus", "name")
        rows = [{"template": template, "slots": slots_in_words(template)} for template in found]
        return self.page("pages/academy/settings/templates.html", {"rows": rows})


def slots_in_words(template: ScheduleTemplate) -> list[dict[str, Any]]:
    return [spoken_slot(CohortTimeSlot(**{**DEFAULTS, **slot})) for slot in template.slots]


class TemplatePage(SettingsPage):
    """A page of one template of the academy. Sets `self.template`."""

    capability = "crud_cohort"
    tab = "templates"
    template: ScheduleTemplate | None = None

    def find(self, **kwargs: Any) -> None:
        if "template_id" in kwargs:
            self.template = templates.templates_of_academy(self.academy.pk).filter(pk=kwargs["template_id"]).first()
            if self.template is None:
                raise Http404

    @property
    def found(self) -> ScheduleTemplate:
        """The one that the address names."""
        if self.template is None:
            raise Http404
        return self.template


class TemplateFormView(TemplatePage):
    """A row a time slot; rows are added and taken away by buttons that save nothing."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        slots = self.template.slots if self.template else [{}]
        return self._show(self._form(), Rows.of_slots(slots))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        drop = request.POST.get("drop", "")
        if drop.isascii() and drop.isdigit():
            return self._show(self._typed(), Rows.typed(request.POST, but=int(drop[:4])))
        if request.POST.get("step") == "row":
            return self._show(self._typed(), Rows.typed(request.POST, add=True))
        return self._save_sent(self._form(request.POST), Rows.sent(request.POST))

    def _save_sent(self, form: NameForm, rows: Rows) -> HttpResponse:
        if form.is_valid() & rows.is_valid():
            rows.check()
        if form.errors or not rows.is_valid():
            return self._refused(form, rows, status=400)
        try:
            self._save(form.cleaned_data, rows)
        except ApiError as problem:
            return self._refused(form, rows, status=refuse(form, problem))
        return self.done(_("The schedule template is saved."), self.address("templates"))

    @transaction.atomic
    def _save(self, found: dict[str, Any], rows: Rows) -> None:
        body = {"name": found["name"], "slots": rows.bodies()}
        fields = checked(TemplateSerializer(self.template, data=body))
        templates.save_template(self.template or ScheduleTemplate(syllabus=self._syllabus(found)), fields=fields)

    def _syllabus(self, found: dict[str, Any]) -> Syllabus:
        return found["syllabus"] or name_syllabus(found["new_syllabus"], academy_id=self.academy.pk)

    def _form(self, data: Any = None, **more: Any) -> NameForm:
        if self.template:
            return NameForm(data, **{"initial": {"name": self.template.name}, **more})
        return NewTemplateForm(data, academy_id=self.academy.pk, **more)

    def _typed(self) -> NameForm:
        names = ("name", "syllabus", "new_syllabus")
        return self._form(initial={name: self.request.POST.get(name, "") for name in names})

    def _refused(self, form: NameForm, rows: Rows, *, status: int) -> HttpResponse:
        first = next((one for one in (form, *rows.forms) if one.errors), form)
        first.focus()
        return self._show(form, rows, status=status)

    def _show(self, form: NameForm, rows: Rows, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "rows": rows.forms,
            "zones": [name for name, _label in ZONES],
            "template": self.template,
            "is_full": len(rows.forms) >= MAX_SLOTS,
        }
        return self.page("pages/academy/settings/template.html", context, status=status)


class TemplateRemoveView(TemplatePage):
    """Asks first; cohorts keep the time slots that the template gave them."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page("pages/academy/settings/template_remove.html", {"template": self.found})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        log_removal(self.found, actor_id=self.user.pk, academy_id=self.academy.pk)
        templates.delete_template(self.found)
        return self.done(_("The schedule template is removed."), self.address("templates"))
