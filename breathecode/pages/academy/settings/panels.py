"""`/academy/<slug>/settings`: panels that are saved one by one (rules V1 to V6, R1, N1, A3, S5)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.api.serializers import MyAcademySerializer
from breathecode.admissions.domain.academies import change_academy
from breathecode.admissions.domain.queries import cohorts_of_academy
from breathecode.admissions.models import Cohort
from breathecode.attendance.api.attendance import SettingsSerializer
from breathecode.attendance.domain import recording
from breathecode.authenticate.models import Academy
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.feedback.api.serializers import FeedbackSettingsSerializer
from breathecode.feedback.domain import queries, writing
from breathecode.pages.academy.cohorts.base import checked, refuse
from breathecode.pages.academy.settings.base import SettingsPage
from breathecode.pages.academy.settings.forms import AcademyForm, AttendanceForm, ReminderForm, SurveyForm
from breathecode.pages.forms import PageForm
from breathecode.reminders.api.reminders import ReminderSettingsSerializer
from breathecode.reminders.domain import reminders


class Panel:
    """A form with what it shows and how it is saved. `reads` and `writes` are the the API's capabilities."""

    name: str
    heading: object
    reads = "read_all_cohort"
    writes = "crud_my_academy"

    def __init__(self, academy: Academy, view: Any) -> None:
        self.academy, self.view = academy, view

    def stored(self) -> dict[str, Any]:
        """What is saved now, by field of the form."""
        raise NotImplementedError

    def form(self, data: Any = None) -> PageForm:
        raise NotImplementedError

    def carry_out(self, found: dict[str, Any]) -> None:
        """Raises the errors of the API."""
        raise NotImplementedError


class AcademyPanel(Panel):
    name, heading = "academy", gettext_lazy("Academy")

    def stored(self) -> dict[str, Any]:
        names = ("name", "language", "timezone", "logo_url", "feedback_email")
        return {name: getattr(self.academy, name) for name in names}

    def form(self, data: Any = None) -> PageForm:
        return AcademyForm(data, academy=self.academy, prefix=self.name, stored=self.stored())

    def carry_out(self, found: dict[str, Any]) -> None:
        change_academy(self.academy, fields=checked(MyAcademySerializer(self.academy, data=found, partial=True)))


class ReminderPanel(Panel):
    name, heading = "reminders", gettext_lazy("Reminders by mail")

    def stored(self) -> dict[str, Any]:
        found = reminders.settings_of(self.academy.pk)
        return {name: getattr(found, name) for name in ("day_before", "quarter_hour_before")}

    def form(self, data: Any = None) -> PageForm:
        return ReminderForm(data, prefix=self.name, stored=self.stored())

    def carry_out(self, found: dict[str, Any]) -> None:
        fields = checked(ReminderSettingsSerializer(data=found))
        reminders.save_settings(academy_id=self.academy.pk, fields=fields)


class AttendancePanel(Panel):
    name, heading, reads = "attendance", gettext_lazy("Attendance"), "read_cohort_log"

    def stored(self) -> dict[str, Any]:
        found = recording.settings_of(self.academy.pk)
        return {name: getattr(found, name) for name in ("mark_from_joins", "late_after_minutes")}

    def form(self, data: Any = None) -> PageForm:
        return AttendanceForm(data, prefix=self.name, stored=self.stored())

    def carry_out(self, found: dict[str, Any]) -> None:
        stored = recording.settings_of(self.academy.pk)
        fields = checked(SettingsSerializer(stored, data=found, partial=True))
        recording.save_settings(academy_id=self.academy.pk, fields=fields)


class SurveyPanel(Panel):
    name, heading, reads, writes = "surveys", gettext_lazy("Surveys"), "read_survey", "crud_survey"

    def stored(self) -> dict[str, Any]:
        found = queries.settings_of_academy(self.academy.pk)
        return {
            "send_surveys": found.send_surveys,
            "liveclass_survey_template": found.liveclass_survey_template_id,
            "excluded_cohorts": list(found.excluded_cohorts.values_list("pk", flat=True)) if found.pk else [],
        }

    def form(self, data: Any = None) -> PageForm:
        stored = self.stored()
        # What was excluded before its cohort was deleted stays so.
        kept = ~Q(stage=Cohort.Stage.DELETED) | Q(pk__in=stored["excluded_cohorts"])
        offered = cohorts_of_academy(self.academy.pk).filter(kept)
        return SurveyForm(
            data,
            templates=list(queries.templates_of_academy(self.academy.pk).values_list("pk", "name")),
            cohorts=list(offered.order_by("name", "pk").values_list("pk", "name")),
            prefix=self.name,
            stored=stored,
        )

    def carry_out(self, found: dict[str, Any]) -> None:
        fields = checked(FeedbackSettingsSerializer(data=found, context={"view": self.view}))
        writing.save_settings(academy_id=self.academy.pk, fields=fields)


PANELS = (AcademyPanel, ReminderPanel, AttendancePanel, SurveyPanel)


class SettingsView(SettingsPage):
    """Who may read a panel but not write it sees its values."""

    tab = "settings"
    write_capability = "read_all_cohort"  # each panel asks for its own

    @property
    def academy_id(self) -> int:
        """For the serializer."""
        return self.academy.pk

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        panel = next((kind for kind in PANELS if kind.name == request.POST.get("panel")), None)
        if panel is None:
            raise Http404
        if panel.writes not in self.capabilities:
            raise PermissionDenied
        chosen = panel(self.academy, self)
        form = chosen.form(request.POST)
        if not form.is_valid():
            form.focus()
            return self._show(panel, form, status=400)
        try:
            self._save(chosen, form)
        except ApiError as problem:
            return self._show(panel, form, status=refuse(form, problem))
        return self.done(_("Saved: {panel}.").format(panel=panel.heading), f"{self.address('settings')}#{panel.name}")

    @transaction.atomic
    def _save(self, panel: Panel, form: PageForm) -> None:
        """Under the academy's lock: of two who save at once, the second is told. Raises the errors of the API."""
        lock(Academy, self.academy.pk)
        self.academy.refresh_from_db()
        form.check_seen(panel.stored())
        panel.carry_out(form.cleaned_data)

    def _show(
        self, refused: type[Panel] | None = None, form: PageForm | None = None, *, status: int = 200
    ) -> HttpResponse:
        rows = []
        for panel in PANELS:
            if panel.reads in self.capabilities:
                shown = form if panel is refused and form else panel(self.academy, self).form()
                may_write = panel.writes in self.capabilities
                for field in shown.fields.values():
                    field.disabled = not may_write
                row = {"name": panel.name, "heading": panel.heading, "form": shown, "may_write": may_write}
                rows.append(row)
        return self.page("pages/academy/settings/settings.html", {"rows": rows}, status=status)
