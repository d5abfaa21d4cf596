"""Holidays as pages: each change shows its plan first; imports, make-ups, another's ids (rules G13, P1, P2, P9)."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.authenticate.models import AcademyMember
from breathecode.events.models import LiveClass
from breathecode.history.models import Change
from breathecode.jobs.models import Job
from breathecode.schedules.domain.build_jobs import MAX_COHORTS
from breathecode.schedules.tasks import build_live_classes_from_timeslot
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")
BREAK = {"name": "Spring break", "starts_on": "2025-03-12", "ends_on": "2025-03-19"}
ACADEMY, COHORT = ["downtown-miami"], ["downtown-miami", "web-dev"]
CALENDAR = b"""BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r
BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20250312\r
SUMMARY:<script>alert(1)</script>\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20250319\r
DTEND;VALUE=DATE:20250321\r\nSUMMARY:Week off\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""


@pytest.fixture
def staff(world):
    return browser(world.coordinator)


@pytest.fixture
def classes(world):
    """Every Wednesday from January to June, in New York."""
    slot = world.time_slot()
    build_live_classes_from_timeslot(timeslot_id=slot.pk)
    return LiveClass.objects.filter(cohort_time_slot=slot)


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


def hidden(answer):
    """The fields of the plan's form, with its version."""
    form = re.findall(r'<form method="post" class="actions">.*?</form>', answer.content.decode(), re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', form))


def in_two_steps(client, address, typed):
    plan = client.post(address, typed)
    assert plan.status_code == 200, plan.content.decode()
    return client.post(address, hidden(plan))


def cancelled(classes):
    return [f"{day:%m-%d}" for day in classes.exclude(cancelled_at=None).order_by("day").values_list("day", flat=True)]


def file(content, name="closed.ics"):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(("prefix", "arguments"), [("", ACADEMY), ("cohort-", COHORT)], ids=["academy", "cohort"])
def test_a_holiday_from_its_plan_to_its_end(staff, world, classes, prefix, arguments):
    """P1, P2: added, changed and removed, each time its plan first; the classes are cancelled and come back."""
    new = reverse(f"{prefix}holiday-new", args=arguments)
    plan = staff.post(new, BREAK)
    html = plan.content.decode()
    assert "Cancelled classes: 2 classes" in html
    assert "Spring break, Wed 12 Mar to Wed 19 Mar" in html
    assert (Holiday.objects.count(), cancelled(classes)) == (0, [])
    done = staff.post(new, hidden(plan))
    assert (done.status_code, done["Location"]) == (303, reverse(f"{prefix}holidays", args=arguments) + "?year=2025")
    holiday = Holiday.objects.get()
    assert holiday.cohort == (world.cohort if prefix else None)
    assert cancelled(classes) == ["03-12", "03-19"]
    edit = reverse(f"{prefix}holiday", args=[*arguments, holiday.pk])
    assert in_two_steps(staff, edit, {**BREAK, "ends_on": ""}).status_code == 303
    assert cancelled(classes) == ["03-12"]
    remove = reverse(f"{prefix}holiday-remove", args=[*arguments, holiday.pk])
    assert in_two_steps(staff, remove, {}).status_code == 303
    assert (Holiday.objects.count(), cancelled(classes)) == (0, [])


def test_the_list_of_a_year(staff, world):
    """G13: the holidays that touch the year, those of a cohort with a link to them; an empty year says what to do."""
    day = datetime.date(2025, 5, 1)
    mine = {"academy": world.miami, "ends_on": day}
    Holiday.objects.create(**mine, name="Across the years", starts_on=datetime.date(2024, 12, 30))
    Holiday.objects.create(**mine, name="<b>Trip</b>", starts_on=day, cohort=world.cohort)
    Holiday.objects.create(academy=world.madrid, name="San Isidro", starts_on=day, ends_on=day)
    html = staff.get(reverse("holidays", args=ACADEMY)).content.decode()
    assert "Across the years" in html
    assert "&lt;b&gt;Trip&lt;/b&gt;" in html
    assert '<a href="/academy/downtown-miami/cohorts/web-dev/holidays?year=2025">' in html
    assert "San Isidro" not in html
    assert (
        "There are no holidays in 2027"
        in staff.get("/academy/downtown-miami/settings/holidays?year=2027").content.decode()
    )
    assert "2025" in staff.get("/academy/downtown-miami/settings/holidays?year=' OR 1").content.decode()
    assert "Across the years" in staff.get(reverse("cohort-holidays", args=COHORT), {"year": "2024"}).content.decode()


@pytest.mark.parametrize("name", ["holidays", "cohort-holidays"])
def test_the_list_takes_no_more_statements_for_more_holidays(staff, world, name):
    """V6: 50 a page, and their number of statements stays."""
    address = reverse(name, args=ACADEMY if name == "holidays" else COHORT)
    day = datetime.date(2025, 5, 1)
    made = [Holiday(academy=world.miami, name=f"H{n}", starts_on=day, ends_on=day) for n in range(60)]
    with captured_queries() as few:
        staff.get(address)
    Holiday.objects.bulk_create(
        [*made[:59], Holiday(academy=world.miami, name="X", starts_on=day, ends_on=day, cohort=world.cohort)]
    )
    with captured_queries() as many:
        html = staff.get(address).content.decode()
    assert len(many) <= len(few) + 1  # the rows, where there are any
    assert html.count("<li>") - html.count('<li class="') <= 50
    assert "year=2025&amp;page=2" in html


def test_a_holiday_that_is_refused(staff, world):
    """V2: what was typed stays, the sentence is at its field, and nothing is saved."""
    answer = staff.post(reverse("holiday-new", args=ACADEMY), {**BREAK, "ends_on": "2025-03-01"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "The last date must not be before the first date." in html
    assert re.search(r'name="ends_on" value="2025-03-01"[^>]*autofocus', html)
    assert 'value="Spring break"' in html
    assert not Holiday.objects.exists()


def test_the_same_form_twice(staff, world, classes):
    """P2: who sends the last step twice makes one holiday."""
    new = reverse("holiday-new", args=ACADEMY)
    fields = hidden(staff.post(new, {**BREAK, "starts_on": "2025-03-13", "ends_on": "2025-03-13"}))
    assert staff.post(new, fields).status_code == 303
    again = staff.post(new, fields)
    assert again.status_code == 400
    assert "on the list already" in again.content.decode()
    assert Holiday.objects.count() == 1


def test_a_plan_that_is_outdated(staff, world, classes):
    """P2: a class that was cancelled meanwhile leads to a new plan, with nothing saved."""
    new = reverse("holiday-new", args=ACADEMY)
    fields = hidden(staff.post(new, BREAK))
    classes.filter(day=datetime.date(2025, 3, 12)).update(cancelled_at=datetime.datetime.now(datetime.UTC))
    answer = staff.post(new, fields)
    assert answer.status_code == 412
    assert "The schedule has changed since you saw the plan" in answer.content.decode()
    assert not Holiday.objects.exists()
    assert staff.post(new, hidden(answer)).status_code == 303


def test_many_cohorts(staff, world):
    """P10: what concerns many cohorts is left to a job, to whose page the form leads."""
    kickoff = {"kickoff_date": datetime.date(2025, 1, 15), "ending_date": datetime.date(2025, 6, 30)}
    made = [
        Cohort(academy=world.miami, slug=f"c{n}", name=f"C{n}", stage="STARTED", **kickoff) for n in range(MAX_COHORTS)
    ]
    slots = [
        CohortTimeSlot(cohort=c, starting_at=900, ending_at=1000, timezone="UTC")
        for c in Cohort.objects.bulk_create(made)
    ]
    for slot in CohortTimeSlot.objects.bulk_create(slots):
        build_live_classes_from_timeslot(timeslot_id=slot.pk)
    new = reverse("holiday-new", args=ACADEMY)
    plan = staff.post(new, BREAK)
    assert "C7" in plan.content.decode()  # whose class it is
    answer = staff.post(new, hidden(plan))
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/academy/downtown-miami/jobs/{job.pk}")
    assert (job.total, job.created_by) == (MAX_COHORTS + 1, world.coordinator)
    assert Holiday.objects.filter(name="Spring break").count() == 1
    assert staff.get(answer["Location"]).status_code == 200
    # Outdated, since a class is cancelled meanwhile: no second job, and no second holiday.
    first = LiveClass.objects.filter(day=datetime.date(2025, 3, 12)).earliest("pk")
    LiveClass.objects.filter(pk=first.pk).update(cancelled_at=datetime.datetime.now(datetime.UTC))
    again = staff.post(new, {**hidden(plan), "name": "Another"})
    assert again.status_code == 412
    assert (Job.objects.count(), Holiday.objects.count()) == (1, 1)


def test_public_holidays(staff, world, classes):
    """P9: country, region and year; the holidays and the plan are shown, then imported; what is closed is left out."""
    address = reverse("holiday-import", args=ACADEMY)
    first = staff.get(address).content.decode()
    assert re.search(r'<option value="US" selected>United States</option>', first)  # from the academy's zone
    assert "Madrid" in staff.get(address, {"country": "ES"}).content.decode()
    day = datetime.date(2025, 5, 1)
    Holiday.objects.create(academy=world.miami, name="Labour", starts_on=day, ends_on=day)
    typed = {"country": "ES", "subdivision": "MD", "year": "2025"}
    plan = staff.post(address, typed)
    html = plan.content.decode()
    assert "Christmas Day" in html
    assert "1 is a holiday already" in html
    assert "Cancelled classes: 1 class" not in html  # none is on a Wednesday to come
    assert Holiday.objects.count() == 1
    done = staff.post(address, hidden(plan))
    assert done["Location"] == "/academy/downtown-miami/settings/holidays?year=2025"
    assert Holiday.objects.filter(academy=world.miami).count() > 10
    assert "There is nothing to import" in staff.post(address, typed).content.decode()


def test_a_region_whose_code_is_a_name(staff, world):
    """P9: Augsburg has a holiday of its own, which Bavaria has not."""
    address = reverse("holiday-import", args=ACADEMY)
    answer = in_two_steps(staff, address, {"country": "DE", "subdivision": "Augsburg", "year": "2025"})
    assert answer.status_code == 303
    assert Holiday.objects.filter(starts_on="2025-08-08").exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"country": "ES", "subdivision": "ZZ", "year": "2025"}, "subdivision"),
        ({"country": "ES", "year": "1800"}, "year"),
        ({"country": "XX", "year": "2025"}, "country"),
    ],
)
def test_public_holidays_that_are_refused(staff, world, typed, field):
    """P9, V2: with the sentence at its field, and nothing saved."""
    answer = staff.post(reverse("holiday-import", args=ACADEMY), typed)
    assert answer.status_code == 400
    assert re.search('<ul class="errorlist"', answer.content.decode())
    assert not Holiday.objects.exists()


