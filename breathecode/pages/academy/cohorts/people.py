"""`/academy/<slug>/cohorts/<slug>/people`: who is in the cohort, and as what (rules V1 to V6, R3, R4, U4)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.api.people import StudentSerializer
from breathecode.admissions.domain import cohorts as writing
from breathecode.admissions.domain.people import add_person
from breathecode.admissions.domain.queries import members_of_cohort
from breathecode.admissions.models import CohortUser
from breathecode.authenticate.api.filters import UserLikeFilter
from breathecode.authenticate.models import User
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.common.models import lock
from breathecode.common.observability.removals import log_removal
from breathecode.pages.academy.cohorts.base import CohortPage, checked, refuse
from breathecode.pages.academy.people.words import in_words
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50


class FilterForm(PageForm):
    search = forms.CharField(label=gettext_lazy("Name or e-mail"), required=False, max_length=150)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), required=False, choices=[("", gettext_lazy("All roles")), *CohortUser.Role.choices]
    )
    educational_status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Every status")), *CohortUser.EducationalStatus.choices],
    )


class AddForm(PageForm):
    email = forms.CharField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=CohortUser.Role.choices)
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)


class EnrolmentForm(PageForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=CohortUser.Role.choices)
    educational_status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=CohortUser.EducationalStatus.choices,
        help_text=gettext_lazy("Students who are postponed, suspended or dropped see no classes and get no mails."),
    )


class CohortPeopleView(CohortPage):
    tab = "cohort-people"

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(AddForm(auto_id="add-%s"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AddForm(request.POST, auto_id="add-%s")
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            user = self._add(form.cleaned_data)
        except ValidationFailed as problem:
            return self._show(form, status=refuse(form, problem))
        except ApiError as problem:
            form.add_error("email", str(problem.detail))
            form.focus()
            return self._show(form, status=problem.status_code)
        sentence = _("{email} is in the cohort now. People without a password are invited by mail.")
        return self.done(sentence.format(email=user.email), self.address("cohort-people"))

    def _add(self, found: dict[str, Any]) -> User:
        named = {name: found[name] for name in ("email", "first_name", "last_name")}
        fields = checked(StudentSerializer(data=named, context={"view": self}))
        return add_person(cohort=self.cohort, role=found["role"], **fields["user"])

    def _chosen(self, chosen: dict[str, str]) -> QuerySet[CohortUser]:
        exact = {name: chosen[name] for name in ("role", "educational_status") if name in chosen}
        return UserLikeFilter("user").filter(members_of_cohort(self.cohort).filter(**exact), chosen.get("search"))

    def _show(self, form: AddForm, *, status: int = 200) -> HttpResponse:
        filters = FilterForm(self.request.GET)
        chosen = {name: value for name, value in filters.cleaned_data.items() if value} if filters.is_valid() else {}
        page = Paginator(self._chosen(chosen), PAGE_SIZE).get_page(self.request.GET.get("page"))
        users = {part.user_id: part.user for part in page}
        people = {row.user.pk: row for row in in_words(list(users.values()), academy_id=self.academy.pk)}
        context = {"form": form, "filters": filters, "page": page, "query": urlencode(chosen), "chosen": chosen}
        context["rows"] = [(part, people[part.user_id]) for part in page]
        return self.page("pages/academy/cohorts/people.html", context, status=status)


class MembershipPage(CohortPage):
    """What one person is in the cohort. Sets `self.part`."""

    capability = "crud_cohort"
    tab = "cohort-people"
    part: CohortUser

    def find_in_cohort(self, **kwargs: Any) -> None:
        found = members_of_cohort(self.cohort).filter(pk=kwargs["membership_id"]).first()
        if found is None:
            raise Http404
        self.part = found

    def locked_part(self) -> CohortUser:
        """Held until the transaction ends, and read after that. Raises Http404 where it was removed meanwhile."""
        lock(CohortUser, self.part.pk)
        found = members_of_cohort(self.cohort).filter(pk=self.part.pk).first()
        if found is None:
            raise Http404
        return found


class MembershipView(MembershipPage):
    """Another role or status."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        initial = {"role": self.part.role, "educational_status": self.part.educational_status}
        return self._show(EnrolmentForm(initial=initial))

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        part, form = self.locked_part(), EnrolmentForm(request.POST)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            writing.update_membership(part, fields=form.cleaned_data)
        except ApiError as problem:
            form.add_error("role", str(problem.detail))
            form.focus()
            return self._show(form, status=problem.status_code)
        sentence = _("The changes to {name} are saved.").format(name=part.user.get_full_name())
        return self.done(sentence, self.address("cohort-people"))

    def _show(self, form: EnrolmentForm, *, status: int = 200) -> HttpResponse:
        return self.page("pages/academy/cohorts/person.html", {"form": form, "part": self.part}, status=status)


class RemovePersonView(MembershipPage):
    """What the removal ends, and what stays; then the removal."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        name = self.part.user.get_full_name()
        context = {
            "heading": _("Remove {name} from {cohort}?").format(name=name, cohort=self.cohort.name),
            "sentences": list(self._consequences(name)),
            "button": _("Remove from the cohort"),
            "back": self.address("cohort-person", self.part.pk),
            "danger": True,
            "inner": True,
        }
        return self.page("pages/academy/cohorts/remove_person.html", context)

    def _consequences(self, name: str) -> list[str]:
        role, parts = CohortUser.Role, members_of_cohort(self.cohort).exclude(pk=self.part.pk)
        found = [_("{name} no longer sees the classes of the cohort, and gets no more mails about them.")]
        if parts.filter(user=self.part.user).exists():
            found = [_("{name} stays in the cohort in another role.")]
        if self.part.role == role.TEACHER and not parts.filter(role=role.TEACHER).exists():
            found.append(_("The cohort is left without a teacher."))
        if self.part.role == role.STUDENT:
            found.append(_("Attendance and answers to surveys stay."))
        return [text.format(name=name) for text in found]

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        part = self.locked_part()
        log_removal(part, actor_id=self.user.pk, academy_id=self.academy.pk)
        writing.remove_from_cohort(part)
        sentence = _("{email} is removed from the cohort.").format(email=part.user.email)
        return self.done(sentence, self.address("cohort-people"))
