"""People from a CSV file."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from breathecode.admissions.domain.people_file import read_people
from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import Token, User
from breathecode.notify.models import OutgoingMail
from tests.support.client import Call, error
from tests.support.queries import captured_queries


def send(call, world, content, *, as_=None, cohort="web-dev", query="", **fields):
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("people.csv", raw, "text/csv")
    url = f"/v1/admissions/academy/cohort/{cohort}/user/import{query}"
    who = {"as_": as_ or world.coordinator, "academy": world.miami}
    return call("POST", url, **who, data={"file": file, **fields}, format="multipart")


def errors_of(response):
    assert error(response) == (400, "validation-error")
    return response.json()["errors"]


def counts():
    return User.objects.count(), CohortUser.objects.count(), Token.objects.count(), OutgoingMail.objects.count()


FILE = """email,first_name,last_name,role
ana@example.org,Ana,Ruiz,STUDENT
Student@Example.org,,,
teacher@example.org,Other,Name,assistant
"""


def test_a_file_is_taken_as_a_whole(call, world):
    """U4: new people are made, enrolled and invited; known ones keep their names, roles are added, nothing doubles."""
    response = send(call, world, FILE)
    assert response.status_code == 201
    ana = User.objects.get(email="ana@example.org")
    assert response.json() == {
        "dry_run": False,
        "created": 2,
        "invited": 1,
        "already_members": 1,
        "rows": [
            {
                "line": 2,
                "email": "ana@example.org",
                "role": "STUDENT",
                "user_id": ana.pk,
                "result": "created",
                "invited": True,
            },
            {
                "line": 3,
                "email": "student@example.org",
                "role": "STUDENT",
                "user_id": world.student.pk,
                "result": "already_member",
                "invited": False,
            },
            {
                "line": 4,
                "email": "teacher@example.org",
                "role": "ASSISTANT",
                "user_id": world.teacher.pk,
                "result": "created",
                "invited": False,
            },
        ],
    }
    assert (ana.first_name, ana.last_name, ana.has_usable_password()) == ("Ana", "Ruiz", False)
    assert sorted(world.cohort.members.filter(user=world.teacher).values_list("role", flat=True)) == [
        "ASSISTANT",
        "TEACHER",
    ]
    world.teacher.refresh_from_db()
    assert world.teacher.first_name == ""
    assert [message.to for message in mail.outbox] == [["ana@example.org"]]


def test_the_same_file_again_does_nothing(call, world):
    """U4: everybody is a member already, and nobody is sent a second mail that day."""
    send(call, world, FILE)
    before = counts()
    again = send(call, world, FILE).json()
    assert (again["created"], again["invited"], again["already_members"]) == (0, 0, 3)
    assert counts() == before
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("how", [{"query": "?dry_run=true"}, {"dry_run": "true"}])
def test_a_preview_writes_nothing(call, world, how):
    """U4: dry_run, as a parameter or a form field, answers what would happen."""
    call.key(world.coordinator)
    before = counts()
    preview = send(call, world, FILE, **how)
    assert (preview.status_code, counts()) == (200, before)
    wanted = send(call, world, FILE).json()
    rows = [{**row, "user_id": None} if row["email"] == "ana@example.org" else row for row in wanted["rows"]]
    assert preview.json() == {**wanted, "dry_run": True, "rows": rows}


def test_one_bad_row_keeps_all_out(call, world):
    """U4: every bad row is named with its line as an editor shows it; nothing is written, nobody is mailed."""
    call.key(world.coordinator)
    before = counts()
    content = (
        "email,first_name,role\n"
        'good@example.org,"two\nlines",\n'
        "\n"
        "nobody,,\n"
        ",Ana,BOSS\n"
        "GOOD@example.org,,\n"
        "x@example.org,a,STUDENT,more\n"
        f"y@example.org,{'n' * 151},\n"
    )
    assert errors_of(send(call, world, content)) == {
        "line 5": ["nobody is not a valid e-mail address."],
        "line 6": [
            "The e-mail address is missing.",
            "BOSS is not a valid role. Valid roles are: STUDENT, TEACHER, ASSISTANT, REVIEWER.",
        ],
        "line 7": ["good@example.org is already on line 2."],
        "line 8": ["This row has more values than columns."],
        "line 9": ["first_name is too long."],
    }
    assert counts() == before
    assert mail.outbox == []


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffemail,first_name\nana@example.org,Ána\n",
        "email;first_name\r\nana@example.org;Ána\r\n",
        "first_name\temail\nÁna\tana@example.org",
        ' Email , FIRST_NAME \n" ana@example.org ",Ána\n',
        "\n\nemail,first_name\n\nana@example.org,Ána\n\n",
        "email,first_name\rana@example.org,Ána\r",
    ],
)
def test_what_spreadsheets_write(call, world, content):
    """U4: a byte order mark, semicolons, tabs, all kinds of line ends, blank lines, headers in any case and order."""
    assert send(call, world, content).status_code == 201
    assert User.objects.get(email="ana@example.org").first_name == "Ána"


@pytest.mark.parametrize(
    ("content", "key", "sentence"),
    [
        ("", "line 1", "The first line must contain the column names, including email."),
        ("email\n", "file", "The file contains no users."),
        ("first_name\nAna\n", "line 1", "The first line must contain the column names, including email."),
        ("\nemail,age\na@example.org,7\n", "line 2", "Unknown column “age”. Valid columns are: email, first_name,"),
        ("email,email\na@b.org,c@d.org\n", "line 1", "A column name appears more than once."),
        (b"email,first_name\na@b.org,Jos\n" + b"b@b.org,Jos\xe9\n", "line 3", "The file is not encoded as UTF-8."),
        ("email\na@b.org\nb\x00@b.org\n", "line 3", "The file contains null characters"),
        ('email\na@b.org\n"b@b.org\nc@b.org\n', "line 3", "This row could not be parsed: unexpected end of data."),
        ("email\n" + "".join(f"p{n}@example.org\n" for n in range(5001)), "file", "The file has more than 5000 rows."),
    ],
)
def test_what_cannot_be_read(call, world, content, key, sentence):
    """U4: a header, an encoding or a quoting that does not hold is named with its line."""
    found = errors_of(send(call, world, content))
    assert list(found) == [key]
    assert found[key][0].startswith(sentence)


def test_too_large_a_file(call, world):
    """U4, H3: over 1 MiB is refused, also before it is read."""
    row = "email\n" + "x" * 1024 * 1024
    assert error(send(call, world, row)) == (413, "payload-too-large")
    assert error(send(call, world, row * 3)) == (413, "payload-too-large")


def test_the_form(call, world):
    """H3, H7: no file, a text for a file, a wrong dry_run, an unknown field or parameter, JSON: errors, not crashes."""
    url = "/v1/admissions/academy/cohort/web-dev/user/import"
    who = {"as_": world.coordinator, "academy": world.miami}
    for data in ({}, {"file": "email"}):
        response = call("POST", url, **who, data=data, format="multipart")
        assert list(errors_of(response)) == ["file"]
    assert error(call.raw("POST", url, b"x", "multipart/form-data", **who)) == (400, "validation-error")
    assert list(errors_of(send(call, world, FILE, dry_run="maybe"))) == ["dry_run"]
    assert error(send(call, world, FILE, query="?dry_run=maybe")) == (400, "invalid-parameter")
    assert error(send(call, world, FILE, query="?dryrun=true")) == (400, "unknown-parameter")
    assert error(send(call, world, FILE, mode="fast")) == (400, "unknown-field")
    assert error(call("POST", url, **who, body={"file": "x"})) == (415, "unsupported-media-type")


def test_who_may_import(call, world):
    """U4, U3, H4: crud_cohort, and a cohort of the academy that is not deleted."""
    for person in (world.staff_teacher, world.reader):
        assert error(send(call, world, FILE, as_=person)) == (403, "missing-capability")
    assert error(send(call, world, FILE, as_=world.student)) == (403, "not-academy-member")
    assert error(send(call, world, FILE, cohort="data")) == (404, "not-found")
    assert error(send(call, world, FILE, cohort=world.other_cohort.pk)) == (404, "not-found")
    world.cohort.stage = "DELETED"
    world.cohort.save()
    assert error(send(call, world, FILE)) == (404, "not-found")
    assert send(call, world, FILE, as_=world.superuser, cohort="web-dev").status_code == 404


def test_statements_do_not_grow_with_the_rows(call, world):
    """U4: as many statements for three hundred people as for one (mails are sent by the queue, not by the request)."""
    call.key(world.coordinator)
    taken = []
    for name, people in (("a", 1), ("b", 300)):
        content = "email\n" + "".join(f"{name}{n}@example.org\n" for n in range(people))
        url = "/v1/admissions/academy/cohort/web-dev/user/import"
        file = SimpleUploadedFile("people.csv", content.encode())
        headers = call.headers(world.coordinator, world.miami)
        with captured_queries() as queries:
            assert call.client.post(url, {"file": file}, format="multipart", headers=headers).status_code == 201
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert taken[0] <= 24  # with the history of enrolments (rule A5)


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once(world):
    """U4: one person is made, enrolled and mailed once, whoever comes first."""
    content = "email\n" + "".join(f"p{n}@example.org\n" for n in range(50))
    gate = threading.Barrier(2)

    def upload(_number):
        try:
            gate.wait()
            return send(Call(), world, content).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(upload, range(2))) == [201, 201]
    assert User.objects.filter(email__startswith="p").count() == 50
    assert world.cohort.members.filter(user__email__startswith="p").count() == 50
    assert OutgoingMail.objects.filter(template="invitation").count() == 50


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nemail;first_name\r\nann@example.org;Ann\r\n",
        "\ufeffsep=;\nemail;first_name\nann@example.org;Ann\n",
        "email;first_name;;\r\nann@example.org;Ann;;\r\n",
        "email,first_name\rann@example.org,Ann\r",
    ],
)
def test_what_excel_adds(text):
    """U4: a first line `sep=;`, empty columns and cells at the end, line ends of any kind."""
    (row,) = read_people(text.encode())
    assert (row.email, row.first_name) == ("ann@example.org", "Ann")