def test_a_calendar_file(staff, world, classes):
    """P9: read once, shown as text with its plan, then imported without choosing it again."""
    address = reverse("holiday-import", args=ACADEMY)
    plan = staff.post(address, {"file": file(CALENDAR)})
    html = plan.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert "Cancelled classes: 2 classes" in html
    assert not Holiday.objects.exists()
    assert staff.post(address, hidden(plan)).status_code == 303
    assert [h.name for h in Holiday.objects.order_by("starts_on")] == ["<script>alert(1)</script>", "Week off"]
    assert cancelled(classes) == ["03-12", "03-19"]
    assert "<script>alert" not in staff.get(reverse("holidays", args=ACADEMY)).content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a calendar file"),
        (b"\xff\xfe\x00", "not a calendar file"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 300_000, "at most 256 KiB"),
    ],
    ids=["empty", "binary", "large"],
)
def test_a_file_that_cannot_be_read(staff, world, content, sentence):
    """P9, V2: the sentence is at the field, and nothing is saved."""
    answer = staff.post(reverse("holiday-import", args=ACADEMY), {"file": file(content)})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Holiday.objects.exists()


def test_dates_of_another_academy_or_none(staff, world):
    """P9: what is sent back with the plan is signed, for this academy alone; no file is as bad."""
    there = browser(world.foreign_admin)
    signed = hidden(there.post(reverse("holiday-import", args=["madrid"]), {"file": file(CALENDAR)}))["dates"]
    address = reverse("holiday-import", args=ACADEMY)
    for sent in ({"dates": signed, "plan": "x"}, {"dates": "forged", "plan": "x"}, {}):
        answer = staff.post(address, sent)
        assert answer.status_code == 400
        assert "errorlist" in answer.content.decode()
    assert not Holiday.objects.exists()


