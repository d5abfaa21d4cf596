"""Schedule templates as pages: made, changed, laid over cohorts with the plan first (rules P11, P1, P2, P10)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Cohort, CohortTimeSlot, Syllabus
from breathecode.events.models import LiveClass
from breathecode.jobs.models import Job
from breathecode.schedules.domain.build_jobs import MAX_COHORTS
from breathecode.schedules.models import ScheduleTemplate
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
ACADEMY, COHORT = ["downtown-miami"], ["downtown-miami", "web-dev"]
HOURS = {"starting_at": "18:00", "ending_at": "20:00", "recurrency_type": "WEEKLY", "interval": "1", "recurrent": "on"}


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


@pytest.fixture
def staff(world):
    return browser(world.coordinator)


@pytest.fixture
def template(world):
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    slots = [{"starting_at": 1800, "ending_at": 2000, "weekdays": ["TU"]}]
    return ScheduleTemplate.objects.create(syllabus=syllabus, name="Evenings", slots=slots)


@pytest.fixture
def theirs(world):
    """Of the other academy."""
    syllabus = Syllabus.objects.create(academy=world.madrid, slug="data", name="Data")
    return ScheduleTemplate.objects.create(
        syllabus=syllabus, name="Mornings", slots=[{"starting_at": 900, "ending_at": 1000}]
    )


def rows(*hours, **more):
    """What the form sends for these time slots."""
    sent = {f"slot-{n}-{name}": value for n, row in enumerate(hours) for name, value in {**HOURS, **row}.items()}
    return {"name": "Evenings", "slots": str(len(hours)), **sent, **more}


def hidden(answer):
    """The fields of the plan's form, with its version."""
    form = re.findall(r'<form method="post" class="actions">.*?</form>', answer.content.decode(), re.DOTALL)[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def test_a_new_template(staff, world):
    """P11: with a new syllabus, and as many time slots as rows; the list says them in words."""
    new = reverse("template-new", args=ACADEMY)
    typed = rows({"weekdays": ["MO", "WE"]}, {"starting_at": "09:00", "ending_at": "13:00", "interval": "2"})
    answer = staff.post(new, {**typed, "new_syllabus": "Full Stack", "step": "save"})
    assert answer.status_code == 303, answer.content.decode()
    made = ScheduleTemplate.objects.get()
    assert (made.name, made.syllabus.name, made.syllabus.academy) == ("Evenings", "Full Stack", world.miami)
    assert [(slot["starting_at"], slot["weekdays"], slot["timezone"]) for slot in made.slots] == [
        (1800, ["MO", "WE"], ""),
        (900, [], ""),
    ]
    html = staff.get(reverse("templates", args=ACADEMY)).content.decode()
    assert "Monday, Wednesday 18:00\u201320:00" in html
    assert "(every 2 weeks)" in html
    again = staff.post(new, {**typed, "syllabus": made.syllabus.pk, "step": "save"})
    assert (again.status_code, "already has a schedule template named Evenings" in again.content.decode()) == (
        409,
        True,
    )
    assert ScheduleTemplate.objects.count() == 1


def test_rows(staff, template):
    """P11, V3: rows are added and taken away without a script; what was typed stays, and nothing is saved."""
    edit = reverse("template", args=[*ACADEMY, template.pk])
    typed = rows({"starting_at": "07:00", "weekdays": ["FR"]}, {"starting_at": "08:00"}, name="<Early>")
    more = staff.post(edit, {**typed, "step": "row"}).content.decode()
    assert more.count("<fieldset class=") == 3
    assert 'name="slot-0-starting_at" value="07:00"' in more
    assert re.search(r'name="slot-0-weekdays" value="FR"[^>]* checked', more)
    assert 'value="&lt;Early&gt;"' in more
    less = staff.post(edit, {**typed, "drop": "0"}).content.decode()
    assert less.count("<fieldset class=") == 1
    assert 'name="slot-0-starting_at" value="08:00"' in less
    template.refresh_from_db()
    assert template.name == "Evenings"


@pytest.mark.parametrize(
    ("row", "more", "field", "sentence"),
    [
        ({"ending_at": "18:00"}, {}, "slot-0-ending_at", "The end must differ from the start."),
        ({"recurrency_type": "DAILY", "weekdays": ["MO"]}, {}, "slot-0-weekdays", "only for a weekly time slot"),
        ({"timezone": "Mars"}, {}, "slot-0-timezone", "Choose a time zone from the list."),
        ({"starting_at": "25:00"}, {}, "slot-0-starting_at", "Enter a valid time."),
        ({}, {"name": ""}, "name", "This field is required."),
    ],
)
def test_what_is_refused(staff, template, row, more, field, sentence):
    """P11, V2: in people's words at the field of its row, and nothing is saved."""
    answer = staff.post(reverse("template", args=[*ACADEMY, template.pk]), {**rows(row), **more, "step": "save"})
    html = answer.content.decode()
    assert answer.status_code == 400
    error = re.findall(rf'<ul class="errorlist" id="id_{field}_error"><li>(.*?)</li>', html)
    assert error, html
    assert sentence in error[0]
    template.refresh_from_db()
    assert template.slots == [{"starting_at": 1800, "ending_at": 2000, "weekdays": ["TU"]}]


def test_no_row_and_no_syllabus(staff, world):
    """P11: a template has a time slot and a syllabus; a number of rows that is no number is none."""
    new = reverse("template-new", args=ACADEMY)
    assert staff.post(new, {**rows({}), "step": "save"}).status_code == 400
    for count in ("0", "x", "-1", "999999"):
        assert staff.post(new, {"name": "A", "new_syllabus": "B", "slots": count, "step": "save"}).status_code == 400
    assert (ScheduleTemplate.objects.count(), Syllabus.objects.count()) == (0, 0)


def test_removing(staff, template, world):
    """P11: it asks first; the cohorts keep what they were given."""
    world.time_slot()
    remove = reverse("template-remove", args=[*ACADEMY, template.pk])
    assert "keep their time slots" in staff.get(remove).content.decode()
    assert staff.post(remove).status_code == 303
    assert (ScheduleTemplate.objects.count(), CohortTimeSlot.objects.count()) == (0, 1)


def test_laying_over_two_cohorts(staff, template, world):
    """P11, P1, P2: the plan by cohort, then the time slots and their classes; outdated, nothing."""
    kickoff = {"kickoff_date": "2025-03-01", "ending_date": "2025-05-30", "stage": "STARTED"}
    other = Cohort.objects.create(academy=world.miami, slug="night", name="<i>Night</i>", **kickoff)
    apply = reverse("template-apply", args=[*ACADEMY, template.pk])
    plan = staff.post(apply, {"cohorts": [world.cohort.pk, other.pk]})
    html = plan.content.decode()
    assert "&lt;i&gt;Night&lt;/i&gt;" in html
    assert "New classes" in html
    assert not CohortTimeSlot.objects.exists()
    Cohort.objects.filter(pk=other.pk).update(ending_date="2025-04-30")
    outdated = staff.post(apply, hidden(plan))
    assert (outdated.status_code, CohortTimeSlot.objects.count()) == (412, 0)
    assert staff.post(apply, hidden(outdated)).status_code == 303
    assert {slot.cohort for slot in CohortTimeSlot.objects.all()} == {world.cohort, other}
    assert {slot.timezone for slot in CohortTimeSlot.objects.all()} == {"America/New_York"}
    assert LiveClass.objects.filter(cohort=other).exists()


def test_laying_over_many_cohorts(staff, template, world):
    """P10, P11: more than a request builds are left to a job, to whose page the form leads."""
    made = [Cohort(academy=world.miami, slug=f"c{n}", name=f"C{n}") for n in range(MAX_COHORTS + 1)]
    ids = [cohort.pk for cohort in Cohort.objects.bulk_create(made)]
    apply = reverse("template-apply", args=[*ACADEMY, template.pk])
    answer = staff.post(apply, hidden(staff.post(apply, {"cohorts": ids})))
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/academy/downtown-miami/jobs/{job.pk}")
    assert (job.kind, job.total, job.created_by) == ("lay-template", MAX_COHORTS + 1, world.coordinator)


def test_laying_over_one_cohort_from_its_time_slots(staff, template, world):
    """P11: its plan, then the time slots; a second time there is nothing new."""
    address = reverse("cohort-slot-template", args=COHORT)
    plan = staff.post(address, {"template": template.pk})
    assert "New classes" in plan.content.decode()
    answer = staff.post(address, hidden(plan))
    assert (answer.status_code, answer["Location"]) == (303, reverse("cohort-slots", args=COHORT))
    assert CohortTimeSlot.objects.get().weekdays == ["TU"]
    assert "No class changes." in staff.post(address, {"template": template.pk}).content.decode()


def test_what_is_not_ones_own(staff, template, theirs, world):
    """V1: templates and cohorts of another academy, typed by hand or posted, are not found or refused."""
    for name in ("template", "template-remove", "template-apply"):
        address = reverse(name, args=[*ACADEMY, theirs.pk])
        assert (staff.get(address).status_code, staff.post(address, rows({})).status_code) == (404, 404)
    apply = reverse("template-apply", args=[*ACADEMY, template.pk])
    for cohorts in ([world.other_cohort.pk], [world.cohort.pk, world.other_cohort.pk], ["data"], ["\x00"], []):
        answer = staff.post(apply, {"cohorts": cohorts, "plan": "x"})
        assert (answer.status_code, "errorlist" in answer.content.decode()) == (400, True)
    assert staff.post(reverse("cohort-slot-template", args=COHORT), {"template": theirs.pk}).status_code == 400
    new = reverse("template-new", args=ACADEMY)
    assert staff.post(new, {**rows({}), "syllabus": theirs.syllabus.pk, "step": "save"}).status_code == 400
    assert not CohortTimeSlot.objects.exists()
    assert ScheduleTemplate.objects.count() == 2


@pytest.mark.parametrize("name", ["template", "template-remove", "template-apply", "cohort-slot-template"])
def test_who_may_not(world, template, name):
    """V1, V3: a reader and a form without a token change nothing."""
    address = reverse(name, args=COHORT if name.startswith("cohort") else [*ACADEMY, template.pk])
    typed = {**rows({}), "cohorts": [world.cohort.pk], "template": template.pk}
    assert browser(world.reader).post(address, typed).status_code == 404
    assert browser(world.coordinator, enforce_csrf_checks=True).post(address, typed).status_code == 403
    assert (ScheduleTemplate.objects.count(), CohortTimeSlot.objects.count()) == (1, 0)


def test_names_are_text(staff, template):
    """V2: names with HTML are shown as they are written."""
    ScheduleTemplate.objects.filter(pk=template.pk).update(name="<script>alert(1)</script>")
    Syllabus.objects.update(name="<img src=x>")
    addresses = [
        *(reverse(name, args=[*ACADEMY, template.pk]) for name in ("template", "template-remove", "template-apply")),
        reverse("templates", args=ACADEMY),
        reverse("cohort-slot-template", args=COHORT),
    ]
    for address in addresses:
        html = staff.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x>" not in html


def test_the_list_takes_no_more_statements_for_more_templates(staff, template):
    """V6: as many for many as for one."""
    address = reverse("templates", args=ACADEMY)
    with captured_queries() as few:
        staff.get(address)
    many_of_them = (ScheduleTemplate(syllabus=template.syllabus, name=f"T{n}", slots=template.slots) for n in range(20))
    ScheduleTemplate.objects.bulk_create(many_of_them)
    with captured_queries() as many:
        staff.get(address)
    assert len(many) == len(few)
