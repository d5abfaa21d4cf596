"""Laying a schedule template over cohorts: over several from its own page, over one from its time slots (rule P11)."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.domain.queries import cohorts_not_deleted
from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import Academy
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.common.models import lock
from breathecode.pages.academy.changing import ChangingPage
from breathecode.pages.academy.cohorts.base import CohortPage, checked, refuse
from breathecode.pages.academy.settings.templates import TemplatePage, slots_in_words
from breathecode.pages.forms import PageForm
from breathecode.pages.plans import Step, take_step_of
from breathecode.schedules.api.templates import MAX_COHORTS_NAMED, CohortsSerializer
from breathecode.schedules.domain.bulk import templates
from breathecode.schedules.domain.outcomes import Outcome
from breathecode.schedules.models import ScheduleTemplate


class LayingPage(ChangingPage):
    def lay(self, template: ScheduleTemplate, cohorts: list[Cohort]) -> Step:
        """Under the academy's lock, as every write that adds a time slot."""

        def locked(**how: Any) -> Outcome:
            with transaction.atomic():
                lock(Academy, self.academy.pk)
                return templates.lay_template(template, cohorts, academy_id=self.academy.pk, by=self.user, **how)

        return take_step_of(self.request, locked)

    def laid(self, step: Step, template: ScheduleTemplate, *, to: str) -> HttpResponse:
        """The plan; after it has been carried out, `to`."""
        if step.is_done:
            return self.settled(step, _("The time slots are added, and their classes are built."), to)
        return self.plan_page(
            step,
            template="pages/academy/settings/laying_plan.html",
            heading=_("Apply “{template}” to these cohorts?").format(template=template.name),
            button=_("Add the time slots"),
            back=to,
            several_cohorts=True,
            given=[(cohort, len(found.created), len(found.known)) for cohort, found in step.result.items()],
        )


class CohortsForm(PageForm):
    cohorts = forms.MultipleChoiceField(
        label=gettext_lazy("Cohorts"), widget=forms.CheckboxSelectMultiple(), required=False
    )

    def __init__(self, *args: Any, offered: Iterable[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["cohorts"].choices = [(str(cohort.pk), cohort.name) for cohort in offered]


class TemplateApplyView(TemplatePage, LayingPage):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(CohortsForm(offered=self._offered()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CohortsForm(request.POST, offered=self._offered())
        form.full_clean()
        names = request.POST.getlist("cohorts")
        try:
            if not names:
                raise ValidationFailed({"cohorts": [_("Choose at least one cohort.")]})
            cohorts = checked(CohortsSerializer(data={"cohorts": names}, context={"view": self}))["cohorts"]
            step = self.lay(self.found, cohorts)
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        return self.laid(step, self.found, to=self.address("templates"))

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def _offered(self) -> list[Cohort]:
        """Those that have not ended, of the template's syllabus first."""
        today = timezone.now().date()
        going = cohorts_not_deleted(self.academy.pk).filter(Q(ending_date=None) | Q(ending_date__gte=today))
        found = list(going.order_by("name", "pk")[:MAX_COHORTS_NAMED])
        return sorted(found, key=lambda cohort: cohort.syllabus_id != self.found.syllabus_id)

    def _show(self, form: CohortsForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "template": self.found, "slots": slots_in_words(self.found)}
        return self.page("pages/academy/settings/template_apply.html", context, status=status)


class TemplateForm(PageForm):
    template = forms.ModelChoiceField(
        label=gettext_lazy("Schedule template"), queryset=ScheduleTemplate.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, offered: QuerySet[ScheduleTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("Any", self.fields["template"])
        field.queryset = offered
        field.label_from_instance = lambda template: f"{template.syllabus.name}: {template.name}"


class CohortTemplateView(CohortPage, LayingPage):
    """Gives one cohort the time slots of a template."""

    capability = "crud_cohort"
    tab = "cohort-slots"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(TemplateForm(offered=self._offered()))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = TemplateForm(request.POST, offered=self._offered())
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        template: ScheduleTemplate = form.cleaned_data["template"]
        try:
            step = self.lay(template, [self.cohort])
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        return self.laid(step, template, to=self.address("cohort-slots"))

    def _offered(self) -> QuerySet[ScheduleTemplate]:
        return templates.templates_of_academy(self.academy.pk).order_by("syllabus__name", "syllabus", "name")

    def _show(self, form: TemplateForm, *, status: int = 200) -> HttpResponse:
        rows = [(template, slots_in_words(template)) for template in self._offered()]
        context = {"form": form, "rows": rows, "back": self.address("cohort-slots")}
        return self.page("pages/academy/cohorts/slot_template.html", context, status=status)