def make_up(world):
    return reverse("cohort-holiday-makeups", args=[*COHORT, Holiday.objects.get(name="Spring break").pk])


@pytest.fixture
def closed(staff, classes):
    in_two_steps(staff, reverse("holiday-new", args=ACADEMY), BREAK)
    return list(classes.exclude(cancelled_at=None).order_by("starting_at"))


def choices(html):
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="radio"[^>]* name="(class-\d+)" value="([^"]+)"', html):
        found.setdefault(name, []).append(value)
    return found


def test_making_up_for_a_holiday(staff, world, closed):
    """P5, P9: the cohorts that it concerns, up to three moments for each class, and the chosen ones become classes."""
    holiday = Holiday.objects.get()
    listed = staff.get(reverse("holiday-makeups", args=[*ACADEMY, holiday.pk])).content.decode()
    assert "2 cancelled classes" in listed
    assert make_up(world) in listed
    offered = choices(staff.get(make_up(world)).content.decode())
    assert list(offered) == [f"class-{live_class.pk}" for live_class in closed]
    name, moments = next(iter(offered.items()))
    answer = staff.post(make_up(world), {name: moments[0]})
    assert answer.status_code == 303
    made = LiveClass.objects.get(replaces__isnull=False)
    assert (made.replaces, made.cohort, made.academy) == (closed[0], world.cohort, world.miami)
    assert f"{made.starting_at:%Y-%m-%dT%H:%M:%SZ}" == moments[0]
    assert made.ending_at - made.starting_at == closed[0].ending_at - closed[0].starting_at
    closed[0].refresh_from_db()
    assert closed[0].sequence == 2  # cancelled, and made up for (I3)
    assert list(choices(staff.get(make_up(world)).content.decode())) == [f"class-{closed[1].pk}"]


