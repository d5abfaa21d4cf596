"""`/academy/<slug>/people/<id>`: one of its people; their invitation again, role and removal (rules U3, U7, N4)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.domain.queries import language_of_newest_cohort, people_of_academy, students_of_academy
from breathecode.authenticate.domain.invitations import invite_again
from breathecode.authenticate.domain.members import change_role, members_of, other_admins, remove_member
from breathecode.authenticate.models import AcademyMember, User
from breathecode.authenticate.roles import ADMIN
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.common.observability.removals import log_removal
from breathecode.pages import http
from breathecode.pages.academy.people.words import STAFF_ROLES, in_words
from breathecode.pages.forms import PageForm


class RoleForm(PageForm):
    role = forms.ChoiceField(label=gettext_lazy("Role on the staff"), choices=list(STAFF_ROLES.items()))


class PersonPage(http.AcademyPage):
    """A page of one of the academy's people. Sets `self.person`."""

    capability = "read_member"
    section = "people"
    person: User

    def find(self, **kwargs: Any) -> None:
        found = people_of_academy(self.academy.pk).filter(pk=kwargs["user_id"]).first()
        if found is None:
            raise Http404
        self.person = found

    def address(self, name: str = "person") -> str:
        return reverse(name, args=[self.academy.slug, self.person.pk])

    def may_invite(self) -> bool:
        """As the API: who may write members invites all, who may write cohorts their students (rule U7)."""
        if "crud_member" in self.capabilities:
            return True
        students = students_of_academy(self.academy.pk)
        return "crud_cohort" in self.capabilities and students.filter(pk=self.person.pk).exists()

    def show(self, *, form: RoleForm | None = None, problem: ApiError | None = None, status: int = 200) -> HttpResponse:
        [row] = in_words([self.person], academy_id=self.academy.pk)
        may_write_members = "crud_member" in self.capabilities and bool(row.staff_role)
        context = {
            "row": row,
            "form": form or RoleForm(initial={"role": self.person.staff_role}),  # type: ignore[attr-defined]
            "problem": problem,
            "may_invite": row.waiting and self.may_invite(),
            "may_write_members": may_write_members,
            "may_write": self.write_capability in self.capabilities,
        }
        return self.page("pages/academy/people/person.html", context, status=status)

    def done(self, sentence: str, to: str) -> HttpResponse:
        messages.success(self.request, sentence)
        return HttpResponseRedirect(to, status=303)


class PersonView(PersonPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()


class InviteAgainView(PersonPage):
    http_method_names = ["post"]
    capability = "crud_cohort"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.may_invite():
            raise Http404
        language = language_of_newest_cohort(self.person, academy_id=self.academy.pk)
        try:
            invite_again(self.person, academy=self.academy, language=language)
        except ApiError as problem:
            return self.show(problem=problem, status=problem.status_code)
        sentence = _("The invitation is sent again to {email}.").format(email=self.person.email)
        return self.done(sentence, self.address())


class StaffPage(PersonPage):
    """Changes a role on the staff. What ends a right of the reader, or of the last admin, is confirmed."""

    capability = "crud_member"
    write_capability = "crud_member"

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        if self.person.staff_role is None:  # type: ignore[attr-defined]
            raise Http404

    def locked_member(self) -> AcademyMember:
        """Held until the transaction ends, and read after that. Raises Http404 where they have left."""
        lock(AcademyMember, self.member().pk)
        return self.member()

    def member(self) -> AcademyMember:
        found = members_of(self.academy.pk).filter(user=self.person).first()
        if found is None:
            raise Http404
        return found

    def losses(self, member: AcademyMember) -> list[str]:
        """What is lost with the role of an admin."""
        found = []
        if member.user_id == self.user.pk:
            found.append(_("This is your own role: you can no longer open the pages that need it."))
        if member.role == ADMIN and not other_admins(member):
            found.append(_("The academy is left without an admin. Only the operator of the server can name another."))
        return found

    def confirm(self, **context: Any) -> HttpResponse:
        [row] = in_words([self.person], academy_id=self.academy.pk)
        back = {"back": self.address(), "row": row}
        return self.page("pages/academy/people/confirm.html", {**back, **context})


class RoleView(StaffPage):
    """Another role; one that takes a right from the reader or from the last admin is confirmed first."""

    http_method_names = ["post"]

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        member, form = self.locked_member(), RoleForm(request.POST)
        if not form.is_valid():
            form.focus()
            return self.show(form=form, status=400)
        role = form.cleaned_data["role"]
        losses = self.losses(member) if role != member.role else []
        if losses and request.POST.get("step") != "confirmed":
            label = STAFF_ROLES[role]
            heading = _("Make {name} {role}?").format(name=self.person.get_full_name(), role=label)
            fields = [("role", role), ("step", "confirmed")]
            return self.confirm(heading=heading, sentences=losses, button=_("Change the role"), fields=fields)
        change_role(member, role=role)
        sentence = _("{name} has another role now: {role}.")
        return self.done(sentence.format(name=self.person.get_full_name(), role=STAFF_ROLES[role]), self.address())


class RemoveView(StaffPage):
    """What the removal ends, and what stays; then the removal."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        member = self.member()
        name, academy = self.person.get_full_name(), self.academy.name
        sentences = [
            _("{name} can no longer open the pages of {academy}.").format(name=name, academy=academy),
            *self.losses(member),
            _("The account stays, and so do roles in cohorts. You can invite {name} again.").format(name=name),
        ]
        heading = _("Remove {name} from the staff?").format(name=name)
        return self.confirm(heading=heading, sentences=sentences, button=_("Remove from the staff"), danger=True)

    @transaction.atomic
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        member = self.locked_member()
        log_removal(member, actor_id=self.user.pk, academy_id=self.academy.pk)
        remove_member(member)
        sentence = _("{name} is no longer on the staff.").format(name=self.person.get_full_name())
        mine = member.user_id == self.user.pk and not self.user.is_superuser
        return self.done(sentence, reverse("home") if mine else reverse("people", args=[self.academy.slug]))
