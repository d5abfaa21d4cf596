"""Which zone data is read, and what becomes of classes when its rules change (rule G16).

The expected instants are written out, from the text of the IANA rules, and not computed with `zoneinfo`: whatever data
a test computes with, it would be the product's own.
"""

import datetime
import os
import shutil
import subprocess
import sys
import zoneinfo
from pathlib import Path

import pytest
import tzdata

from breathecode.common.i18n import zone_data
from tests.support.processes import ROOT

pytestmark = pytest.mark.any_database

PACKAGE = Path(tzdata.__file__).parent / "zoneinfo"
NINE = datetime.datetime(2027, 1, 11, 9)  # a Monday
# British Columbia and Alberta stay at -07 and -06 from 2026 on: "-7 - MST" and "-6 - CST" without rules.
INSTANTS = {
    "America/Vancouver": "2027-01-11T16:00:00Z",
    "America/Edmonton": "2027-01-11T15:00:00Z",
    "America/New_York": "2027-01-11T14:00:00Z",
    "Europe/Madrid": "2027-01-11T08:00:00Z",
}


def test_the_newest_rules_that_are_installed(call, world):
    """G16: nine o'clock on 11 January 2027, as the API says it."""
    world.cohort.ending_date = datetime.date(2027, 6, 30)
    world.cohort.save()
    for zone, instant in INSTANTS.items():
        body = {"starting_at": 900, "ending_at": 1000, "timezone": zone, "starts_on": "2027-01-11", "recurrent": False}
        url = "/v1/admissions/academy/cohort/web-dev/timeslot/preview"
        answer = call("POST", url, as_=world.admin, academy=world.miami, body=body).json()
        assert [row["starting_at"] for row in answer["occurrences"]] == [instant], zone


def zone_folder(path: Path, *, version: str, new_york: str, file: str = "tzdata.zi") -> Path:
    """A system's zone folder in which New York has the rules of the zone `new_york`."""
    shutil.copytree(PACKAGE, path)
    (path / file).write_text(f"# version {version}\n# This zic input file is in the public domain.\n")
    shutil.copy(PACKAGE / new_york, path / "America" / "New_York")
    return path


@pytest.mark.parametrize(
    ("version", "file", "expected"),
    [
        ("2020a", "tzdata.zi", tzdata.IANA_VERSION),
        (tzdata.IANA_VERSION, "tzdata.zi", tzdata.IANA_VERSION),
        ("2099b", "tzdata.zi", "2099b"),
        ("2099b", "+VERSION", "2099b"),
        ("unknown", "tzdata.zi", tzdata.IANA_VERSION),
    ],
)
def test_system_or_package(tmp_path, version, file, expected):
    """G16: whichever is newer is read, in a process of its own; with equal versions, and without one, the package."""
    folder = zone_folder(tmp_path / "zones", version=version, new_york="Asia/Tokyo", file=file)
    if file == "+VERSION":
        (folder / "tzdata.zi").unlink()
    offset = product(folder, "from zoneinfo import ZoneInfo; import datetime; from django.conf import settings; print("
        "settings.TIME_ZONE_DATA_VERSION, "
        "datetime.datetime(2027, 1, 11, tzinfo=ZoneInfo('America/New_York')).utcoffset())"
    )  # fmt: skip
    assert offset.split(maxsplit=1) == [expected, "9:00:00" if expected == "2099b" else "-1 day, 19:00:00"]


def product(folder: Path, code: str, **environment: str) -> str:
    """What this code prints in a process of the product, with `folder` as the system's zone data."""
    settings = {"DJANGO_SETTINGS_MODULE": "breathecode.settings.test", "PYTHONTZPATH": str(folder)}
    setup = "import django; django.setup(); "
    done = subprocess.run(
        [sys.executable, "-c", setup + code],
        cwd=ROOT,
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_folder_at_all(monkeypatch):
    """G16: a container without zone data has the package's."""
    monkeypatch.setattr(zoneinfo, "TZPATH", ("/nowhere",))
    assert zone_data.system_version() == ""


MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.authenticate.models import Academy
academy = Academy.objects.create(slug="a", name="A", timezone="America/New_York")
cohort = Cohort.objects.create(
    academy=academy, slug="c", name="C", stage="STARTED", kickoff_date="2100-01-04", ending_date="2100-01-10"
)
CohortTimeSlot.objects.create(cohort=cohort, starting_at=900, ending_at=1000)
"""
SWEEP = """
from breathecode.events.tasks import build_due_live_classes
from breathecode.events.models import LiveClass
due = build_due_live_classes()
row = LiveClass.objects.get()
print(due, row.pk, row.sequence, row.starting_at.isoformat())
"""


def test_new_rules_move_the_coming_classes(tmp_path):
    """G16, G6: the sweep of a process with newer data moves them in place; one with older data builds nothing back."""
    old = zone_folder(tmp_path / "old", version="2099a", new_york="Asia/Tokyo")
    new = zone_folder(tmp_path / "new", version="2099b", new_york="Asia/Kolkata")
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}", "LOG_LEVEL": "ERROR"}
    assert product(old, MAKE + SWEEP, **database) == "0 1 0 2100-01-04T00:00:00+00:00"
    assert product(old, SWEEP, **database) == "0 1 0 2100-01-04T00:00:00+00:00"
    assert product(new, SWEEP, **database) == "1 1 1 2100-01-04T03:30:00+00:00"
    assert product(new, SWEEP, **database) == "0 1 1 2100-01-04T03:30:00+00:00"
    assert product(old, SWEEP, **database) == "0 1 1 2100-01-04T03:30:00+00:00"
