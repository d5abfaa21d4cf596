"""`/academy/<slug>/cohorts`: the academy's cohorts, and a new one (rules V1 to V6, R2)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.api.serializers import CohortSerializer
from breathecode.admissions.domain.cohorts import free_slug, save_cohort
from breathecode.admissions.domain.queries import cohorts_not_deleted, cohorts_of_academy
from breathecode.admissions.models import Cohort
from breathecode.common.errors import ApiError
from breathecode.pages import http
from breathecode.pages.academy.cohorts.base import checked, refuse
from breathecode.pages.academy.cohorts.forms import CohortForm
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50


class FilterForm(PageForm):
    search = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=150)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["stage"].choices = [("", _("All but deleted")), *Cohort.Stage.choices]


class CohortListView(http.AcademyPage):
    http_method_names = ["get", "head"]
    section = "cohorts"

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        form = FilterForm(request.GET)
        chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
        page = Paginator(self._cohorts(chosen), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"form": form, "page": page, "query": urlencode(chosen), "chosen": chosen}
        context["may_write"] = self.write_capability in self.capabilities
        return self.page("pages/academy/cohorts/list.html", context)

    def _cohorts(self, chosen: dict[str, str]) -> QuerySet[Cohort]:
        if stage := chosen.get("stage"):
            cohorts = cohorts_of_academy(self.academy.pk).filter(stage=stage)
        else:
            cohorts = cohorts_not_deleted(self.academy.pk)
        search = chosen.get("search", "").replace("\x00", "")
        return cohorts.filter(Q(name__icontains=search) | Q(slug__icontains=search)) if search else cohorts


class NewCohortView(http.AcademyPage):
    capability = "crud_cohort"
    section = "cohorts"

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def get(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        initial = {"language": self.academy.language, "stage": Cohort.Stage.STARTED}
        return self._show(CohortForm(academy=self.academy, initial=initial))

    def post(self, request: HttpRequest, academy_slug: str) -> HttpResponse:
        form = CohortForm(request.POST, academy=self.academy)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            cohort = self._make(form.as_body())
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        messages.success(request, _("The cohort is made. Now add its time slots: classes are built from them."))
        return HttpResponseRedirect(reverse("cohort", args=[academy_slug, cohort.slug]), status=303)

    def _make(self, found: dict[str, Any]) -> Cohort:
        slug = free_slug(found["name"], academy_id=self.academy.pk)
        serializer = CohortSerializer(data={**found, "slug": slug}, context={"view": self})
        return save_cohort(Cohort(academy=self.academy), fields=checked(serializer))

    def _show(self, form: CohortForm, *, status: int = 200) -> HttpResponse:
        return self.page("pages/academy/cohorts/new.html", {"form": form}, status=status)
