"""`/academy/<slug>/people/invite`: one person, into a cohort or onto the staff (rules U3, U4)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.api.people import StudentSerializer
from breathecode.admissions.domain.people import add_person, invite_student
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.api.serializers import MemberSerializer
from breathecode.authenticate.domain.members import add_member
from breathecode.authenticate.models import User
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.pages import http
from breathecode.pages.academy.cohorts.base import checked, refuse
from breathecode.pages.academy.people.listing import cohort_choices
from breathecode.pages.academy.people.words import COHORT_ROLES, STAFF_ROLES
from breathecode.pages.forms import PageForm

_STAFF = "staff-"
NAMES = ("email", "first_name", "last_name")


class InviteForm(PageForm):
    email = forms.CharField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    cohort = forms.ChoiceField(
        label=gettext_lazy("Cohort"), required=False, help_text=gettext_lazy("A student can be invited without one.")
    )

    def __init__(self, *args: Any, page: http.AcademyPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        roles: list[Any] = [(_("Cohorts"), [(role.lower(), label) for role, label in COHORT_ROLES.items()])]
        if "crud_member" in page.capabilities:
            roles.append((_("Staff"), [(_STAFF + role, label) for role, label in STAFF_ROLES.items()]))
        fields["role"].choices = roles
        fields["cohort"].choices = cohort_choices(page.academy, _("None"), chosen=self["cohort"].value())

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        role, cohort = found.get("role", ""), found.get("cohort")
        if role.startswith(_STAFF) and cohort:
            self.add_error("cohort", _("For a role on the staff, choose no cohort."))
        if role and not role.startswith(_STAFF) and role != "student" and not cohort:
            self.add_error("cohort", _("Choose the cohort."))
        return found


class InviteView(http.AcademyPage):
    capability = "crud_cohort"
    section = "people"

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(InviteForm(page=self, initial={"cohort": request.GET.get("cohort", "")}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = InviteForm(request.POST, page=self)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            user, sentence = self._invite(form.cleaned_data)
        except ValidationFailed as problem:
            return self._show(form, status=refuse(form, problem))
        except ApiError as problem:
            form.add_error("email", str(problem.detail))
            form.focus()
            return self._show(form, status=problem.status_code)
        messages.success(request, sentence)
        return HttpResponseRedirect(reverse("person", args=[self.academy.slug, user.pk]), status=303)

    def _invite(self, found: dict[str, Any]) -> tuple[User, str]:
        named = {name: found[name] for name in NAMES}
        if found["role"].startswith(_STAFF):
            return self._invite_member(named, role=found["role"].removeprefix(_STAFF))
        fields = self._checked_student({**named, "cohort": found["cohort"] or None})
        if found["role"] == CohortUser.Role.STUDENT.value.lower():
            return self._invite_student(fields)
        cohort: Cohort = fields["cohort"]
        user = add_person(cohort=cohort, role=found["role"].upper(), **fields["user"])
        return user, _("{email} is invited, and in {cohort} now.").format(email=user.email, cohort=cohort.name)

    def _checked_student(self, body: dict[str, Any]) -> dict[str, Any]:
        return checked(StudentSerializer(data=body, context={"view": self}))

    def _invite_student(self, fields: dict[str, Any]) -> tuple[User, str]:
        cohort: Cohort | None = fields["cohort"]
        student = invite_student(academy=self.academy, cohort=cohort, **fields["user"])
        if not student.created:
            text = _("{email} is known here already. Nothing has changed.")
        elif cohort:
            text = _("{email} is invited, and in {cohort} now.")
        else:
            text = _("{email} is invited.")
        return student.user, text.format(email=student.user.email, cohort=cohort.name if cohort else "")

    def _invite_member(self, named: dict[str, Any], *, role: str) -> tuple[User, str]:
        fields = checked(MemberSerializer(data={**named, "role": role}))
        member, created = add_member(academy_id=self.academy.pk, role=fields["role"], **fields["user"])
        text = _("{email} is invited, and on the staff now.") if created else _("{email} is invited again.")
        return member.user, text.format(email=member.user.email)

    def _show(self, form: InviteForm, *, status: int = 200) -> HttpResponse:
        return self.page("pages/academy/people/invite.html", {"form": form}, status=status)
