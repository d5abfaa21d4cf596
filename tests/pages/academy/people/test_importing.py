"""A file of people: preview, errors by line, import, and what is sent to break it (rules U4, P10, V2, V3)."""

import gzip
import random
import re

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from breathecode.admissions.domain.import_jobs import MAX_ROWS_IN_A_REQUEST
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.common import queue
from breathecode.common.csv_files import MAX_ROWS
from breathecode.common.http.bridge import MAX_BYTES as MAX_BODY_BYTES
from breathecode.jobs.models import Job
from breathecode.jobs.tasks import run_job
from breathecode.notify.models import OutgoingMail
from breathecode.pages import uploads
from breathecode.pages.academy.people import importing
from tests.support.queries import captured_queries
from tests.support.threads import together

IMPORT = "/academy/downtown-miami/people/import"
PEOPLE = "\n".join(["email,first_name,last_name,role", *(f"p{n}@example.org,Pia {n},Ruiz,student" for n in range(40))])


def browser(person, **options):
    client = Client(headers={"Accept": "text/html"}, **options)
    client.force_login(person)
    return client


@pytest.fixture
def staff(world):
    return browser(world.coordinator)


def upload(client, content, *, cohort="web-dev"):
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(IMPORT, {"cohort": cohort, "file": SimpleUploadedFile("people.csv", raw, "text/csv")})


def carried(answer):
    fields = dict(re.findall(r'<input type="hidden" name="(cohort|rows)" value="([^"]+)"', answer.content.decode()))
    assert set(fields) == {"cohort", "rows"}, answer.content.decode()
    return fields


def enrolled():
    return set(CohortUser.objects.filter(cohort__slug="web-dev").values_list("user__email", flat=True))


def lines(answer):
    """The table of errors: the sentences by line."""
    found = re.findall(r'<tr><th scope="row">(\d+)</th><td>(.*?)</td></tr>', answer.content.decode(), re.DOTALL)
    return {int(number): sentences for number, sentences in found}


def test_a_preview_and_the_import(staff, world):
    """U4: the preview says by line what would happen and saves nothing; its button does it, and invites."""
    before = enrolled()
    preview = upload(staff, f"{PEOPLE}\nstudent@example.org,,,STUDENT\n")
    html = preview.content.decode()
    assert (preview.status_code, enrolled()) == (200, before)
    assert "Import 41 people into Web Development?" in html
    assert "40 people are added to the cohort." in html
    assert "40 people are invited." in html
    assert "1 person is in the cohort already" in html
    rows = re.findall(r'<tr>\s*<td class="number">(\d+)</td>.*?</tr>', html, re.DOTALL)
    assert rows == [str(line) for line in range(2, 43)]
    assert html.count("is there already") == 1
    done = staff.post(IMPORT, carried(preview))
    assert (done.status_code, done["Location"]) == (303, "/academy/downtown-miami/people?cohort=web-dev")
    assert enrolled() - before == {f"p{n}@example.org" for n in range(40)}
    assert OutgoingMail.objects.filter(template="invitation").count() == 40
    after = staff.get(done["Location"]).content.decode()
    assert "40 people added to Web Development. 1 person was there already." in after
    assert after.count("not accepted yet") == 40


def test_a_line_that_is_wrong(staff, world):
    """U4: all lines with errors are named in one answer, nothing is saved, and the cohort stays chosen."""
    before = User.objects.count()
    answer = upload(staff, "email,role\na@example.org,\nnobody,\nb@example.org,king\na@example.org,teacher\n")
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "3 lines cannot be imported." in html
    assert lines(answer).keys() == {3, 4, 5}
    assert "nobody is not a valid e-mail address." in lines(answer)[3]
    assert "KING is not a valid role" in lines(answer)[4]
    assert "a@example.org is already on line 2." in lines(answer)[5]
    assert '<option value="web-dev" selected>' in html
    assert User.objects.count() == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The first line must contain the column names"),
        (b"email\n", "The file contains no users."),
        ("email,first_name\na@example.org,José".encode("latin-1"), "The file is not encoded as UTF-8."),
        ("email\na@example.org".encode("utf-16"), "The file is not encoded as UTF-8."),
        (b"PK\x03\x04\x14\x00\x06\x00", "The file contains null characters."),
        (b"name\nAna\n", "Unknown column “name”."),
        (b"email\n" + b"x@example.org\n" * 5_001, "more than 5000 rows"),
        (b"email\n" + b"x" * (1024 * 1024), "The file is larger than 1 MB."),
        (b'email\n"a@example.org\n', "This row could not be parsed"),
    ],
)
def test_files_that_are_none(staff, world, content, sentence):
    """U4: each is refused with a sentence that says what to do, and nothing is saved."""
    before = User.objects.count()
    answer = upload(staff, content)
    assert answer.status_code in (400, 413)
    assert sentence in answer.content.decode()
    assert User.objects.count() == before


