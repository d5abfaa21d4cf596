"""`/academy/<slug>/people/import`: a file of people, first as a preview (rules U4, P10)."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from breathecode.admissions.domain.import_jobs import MAX_ROWS_IN_A_REQUEST, counts, import_or_start_job
from breathecode.admissions.domain.people import ImportedRow, preview_import
from breathecode.admissions.domain.people_file import PersonRow, read_people
from breathecode.admissions.domain.queries import cohorts_not_deleted
from breathecode.admissions.models import Cohort
from breathecode.common.csv_files import MAX_BYTES
from breathecode.common.errors import PayloadTooLarge, ValidationFailed
from breathecode.jobs.models import Job
from breathecode.pages import http
from breathecode.pages.academy.people.listing import cohort_choices
from breathecode.pages.academy.people.words import COHORT_ROLES
from breathecode.pages.forms import PageForm
from breathecode.pages.uploads import sign, unsign

MAX_SHOWN = 50  # rows of the preview
MAX_LINES = 200  # lines with errors: all of them have to be mended
MAX_CARRIED = 768 * 1024  # characters of the signed rows; Django takes a megabyte of fields


def salt_of(user_id: int, cohort_id: int) -> str:
    """What is imported is what this person was shown for this cohort."""
    return f"pages.people.{user_id}.{cohort_id}"


class ImportForm(PageForm):
    cohort = forms.ChoiceField(label=gettext_lazy("Cohort"))
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def __init__(self, *args: Any, page: http.AcademyPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        chosen = self["cohort"].value()
        fields["cohort"].choices = cohort_choices(page.academy, _("Choose the cohort"), chosen=chosen)


class ShownRow(NamedTuple):
    """A row of the preview: `role` in words, `known` where the cohort has the person in this role already."""

    line: int
    name: str
    email: str
    role: Any
    known: bool
    invited: bool


class ImportView(http.AcademyPage):
    capability = "crud_cohort"
    section = "people"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show(ImportForm(page=self, initial={"cohort": request.GET.get("cohort", "")}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES, page=self)
        if not form.is_valid():
            form.focus()
            return self._show(form, status=400)
        cohort = cohorts_not_deleted(self.academy.pk).get(slug=form.cleaned_data["cohort"])
        if "rows" in request.POST:
            return self._import(form, cohort, request.POST["rows"])
        return self._preview(form, cohort)

    def _preview(self, form: ImportForm, cohort: Cohort) -> HttpResponse:
        file = form.cleaned_data["file"]
        if not file:
            return self._refuse(form, _("Choose a file."))
        try:
            rows = read_people(file.read(MAX_BYTES + 1))
        except PayloadTooLarge:
            return self._refuse(form, _too_large(), status=413)
        except ValidationFailed as problem:
            return self._show_errors(form, problem.errors or {})
        carried = self._carried(rows, cohort)
        if len(carried) > MAX_CARRIED:
            return self._refuse(form, _too_large(), status=413)
        found = preview_import(cohort=cohort, rows=rows)
        shown = [_shown(row, done) for row, done in zip(rows[:MAX_SHOWN], found, strict=False)]
        context = {"cohort": cohort, "rows": shown, "total": len(rows), "more": len(rows) - len(shown)}
        context |= {"counts": counts(found), "carried": carried, "by_job": len(rows) > MAX_ROWS_IN_A_REQUEST}
        return self.page("pages/academy/people/import_preview.html", context)

    def _import(self, form: ImportForm, cohort: Cohort, carried: str) -> HttpResponse:
        try:
            found = unsign(carried, salt=salt_of(self.user.pk, cohort.pk))
        except ValidationFailed as problem:
            return self._show_errors(form, problem.errors or {})
        rows = [PersonRow(*values) for values in found]
        done = import_or_start_job(cohort=cohort, rows=rows, by=self.user)
        if isinstance(done, Job):
            return HttpResponseRedirect(reverse("job", args=[self.academy.slug, done.pk]), status=303)
        messages.success(self.request, _what_was_done(done, cohort))
        people = reverse("people", args=[self.academy.slug])
        return HttpResponseRedirect(f"{people}?cohort={cohort.slug}", status=303)

    def _carried(self, rows: Sequence[PersonRow], cohort: Cohort) -> str:
        return sign([dataclasses.astuple(row) for row in rows], salt=salt_of(self.user.pk, cohort.pk))

    def _refuse(self, form: ImportForm, sentence: str, *, status: int = 400) -> HttpResponse:
        form.errors.clear()
        form.add_error("file", sentence)
        form.focus()
        return self._show(form, status=status)

    def _show_errors(self, form: ImportForm, errors: Mapping[str, Sequence[str]]) -> HttpResponse:
        """The lines that cannot be taken, and above them what is wrong with the file as a whole."""
        for sentence in errors.get("file", []):
            form.add_error("file", sentence)
        lines = [(int(name.split()[1]), sentences) for name, sentences in errors.items() if name.startswith("line ")]
        form.fields["file"].widget.attrs["autofocus"] = True
        context = {"lines": lines[:MAX_LINES], "more_lines": max(0, len(lines) - MAX_LINES), "line_count": len(lines)}
        return self._show(form, status=400, **context)

    def _show(self, form: ImportForm, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.page("pages/academy/people/import.html", {"form": form, **context}, status=status)


def _too_large() -> str:
    return _("The file is larger than 1 MB. Split it into smaller files.")


def _shown(row: PersonRow, done: ImportedRow) -> ShownRow:
    name = f"{row.first_name} {row.last_name}".strip()
    known = done.result == "already_member"
    return ShownRow(row.line, name, row.email, COHORT_ROLES[row.role], known, done.invited)


def _what_was_done(rows: Sequence[ImportedRow], cohort: Cohort) -> str:
    number = counts(rows)
    added, known = number["created"], number["already_members"]
    sentences = [
        ngettext("{n} person added to {cohort}.", "{n} people added to {cohort}.", added),
        ngettext("{n} person was there already.", "{n} people were there already.", known) if known else "",
    ]
    found = (text.format(n=n, cohort=cohort.name) for text, n in zip(sentences, (added, known), strict=True) if text)
    return " ".join(found)
