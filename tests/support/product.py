"""The product as its users run it: real processes, a database and a broker of their own, HTTP from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.support.processes import ROOT

SECRET = "only-for-servers-that-a-test-starts-and-stops-again-0123456789"


class Product:
    """A migrated database with one academy, one cohort and an admin; `env` is what all its processes share.

    `root` is the folder of the code that `python()` runs: this one, or that of a former release.
    """

    root = ROOT

    def __init__(self, database_url: str, **env: str) -> None:
        self.database_url = database_url
        self.env = {"SECRET_KEY": SECRET, "DATABASE_URL": database_url, **env}
        self.token, self.academy, self.cohort = "", 0, 0

    @classmethod
    def new(cls, database_url: str, *, root: Path = ROOT) -> Product:
        product = cls(database_url)
        product.root = root
        product.manage("migrate")
        made = json.loads(product.python(SET_UP).stdout)
        product.token, product.academy, product.cohort = made["token"], made["academy"], made["cohort"]
        return product

    def copy(self, database_url: str, **env: str) -> Product:
        """The same people and ids on a database that somebody copied."""
        other = Product(database_url, **env)
        other.token, other.academy, other.cohort = self.token, self.academy, self.cohort
        return other

    def manage(self, *command: str) -> None:
        """Runs a command of manage.py without its messages."""
        arguments = ", ".join(map(repr, command))
        self.python(f"from django.core.management import call_command; call_command({arguments}, verbosity=0)")

    def python(self, source: str, *, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs a program beside the product's others, as in `manage.py shell`."""
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "breathecode.settings.base", "CELERY_BROKER_URL": "", **self.env}
        command = [sys.executable, "-c", "import django; django.setup()\n" + source]
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == code, done.stderr
        return done

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query says, without Django and its half second."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.cursor().execute(sql).fetchall()

    def classes_by_slot(self) -> list[int]:
        sql = (
            "SELECT count(c.id) FROM admissions_cohorttimeslot s"
            " LEFT JOIN events_liveclass c ON c.cohort_time_slot_id = s.id GROUP BY s.id"
        )
        return [int(count) for (count,) in self.rows(sql)]

    def add_unbuilt_slots(self, count: int) -> None:
        """Slots whose messages were all lost."""
        self.python(f"count = {count}\n" + MANY_SLOTS)

    def call(self, base: str, method: str, path: str, body: Any = None) -> tuple[int, Any, float]:
        """Status, answer and seconds of one request as the admin."""
        headers = {
            "Authorization": f"Token {self.token}", "Academy": str(self.academy), "Content-Type": "application/json",
        }  # fmt: skip
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(base + path, data=data, headers=headers, method=method)
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            with error:
                content, status = error.read(), error.code
        return status, json.loads(content or b"null"), time.monotonic() - began

    def add_slot(self, base: str, **fields: Any) -> tuple[int, Any, float]:
        body = {"starting_at": 1400, "ending_at": 1600, "recurrency_type": "DAILY", **fields}
        return self.call(base, "POST", f"/v1/admissions/academy/cohort/{self.cohort}/timeslot", body)


def until(condition: Callable[[], bool], *, seconds: float) -> float:
    """Waits until it is true; returns after how many seconds. Fails where it takes longer than `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not so within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


MANY_SLOTS = """
from breathecode.admissions.models import Cohort, CohortTimeSlot
CohortTimeSlot.objects.bulk_create(
    CohortTimeSlot(
        cohort=Cohort.objects.earliest("pk"), starting_at=1400, ending_at=1600, recurrency_type="DAILY", timezone="UTC"
    )
    for _ in range(count)
)
"""
# 51 days of classes, all to come from tomorrow on.
SET_UP = """
import datetime, json
from django.utils import timezone
from breathecode.admissions.models import Cohort
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import Academy, AcademyMember, User
academy = Academy.objects.create(slug="miami", name="Miami", timezone="America/New_York")
admin = User.objects.create_user("admin@example.org", "pass-word-9")
AcademyMember.objects.create(academy=academy, user=admin, role="admin")
today = timezone.now().date()
cohort = Cohort.objects.create(
    academy=academy, slug="web-dev", name="Web", stage="STARTED", online_meeting_url="https://zoom.us/j/1",
    kickoff_date=today + datetime.timedelta(days=2), ending_date=today + datetime.timedelta(days=52),
)
print(json.dumps({"token": sign_in(user=admin)[0], "academy": academy.pk, "cohort": cohort.pk}))
"""
CLASSES = 51