def test_what_make_up_classes_keep(staff, world, closed):
    """P5: as a single make-up class: title, link and substitute, but not one who may no longer teach."""
    left = AcademyMember.objects.create(academy=world.miami, user=world.stranger, role="teacher")
    for live_class, teacher in zip(closed, (world.staff_teacher, world.stranger), strict=True):
        link = f"https://meet.example.org/{teacher.pk}"
        fields = {"title": "Loops", "remote_meeting_url": link, "teacher": teacher}
        LiveClass.objects.filter(pk=live_class.pk).update(**fields)
    offered = choices(staff.get(make_up(world)).content.decode())
    AcademyMember.objects.filter(pk=left.pk).update(role="staff")  # without the signals: as if it came just before
    (first, one), (second, other) = offered.items()
    assert staff.post(make_up(world), {first: one[0], second: other[0]}).status_code == 303
    made = {found.replaces_id: found for found in LiveClass.objects.filter(replaces__isnull=False)}
    kept = [(made[c.pk].title, made[c.pk].remote_meeting_url, made[c.pk].teacher) for c in closed]
    assert kept == [
        ("Loops", f"https://meet.example.org/{world.staff_teacher.pk}", world.staff_teacher),
        ("Loops", f"https://meet.example.org/{world.stranger.pk}", None),
    ]


@pytest.mark.parametrize("sent", ["2025-03-08T03:00:00Z", "x", "9999-99-99T00:00:00Z", "2025-03-20T18:00:00"])
def test_a_moment_that_is_not_free(staff, world, closed, sent):
    """P5: with one that is not proposed nothing is added, the sentence is at its class, what was chosen stays."""
    offered = choices(staff.get(make_up(world)).content.decode())
    (first, _), (second, free) = offered.items()
    answer = staff.post(make_up(world), {first: sent, second: free[-1]})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "no longer free" in html
    assert re.search(rf'value="{free[-1]}" checked', html)
    assert not LiveClass.objects.filter(replaces__isnull=False).exists()


def test_making_up_twice(staff, world, closed):
    """P5: the second of two who make up for the same class is refused; nothing chosen is nothing done."""
    name, moments = next(iter(choices(staff.get(make_up(world)).content.decode()).items()))
    assert staff.post(make_up(world), {name: moments[0]}).status_code == 303
    assert staff.post(make_up(world), {name: moments[1]}).status_code == 409
    assert staff.post(make_up(world), {}).status_code == 400
    assert LiveClass.objects.filter(replaces__isnull=False).count() == 1


def test_making_up_takes_no_more_statements_for_more_classes(staff, world, closed):
    """V6: the page of proposals, and adding the classes."""
    offered = choices(staff.get(make_up(world)).content.decode())
    (first, one), (second, other) = offered.items()
    address = make_up(world)
    with captured_queries() as page:
        staff.get(address)
    assert len(page) <= 12
    with captured_queries() as few:
        assert staff.post(make_up(world), {first: one[0]}).status_code == 303
    LiveClass.objects.filter(replaces__isnull=False).delete()
    with captured_queries() as many:
        assert staff.post(make_up(world), {first: one[0], second: other[1]}).status_code == 303
    assert len(many) == len(few)


