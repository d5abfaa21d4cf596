"""The settings of an academy as a page: panels that are saved one by one (rules R1, N1, A3, S5, V1 to V3)."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Cohort
from breathecode.attendance.models import AcademyAttendanceSettings
from breathecode.authenticate.models import Academy
from breathecode.feedback.models import FeedbackSettings, SurveyTemplate
from breathecode.reminders.models import ReminderSettings
from tests.support.queries import captured_queries

SETTINGS = "/academy/downtown-miami/settings"
ACADEMY = {
    "panel": "academy", "academy-name": "Miami Beach", "academy-language": "es",
    "academy-timezone": "America/Bogota", "academy-logo_url": "https://example.org/logo.png",
    "academy-feedback_email": "hello@example.org",
}  # fmt: skip


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


@pytest.fixture
def admin(world):
    return browser(world.admin)


def test_the_academy(admin, world):
    """R1: name, language, zone, logo and the address for replies."""
    answer = admin.post(SETTINGS, ACADEMY)
    assert (answer.status_code, answer["Location"]) == (303, f"{SETTINGS}#academy")
    world.miami.refresh_from_db()
    stored = {name.removeprefix("academy-"): value for name, value in ACADEMY.items() if name != "panel"}
    assert {name: getattr(world.miami, name) for name in stored} == stored
    assert "Miami Beach" in admin.get(SETTINGS).content.decode()
    assert Academy.objects.get(slug="madrid").name == "Madrid"


def test_reminders_and_lateness(admin, world):
    """N1, A3: each panel is saved by itself, and leaves the others as they are."""
    assert admin.post(SETTINGS, {"panel": "reminders", "reminders-day_before": "on"}).status_code == 303
    assert ReminderSettings.objects.values_list("day_before", "quarter_hour_before").get() == (True, False)
    assert not AcademyAttendanceSettings.objects.exists()
    answer = admin.post(SETTINGS, {"panel": "attendance", "attendance-late_after_minutes": "5"})
    assert answer.status_code == 303
    assert AcademyAttendanceSettings.objects.values_list("mark_from_joins", "late_after_minutes").get() == (False, 5)


def test_surveys(admin, world):
    """S5: on or off, the questions and the cohorts without surveys; what was excluded and then deleted stays so."""
    template = SurveyTemplate.objects.create(academy=world.miami, name="Short", texts={})
    gone = Cohort.objects.create(academy=world.miami, slug="gone", name="Gone", stage="DELETED")
    FeedbackSettings.objects.create(academy=world.miami).excluded_cohorts.set([gone])
    html = admin.get(SETTINGS).content.decode()
    assert "Gone" in html
    chosen = {"surveys-liveclass_survey_template": template.pk, "surveys-excluded_cohorts": [gone.pk, world.cohort.pk]}
    assert admin.post(SETTINGS, {"panel": "surveys", "surveys-send_surveys": "on", **chosen}).status_code == 303
    stored = FeedbackSettings.objects.get()
    assert (stored.send_surveys, stored.liveclass_survey_template) == (True, template)
    assert set(stored.excluded_cohorts.all()) == {gone, world.cohort}


def test_the_forms_of_the_page(admin):
    """V3: each form of the page, sent as it is, saves its own panel."""
    html = admin.get(SETTINGS).content.decode()
    panels = re.findall(r'<input type="hidden" name="panel" value="(\w*)"', html)
    assert panels == ["academy", "reminders", "attendance", "surveys"]
    assert [f"Save: {text}" in html for text in ("Academy", "Reminders by mail", "Attendance", "Surveys")] == [True] * 4


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({**ACADEMY, "academy-logo_url": "javascript:alert(1)"}, "academy-logo_url"),
        ({**ACADEMY, "academy-name": " \u200b "}, "academy-name"),
        ({**ACADEMY, "academy-timezone": "Mars/Base"}, "academy-timezone"),
        ({**ACADEMY, "academy-feedback_email": "nobody"}, "academy-feedback_email"),
        ({"panel": "attendance", "attendance-late_after_minutes": "-1"}, "attendance-late_after_minutes"),
        ({"panel": "attendance", "attendance-late_after_minutes": "9999"}, "attendance-late_after_minutes"),
    ],
)
def test_what_is_refused(admin, world, typed, field):
    """V2: the sentence is at its field, which has the focus, and nothing is saved."""
    answer = admin.post(SETTINGS, typed)
    html = answer.content.decode()
    assert answer.status_code == 400
    tag = re.findall(rf'<(?:input|select)[^>]* name="{field}"[^>]*>', html)[0]
    assert "autofocus" in tag
    assert 'aria-invalid="true"' in tag
    assert f'id="id_{field}_error"' in html
    world.miami.refresh_from_db()
    assert (world.miami.name, AcademyAttendanceSettings.objects.count()) == ("Downtown Miami", 0)


@pytest.mark.parametrize("name", ["surveys-liveclass_survey_template", "surveys-excluded_cohorts"])
def test_what_belongs_to_another_academy(admin, world, name):
    """V1, S5: its templates and cohorts are neither offered nor taken."""
    theirs = SurveyTemplate.objects.create(academy=world.madrid, name="Theirs", texts={})
    html = admin.get(SETTINGS).content.decode()
    assert "Theirs" not in html
    pk = theirs.pk if name.endswith("template") else world.other_cohort.pk
    answer = admin.post(SETTINGS, {"panel": "surveys", "surveys-send_surveys": "on", name: pk})
    assert answer.status_code == 400
    assert not FeedbackSettings.objects.exists()


def test_who_may_save_what(world):
    """V1, U3: a coordinator saves surveys alone, a reader nothing; both see the values, which they cannot type in."""
    coordinator, reader = browser(world.coordinator), browser(world.reader)
    assert coordinator.post(SETTINGS, {"panel": "surveys", "surveys-send_surveys": "on"}).status_code == 303
    for panel in ("academy", "reminders", "attendance"):
        assert coordinator.post(SETTINGS, {**ACADEMY, "panel": panel}).status_code == 403
    assert reader.post(SETTINGS, {"panel": "surveys"}).status_code == 403
    html = reader.get(SETTINGS).content.decode()
    assert "Downtown Miami" in html
    assert html.count("your role cannot change them") == 4
    fields = re.findall(r'<(?:input|select)\b(?![^>]*type="hidden")[^>]*>', html)
    assert fields
    assert all("disabled" in tag for tag in fields)
    assert browser(world.admin, enforce_csrf_checks=True).post(SETTINGS, ACADEMY).status_code == 403
    assert browser(world.foreign_admin).post(SETTINGS, ACADEMY).status_code == 404
    assert browser(world.admin).post(SETTINGS, {"panel": "none"}).status_code == 404


def test_names_are_text(admin, world):
    """V2: names with HTML are shown as they are written, in panels and messages."""
    Cohort.objects.filter(pk=world.cohort.pk).update(name="<script>alert(1)</script>")
    SurveyTemplate.objects.create(academy=world.miami, name="<img src=x>", texts={})
    html = admin.post(SETTINGS, {**ACADEMY, "academy-name": "<b>A</b>"}, follow=True).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x>" not in html
    assert "<b>A</b>" not in html


def test_its_statements(admin, world):
    """V6: as many for many cohorts and templates as for one."""
    with captured_queries() as few:
        admin.get(reverse("settings", args=["downtown-miami"]))
    Cohort.objects.bulk_create(Cohort(academy=world.miami, slug=f"c{n}", name=f"C{n}") for n in range(60))
    SurveyTemplate.objects.bulk_create(SurveyTemplate(academy=world.miami, name=f"T{n}") for n in range(5))
    with captured_queries() as many:
        admin.get(reverse("settings", args=["downtown-miami"]))
    assert len(many) == len(few) <= 12


@pytest.mark.parametrize(
    ("panel", "typed", "theirs", "shown"),
    [
        ("academy", ACADEMY, {"logo_url": "https://example.org/new.png"}, 'value="https://example.org/new.png"'),
        ("reminders", {"reminders-day_before": "on"}, {"quarter_hour_before": True}, "quarter_hour_before"),
        ("attendance", {"attendance-late_after_minutes": "5"}, {"mark_from_joins": True}, "mark_from_joins"),
        ("surveys", {}, {"send_surveys": True}, "send_surveys"),
    ],
)
def test_a_panel_that_others_changed(admin, world, panel, typed, theirs, shown):
    """V3: a form that was opened before does not take back what somebody else has saved since."""
    models: dict[str, Any] = {
        "reminders": ReminderSettings,
        "attendance": AcademyAttendanceSettings,
        "surveys": FeedbackSettings,
    }
    if panel in models:
        name, value = next(iter(theirs.items()))
        row = models[panel].objects.create(academy=world.miami, **{name: not value})
    else:
        row = world.miami

    def seen_in(html):
        return {f"{panel}-as_seen": re.findall(rf'name="{panel}-as_seen" value="([^"]+)"', html)[0]}

    sent = {**typed, "panel": panel, **seen_in(admin.get(SETTINGS).content.decode())}
    type(row)._default_manager.filter(pk=row.pk).update(**theirs)
    answer = admin.post(SETTINGS, sent)
    html = answer.content.decode()
    assert answer.status_code == 412
    assert html.count("Changed meanwhile") == 1
    assert re.search(rf'name="{panel}-{next(iter(theirs))}"[^>]*aria-invalid="true"', html)
    assert shown in html
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in theirs} == theirs
    assert admin.post(SETTINGS, {**sent, **seen_in(html)}).status_code == 303