def test_what_spreadsheets_write(staff, world):
    """U4: a byte order mark, `sep=;`, semicolons, empty columns, any line end and capitals are read."""
    preview = upload(staff, '\ufeffsep=;\r\nEmail;First_Name;;\r\nANA@example.org;"Ana; Maria";;\r\n;;;\r\n')
    html = preview.content.decode()
    assert "Import 1 person into Web Development?" in html
    assert "Ana; Maria" in html
    staff.post(IMPORT, carried(preview))
    assert User.objects.get(email="ana@example.org").first_name == "Ana; Maria"


def test_no_file_and_no_cohort(staff, world):
    """V2: refused at the field; another academy's or a deleted cohort is none."""
    answer = staff.post(IMPORT, {"cohort": "web-dev"})
    assert answer.status_code == 400
    assert "Choose a file." in answer.content.decode()
    Cohort.objects.create(academy=world.miami, slug="gone", name="Gone", stage="DELETED")
    for cohort in ("data", "gone", "", "no-such"):
        answer = upload(staff, PEOPLE, cohort=cohort)
        assert answer.status_code == 400
        assert re.search(r'<select name="cohort"[^>]*aria-invalid="true"', answer.content.decode())
    assert not User.objects.filter(email="p1@example.org").exists()


def test_html_and_formulas(staff, world, call, make_class):
    """U4, A5: are text on every page, and harmless in the file that is downloaded later."""
    evil = '=HYPERLINK(""https://evil.example"")'
    preview = upload(staff, f'email,first_name,last_name\nx@example.org,<script>alert(1)</script>,"{evil}"\n')
    assert "<script>alert" not in preview.content.decode()
    assert "&lt;script&gt;alert(1)" in preview.content.decode()
    done = staff.post(IMPORT, carried(preview))
    for address in (done["Location"], "/academy/downtown-miami/cohorts/web-dev/people"):
        assert "<script>alert" not in staff.get(address).content.decode()
    assert User.objects.get(email="x@example.org").last_name == '=HYPERLINK("https://evil.example")'
    held = make_class(start=-5, started_at=timezone.now(), ended_at=timezone.now())
    user, now = User.objects.get(email="x@example.org"), timezone.now()
    User.objects.filter(pk=user.pk).update(first_name="")
    Attendance.objects.create(live_class=held, user=user, status="PRESENT", source="STAFF", recorded_at=now)
    who = {"as_": world.coordinator, "academy": world.miami}
    file = call("GET", "/v1/admissions/academy/cohort/web-dev/attendance.csv", **who)
    assert "'=HYPERLINK" in b"".join(file.streaming_content).decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda rows, world: rows[:-2] + ("AA" if rows[-2:] != "AA" else "BB"),
        lambda rows, world: "",
        lambda rows, world: "\x00",
        lambda rows, world: uploads.sign([], salt="another"),
        lambda rows, world: uploads.sign([], salt=importing.salt_of(world.admin.pk, world.cohort.pk)),
        lambda rows, world: uploads.sign([], salt=importing.salt_of(world.coordinator.pk, 0)),
        lambda rows, world: signing.dumps(
            [[2, "z@example.org", "", "", "STUDENT"]],
            salt=importing.salt_of(world.coordinator.pk, world.cohort.pk),
            compress=True,
        ),
    ],
    ids=["changed", "empty", "null", "other-form", "other-person", "other-cohort", "other-version"],
)
def test_rows_that_were_not_previewed(staff, world, change):
    """U4: what is imported is what this person was shown for this cohort; anything else is refused with a sentence."""
    before = enrolled()
    fields = carried(upload(staff, PEOPLE))
    answer = staff.post(IMPORT, {**fields, "rows": change(fields["rows"], world)})
    assert answer.status_code == 400
    assert "This preview can no longer be imported. Choose the file again." in answer.content.decode()
    assert enrolled() == before


def test_a_preview_of_yesterday(staff, world, monkeypatch):
    """U4: is refused, so that a page that was left open keeps no addresses for good."""
    fields = carried(upload(staff, PEOPLE))
    monkeypatch.setattr(uploads, "SECONDS", -1)
    assert staff.post(IMPORT, fields).status_code == 400
    assert "p1@example.org" not in enrolled()