def foreign(world):
    """Addresses of another academy's holidays and cohorts, typed under the own academy."""
    day = datetime.date(2025, 5, 1)
    theirs = Holiday.objects.create(academy=world.madrid, name="San Isidro", starts_on=day, ends_on=day)
    whole = Holiday.objects.create(academy=world.miami, name="May Day", starts_on=day, ends_on=day)
    mine = Holiday.objects.create(academy=world.miami, name="Trip", starts_on=day, ends_on=day, cohort=world.cohort)
    other = Cohort.objects.create(academy=world.miami, slug="other", name="Other")
    return [
        *(reverse(name, args=[*ACADEMY, theirs.pk]) for name in ("holiday", "holiday-remove", "holiday-makeups")),
        *(
            reverse(f"cohort-{name}", args=[*COHORT, theirs.pk])
            for name in ("holiday", "holiday-remove", "holiday-makeups")
        ),
        reverse("cohort-holiday-new", args=[*ACADEMY, "data"]),
        reverse("holiday-remove", args=[*ACADEMY, mine.pk]),  # belongs to the cohort's pages
        reverse("cohort-holiday-remove", args=[*COHORT, whole.pk]),  # belongs to the academy's
        reverse("cohort-holiday-remove", args=[*ACADEMY, other.slug, mine.pk]),
        reverse("cohort-holiday-makeups", args=[*ACADEMY, other.slug, mine.pk]),
    ]


def test_what_is_not_ones_own(staff, world):
    """V1: ids of another academy or cohort, typed by hand or posted, give the 404 page, and change nothing."""
    addresses = foreign(world)
    before = list(Holiday.objects.order_by("pk").values())
    posts = {address: staff.post(address, {**BREAK, "plan": "x"}).status_code for address in addresses}
    assert set(posts.values()) == {404}, posts
    assert {staff.get(address).status_code for address in addresses} <= {404, 405}
    assert list(Holiday.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", ["holiday-remove", "holiday-new", "holiday-import", "cohort-holiday-makeups"])
def test_who_may_not(world, name):
    """V1, V3: a reader and a form without a token change nothing."""
    day = datetime.date(2025, 5, 1)
    pk = Holiday.objects.create(academy=world.miami, name="May Day", starts_on=day, ends_on=day).pk
    arguments = COHORT if name.startswith("cohort") else ACADEMY
    address = reverse(name, args=[*arguments, *([pk] if name in ("holiday-remove", "cohort-holiday-makeups") else [])])
    assert browser(world.reader).post(address, BREAK).status_code == 404
    assert browser(world.coordinator, enforce_csrf_checks=True).post(address, BREAK).status_code == 403
    assert Holiday.objects.count() == 1


def test_a_body_that_is_too_large_to_be_read(staff, world):
    """V3: the page that says so, before anything of it is read."""
    answer = staff.generic("POST", reverse("holiday-import", args=ACADEMY), b"", CONTENT_LENGTH=str(17 * 1024 * 1024))
    assert answer.status_code == 413
    assert "<h1" in answer.content.decode()


def test_taking_back_a_new_holiday_leaves_a_line(staff, world, caplog, django_capture_on_commit_callbacks):
    """O4, P8: the holiday of a cohort goes by the way back from its creation; the log says who did it, once."""
    in_two_steps(staff, reverse("cohort-holiday-new", args=COHORT), BREAK)
    holiday = Holiday.objects.get()
    change = Change.objects.get(kind="holiday", object_id=holiday.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert in_two_steps(staff, reverse("cohort-undo", args=[*COHORT, change.pk]), {}).status_code == 303
    assert not Holiday.objects.exists()
    lines = [record for record in caplog.records if record.getMessage() == "removed"]
    assert [(line.kind, line.id, line.actor_id) for line in lines] == [
        ("admissions.holiday", holiday.pk, world.coordinator.pk)
    ]


def test_a_holiday_that_others_changed(staff, world):
    """V3: a form that was opened before does not take back the dates that somebody else has saved since."""
    holiday = Holiday.objects.create(academy=world.miami, **BREAK)
    edit = reverse("holiday", args=[*ACADEMY, holiday.pk])
    seen = {"as_seen": re.findall(r'name="as_seen" value="([^"]+)"', staff.get(edit).content.decode())[0]}
    Holiday.objects.filter(pk=holiday.pk).update(ends_on="2025-03-21")
    answer = staff.post(edit, {**BREAK, "name": "Easter", **seen})
    html = answer.content.decode()
    assert answer.status_code == 412
    assert 'name="name" value="Easter"' in html
    assert re.search(r'name="ends_on" value="2025-03-21"[^>]*aria-invalid="true"', html)
    again = {"as_seen": re.findall(r'name="as_seen" value="([^"]+)"', html)[0]}
    assert in_two_steps(staff, edit, {**BREAK, "name": "Easter", "ends_on": "2025-03-21", **again}).status_code == 303
    holiday.refresh_from_db()
    assert (holiday.name, str(holiday.ends_on)) == ("Easter", "2025-03-21")
