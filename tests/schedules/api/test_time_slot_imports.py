"""`POST admissions/academy/cohort/{cohort}/timeslot/import` (rule P11)."""

import datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.events.models import LiveClass
from tests.support.client import error
from tests.support.queries import captured_queries

COHORT = "/v1/admissions/academy/cohort"
HEADER = "weekday,starting_at,ending_at,timezone,starts_on,interval\n"
TWO = HEADER + "MO,14:00,16:00,,,\nTU TH,9:30,11:00,Europe/Madrid,2025-03-10,2\n"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def send(call, world):
    def send(text, *, query="", cohort="web-dev", as_=None, academy=None, **extra):
        content = text if isinstance(text, bytes) else text.encode()
        upload = SimpleUploadedFile("slots.csv", content, "text/csv")
        who = {"as_": as_ or world.admin, "academy": academy or world.miami}
        url = f"{COHORT}/{cohort}/timeslot/import{query}"
        return call("POST", url, data={"file": upload}, format="multipart", **who, **extra)

    return send


def slots():
    names = ("weekdays", "starting_at", "ending_at", "timezone", "starts_on", "interval", "recurrency_type")
    return [tuple(map(str, row)) for row in CohortTimeSlot.objects.order_by("id").values_list(*names)]


def test_it_makes_time_slots_and_their_classes(send):
    """P11: all rows; the zone of the cohort where none is given; the plan is what was built."""
    answer = send(TWO)
    assert answer.status_code == 201
    assert slots() == [
        ("['MO']", "1400", "1600", "America/New_York", "None", "1", "WEEKLY"),
        ("['TU', 'TH']", "930", "1100", "Europe/Madrid", "2025-03-10", "2", "WEEKLY"),
    ]
    rows = answer.json()["rows"]
    assert [(row["line"], row["result"], row["timezone"]) for row in rows] == [
        (2, "created", "America/New_York"),
        (3, "created", "Europe/Madrid"),
    ]
    assert [row["id"] for row in rows] == list(CohortTimeSlot.objects.order_by("id").values_list("pk", flat=True))
    coming = LiveClass.objects.filter(starting_at__gt="2025-03-03T12:00Z").count()
    assert answer.json()["plan"]["totals"]["created"] > 0
    assert coming <= answer.json()["plan"]["totals"]["created"] == LiveClass.objects.count()


def test_a_dry_run_saves_nothing(send):
    """P11, P1: the rows without ids and the plan, which is then carried out."""
    dry = send(TWO, query="?dry_run=true")
    assert dry.status_code == 200
    assert [row["id"] for row in dry.json()["rows"]] == [None, None]
    assert not CohortTimeSlot.objects.exists()
    real = send(TWO, headers={"If-Match": f'"{dry.json()["plan"]["version"]}"'})
    assert (real.status_code, real.json()["plan"]) == (201, dry.json()["plan"])


def test_the_world_has_moved_on(send, world):
    """P11, P2: 412, and nothing is saved."""
    version = send(TWO, query="?dry_run=true").json()["plan"]["version"]
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2025-05-30")
    answer = send(TWO, headers={"If-Match": f'"{version}"'})
    assert (answer.status_code, answer.json()["slug"]) == (412, "plan-outdated")
    assert not CohortTimeSlot.objects.exists()


def test_twice_is_once(send):
    """P11: what the cohort has already is named with its id, and not made again."""
    ids = [row["id"] for row in send(TWO).json()["rows"]]
    classes = LiveClass.objects.count()
    again = send(TWO + "FR,10:00,11:00,,,\n").json()["rows"]
    assert [(row["result"], row["id"]) for row in again[:2]] == [("already_there", pk) for pk in ids]
    assert again[2]["result"] == "created"
    assert CohortTimeSlot.objects.count() == 3
    assert LiveClass.objects.filter(cohort_time_slot__in=ids).count() == classes


def test_every_bad_row_is_named(send):
    """P11: with its line and all that is wrong with it; nothing is saved."""
    text = HEADER + (
        "MO,14:00,16:00,,,\n"
        "XX,25:00,9:75,Mars/Base,2025-02-30,0\n"
        "\n"
        "TU,10:00,10:00,,,\n"
        "WE,,11:00,,,\n"
        "MO,14:00,16:00,,,1\n"
        "TH,9:00,10:00,,,1,extra\n"
    )
    answer = send(text)
    assert error(answer) == (400, "validation-error")
    errors = answer.json()["errors"]
    assert list(errors) == ["line 3", "line 5", "line 6", "line 7", "line 8"]
    begins = [sentence.partition(":")[0] for sentence in errors["line 3"]]
    assert begins == ["starting_at", "ending_at", "weekday", "timezone", "starts_on", "interval"]
    assert "line 2" in errors["line 7"][0]
    assert not CohortTimeSlot.objects.exists()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "line 1"),
        (HEADER, "file"),
        ("weekday,ending_at\nMO,10:00\n", "line 1"),
        ("starting_at,colour\n9:00,red\n", "line 1"),
        (b"\xff\xfe", "line 1"),
        ("starting_at,ending_at\n" + "9:00,10:00\n" * 5002, "file"),
    ],
    ids=["empty", "header", "missing", "unknown", "encoding", "rows"],
)
def test_files_that_are_refused(send, text, key):
    """P11, H5: with a sentence about the file or its first line."""
    answer = send(text)
    assert error(answer) == (400, "validation-error")
    assert list(answer.json()["errors"]) == [key]


def test_as_spreadsheets_write_it(send):
    """P11: a byte order mark, the line `sep=;`, semicolons, upper case, 900 for 9:00."""
    assert send("\ufeffsep=;\r\nWeekday;Starting_at;Ending_at\r\nmo;900;1030\r\n").status_code == 201
    assert slots()[0][:3] == ("['MO']", "900", "1030")


def test_too_many_classes(send, world):
    """T7: refused as for a single time slot; nothing is saved."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ending_date="2095-06-30")
    text = HEADER + "".join(f"MO TU WE TH FR SA SU,{hour}:00,{hour}:30,,,\n" for hour in range(3))
    assert error(send(text)) == (400, "too-many-classes")
    assert not CohortTimeSlot.objects.exists()


def test_who_may(send, world):
    """H4: the capability to write, in the cohort's academy; a deleted cohort takes none."""
    assert error(send(TWO, as_=world.reader)) == (403, "missing-capability")
    assert error(send(TWO, cohort="data")) == (404, "not-found")
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    assert error(send(TWO)) == (404, "not-found")


def test_statements_do_not_grow(send):
    """P11: with the rows of the file and the classes built of them."""

    def statements(count, hour):
        rows = "".join(f"MO,{hour}:{minute:02},{hour + 1}:{minute:02},,,\n" for minute in range(count))
        with captured_queries() as queries:
            assert send(HEADER + rows).status_code == 201
        return len(queries)

    send("")  # signs in
    assert statements(2, 9) == statements(20, 12)
