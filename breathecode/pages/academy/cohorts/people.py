"""`/academy/<slug>/cohorts/<slug>/people`: who is in the cohort, and as what (rules V1 to V6, R3, R4)."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.domain import cohorts as writing
from breathecode.admissions.domain.queries import members_of_cohort
from breathecode.admissions.models import CohortUser
from breathecode.authenticate.domain.people import users_of_academy
from breathecode.authenticate.models import User
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.common.observability.removals import log_removal
from breathecode.pages.academy.cohorts.base import CohortPage, refuse
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50


class AddForm(PageForm):
    user = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=CohortUser.Role.choices)


class StatusForm(PageForm):
    educational_status = forms.ChoiceField(choices=CohortUser.EducationalStatus.choices)


class CohortPeopleView(CohortPage):
    tab = "cohort-people"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(AddForm())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AddForm(request.POST)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            part = self._add(form.cleaned_data)
        except ApiError as problem:
            return self._show(form, status=refuse(form, problem))
        sentence = _("{email} is in the cohort now.").format(email=part.user.email)
        return self.done(sentence, self.address("cohort-people"))

    def _add(self, found: dict[str, Any]) -> CohortUser:
        within = User.objects.all() if self.user.is_superuser else users_of_academy(self.academy.pk)
        person = writing.find_user(found["user"], within=within)
        active = CohortUser.EducationalStatus.ACTIVE
        return writing.add_to_cohort(cohort=self.cohort, user=person, role=found["role"], educational_status=active)

    def _show(self, form: AddForm, *, status: int = 200) -> HttpResponse:
        page = Paginator(members_of_cohort(self.cohort), PAGE_SIZE).get_page(self.request.GET.get("page"))
        context = {"form": form, "page": page, "statuses": CohortUser.EducationalStatus.choices}
        return self.page("pages/academy/cohorts/people.html", context, status=status)


class MembershipView(CohortPage):
    """One person's part in the cohort: another status, or (`step=remove`) its end."""

    http_method_names = ["post"]
    capability = "crud_cohort"
    membership_id: int

    def find_in_cohort(self, **kwargs: Any) -> None:
        self.membership_id = kwargs["membership_id"]
        if not members_of_cohort(self.cohort).filter(pk=self.membership_id).exists():
            raise Http404

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        lock(CohortUser, self.membership_id)
        part = members_of_cohort(self.cohort).filter(pk=self.membership_id).first()
        if part is None:
            raise Http404
        form, people = StatusForm(request.POST), self.address("cohort-people")
        if request.POST.get("step") == "remove":
            log_removal(part, actor_id=self.user.pk, academy_id=self.academy.pk)
            writing.remove_from_cohort(part)
            return self.done(_("{email} is removed from the cohort.").format(email=part.user.email), people)
        if not form.is_valid():
            raise Http404
        writing.update_membership(part, fields=form.cleaned_data)
        return self.done(_("The status of {email} is saved.").format(email=part.user.email), people)
