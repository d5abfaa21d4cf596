"""`/first-steps`: leads the superuser of an empty installation to its first class (rules V1 to V6, O5)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from breathecode.admissions.domain.academies import create_first_academy
from breathecode.admissions.domain.people import import_people
from breathecode.admissions.domain.people_file import PersonRow, read_people
from breathecode.admissions.models import CohortUser
from breathecode.common.errors import ApiError, ValidationFailed
from breathecode.pages import http
from breathecode.pages.fields import ZONES
from breathecode.pages.first_steps import Progress, progress_of_installation
from breathecode.pages.forms import PageForm

MAX_ADDRESSES = 100


class AcademyForm(PageForm):
    name = forms.CharField(label=gettext_lazy("Name of the academy"), max_length=150)
    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=ZONES)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class AddressesField(forms.CharField):
    """E-mail addresses, one a line or separated by commas."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[str]:
        text: str = super().clean(value) or ""
        found = [word.strip("<>") for word in text.replace(",", " ").replace(";", " ").split()]
        if len(found) > MAX_ADDRESSES:
            sentence = _("At most {limit} addresses at once; more of them can be imported as a file.")
            raise forms.ValidationError(sentence.format(limit=MAX_ADDRESSES))
        return found


class UsersForm(PageForm):
    teachers = AddressesField(
        label=gettext_lazy("Teachers"),
        required=False,
        help_text=gettext_lazy("E-mail addresses, one a line. Each gets an invitation to choose a password."),
    )
    students = AddressesField(label=gettext_lazy("Students"), required=False)

    def rows(self) -> list[PersonRow]:
        """As a file of the API would hold them. Raises `validation-error`, its errors at the fields."""
        teachers, students = self.cleaned_data["teachers"], self.cleaned_data["students"]
        lines = [(email, CohortUser.Role.TEACHER) for email in teachers]
        lines += [(email, CohortUser.Role.STUDENT) for email in students]
        text = "\n".join(["email,role", *(f'"{email.replace(chr(34), "")}",{role.value}' for email, role in lines)])
        try:
            return read_people(text.encode())
        except ValidationFailed as problem:
            raise ValidationFailed(_at_fields(problem, number_of_teachers=len(teachers))) from problem


def _at_fields(problem: ValidationFailed, *, number_of_teachers: int) -> dict[str, list[str]]:
    """The errors of the file's lines, of which the first holds the names of the columns, at the fields."""
    found: dict[str, list[str]] = {}
    for key, sentences in (problem.errors or {}).items():
        line = int(key.removeprefix("line ")) if key.startswith("line ") else 0
        field = "teachers" if line <= number_of_teachers + 1 else "students"
        found.setdefault(field, []).extend(str(sentence) for sentence in sentences)
    return found


class FirstStepsView(http.SignedInPage):
    """Each step as far as it has come. The form here is that of the academy, or of the users of the first cohort;
    cohort and time slot have pages of their own.
    """

    progress: Progress

    def prepare(self, **kwargs: Any) -> None:
        if not self.user.is_superuser:
            raise Http404
        self.progress = progress_of_installation(now=timezone.now())

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST)
        if form is None or request.POST.get("step") != self.progress.step:  # taken meanwhile, or sent twice
            return HttpResponseRedirect(reverse("first-steps"), status=303)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        try:
            messages.success(request, self._carry_out(form))
        except ApiError as problem:
            form.refuse(problem)
            form.focus()
            return self._show(form, status=problem.status_code)
        return HttpResponseRedirect(reverse("first-steps"), status=303)

    def _form(self, data: Any = None) -> PageForm | None:
        if self.progress.step == "academy":
            initial = {"timezone": self.zone or "UTC", "language": (get_language() or "en")[:2]}
            return AcademyForm(data, initial=initial)
        return UsersForm(data) if self.progress.step == "users" else None

    def _carry_out(self, form: PageForm) -> str:
        if isinstance(form, UsersForm):
            return self._add_users(form)
        academy = create_first_academy(by=self.user, **form.cleaned_data)
        return _("{academy} is made.").format(academy=academy.name)

    def _add_users(self, form: UsersForm) -> str:
        assert self.progress.cohort is not None  # noqa: S101  (for the type checker: the step comes after the cohort's)
        number = len(import_people(cohort=self.progress.cohort, rows=form.rows()))
        text = ngettext("%(count)d user is in the cohort now.", "%(count)d users are in the cohort now.", number)
        return text % {"count": number}

    def _show(self, form: PageForm | None, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "progress": self.progress, "here": "home"}
        return self.page("pages/first_steps.html", context, status=status)