def test_the_same_import_twice(staff, world):
    """U4: the second adds and mails nothing."""
    fields = carried(upload(staff, PEOPLE))
    staff.post(IMPORT, fields)
    again = staff.post(IMPORT, fields, follow=True)
    assert "40 people were there already." in again.content.decode()
    assert OutgoingMail.objects.filter(template="invitation").count() == 40


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once(world):
    """U4: each person is made, enrolled and invited once."""
    first, second = browser(world.coordinator), browser(world.admin)
    forms = [carried(upload(client, PEOPLE)) for client in (first, second)]
    answers = together(lambda: first.post(IMPORT, forms[0]), lambda: second.post(IMPORT, forms[1]))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert User.objects.filter(email__startswith="p", first_name__startswith="Pia").count() == 40
    assert CohortUser.objects.filter(user__first_name__startswith="Pia").count() == 40
    assert OutgoingMail.objects.filter(template="invitation").count() == 40


def test_many_people(staff, world, monkeypatch):
    """P10, V6: 1,001 are a job, whose page follows; the preview stays small, and its statements do not grow."""
    monkeypatch.setattr(queue, "enqueue", lambda *args, **kwargs: True)  # as with a broker: the message waits
    with captured_queries() as few:
        upload(staff, PEOPLE)
    count = MAX_ROWS_IN_A_REQUEST + 1
    people = [f"m{n}.ruiz{n * 7919 % 10_007}@example.org,Maria {n},Ruiz" for n in range(count)]
    with captured_queries() as many:
        preview = upload(staff, "\n".join(["email,first_name,last_name", *people]))
    html = preview.content.decode()
    assert len(few) == len(many) <= 12
    assert len(gzip.compress(preview.content)) < 60 * 1024
    assert "This takes a while" in html
    assert f"and {count - importing.MAX_SHOWN} more" in html
    started = staff.post(IMPORT, carried(preview))
    job = Job.objects.get()
    assert (started.status_code, started["Location"]) == (303, f"/academy/downtown-miami/jobs/{job.pk}")
    assert "0 of 1001 people" in staff.get(started["Location"]).content.decode()
    assert "0 of 1001 people" in staff.get("/academy/downtown-miami/people").content.decode()
    run_job(job_id=job.pk)
    assert "1001 people added to the cohort." in staff.get(started["Location"]).content.decode()
    assert Job.objects.get().arguments == {}


def ordinary_people(count):
    """Lines of a file: no two addresses are alike, names and mail services come again."""
    dice = random.Random(1)
    first = ["Maria", "Jose", "Ana", "Luis", "Carmen", "Juan", "Laura", "Carlos", "Marta", "Pedro"]
    last = ["Ruiz", "Diaz", "Gil", "Mora", "Sanz", "Vega", "Leon", "Rojas", "Soto", "Cruz"]
    for number in dice.sample(range(10_000), count):
        name, family, service = dice.choice(first), dice.choice(last), dice.choice(["gmail", "outlook", "yahoo"])
        yield f"{name.lower()}.{family.lower()}{number}@{service}.com,{name},{family}"


def test_a_preview_of_as_many_as_a_file_may_hold(staff, world):
    """V6: 5,000 people with ordinary names; the page has the first 50 of them, and their import all."""
    people = list(ordinary_people(MAX_ROWS))
    preview = upload(staff, "\n".join(["email,first_name,last_name", *people]))
    html = preview.content.decode()
    assert len(gzip.compress(preview.content)) < 60 * 1024
    assert (html.count('<td class="number">'), f"and {MAX_ROWS - 50} more" in html) == (50, True)
    salt = importing.salt_of(world.coordinator.pk, world.cohort.pk)
    rows = uploads.unsign(carried(preview)["rows"], salt=salt)
    assert [f"{email},{name},{family}" for _line, email, name, family, _role in rows] == people
    assert [line for line, *_values in rows] == list(range(2, MAX_ROWS + 2))


def test_who_may_import(world):
    """V1: who may write cohorts; for the others, and below another academy, it is the 404 page."""
    for person in ("student", "teacher", "staff_teacher", "reader", "foreign_admin"):
        assert upload(browser(getattr(world, person)), PEOPLE).status_code == 404
    assert not User.objects.filter(email="p1@example.org").exists()


def test_another_sites_form(world):
    """V3: without a token, a file and a preview are both refused, though the view looks at the size first."""
    fields = carried(upload(browser(world.coordinator), PEOPLE))
    client = browser(world.coordinator, enforce_csrf_checks=True)
    assert upload(client, PEOPLE).status_code == 403
    assert client.post(IMPORT, fields).status_code == 403
    assert "p1@example.org" not in enrolled()


def test_a_body_that_is_not_read(staff, world):
    """U4: a body of many megabytes is refused by its length alone."""

    class Unread:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    length = {"CONTENT_LENGTH": str(MAX_BODY_BYTES + 1), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    answer = staff.generic("POST", IMPORT, **length, **{"wsgi.input": Unread()})
    assert answer.status_code == 413
