"""Backup and restore by the very steps of docs/operations.md, while people write."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from tests.support.daily_use import LIVE_CLASSES, DailyUse
from tests.support.postgres import postgres_server, programs
from tests.support.processes import ROOT
from tests.support.product import CLASSES, SECRET, Product, until
from tests.support.servers import web_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
SECTION = OPERATIONS.partition("\n## Backup\n")[2].partition("\n## ")[0]
STEPS = dict(
    zip(
        ("postgresql backup", "postgresql restore", "sqlite backup", "sqlite restore"),
        re.findall(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL),
        strict=True,
    )
)
VERSION = "SELECT classes_version FROM admissions_cohort"
# What a machine of its own has, and a test has not: the program's user, the one of PostgreSQL, and systemd.
STAND_INS = {
    "systemctl": 'echo "$*" >>systemctl.log',
    "systemd-run": f'while [ "$1" != manage.py ]; do shift; done\ncd {ROOT} && exec {sys.executable} "$@"',
    "su": 'exec sh -c "$3"',
}


class Installation:
    """A folder like /srv/live-classes, its settings, and a product on its database."""

    def __init__(self, folder, url, **env):
        self.folder, self.env = folder, env
        (folder / "live-classes.env").write_text(f"DATABASE_URL={url}\n")
        (folder / "deploy").symlink_to(ROOT / "deploy")
        self.program("bin", STAND_INS)
        self.program(".venv/bin", {"python": f'exec {sys.executable} "$@"'})
        (folder / "var").mkdir(exist_ok=True)
        (folder / "var" / "secret_key").write_text(SECRET)
        self.product = Product.new(url)
        self.product.env |= env

    def program(self, path, sources):
        (self.folder / path).mkdir(parents=True)
        for name, source in sources.items():
            file = self.folder / path / name
            file.write_text(f"#!/bin/sh\n{source}\n")
            file.chmod(0o755)

    def run(self, name):
        """Carries out steps of the document, here."""
        steps = STEPS[f"{connection.vendor} {name}"]
        steps = steps.replace("/srv/live-classes", ".").replace("/etc/live-classes.env", "live-classes.env")
        server = urlsplit(self.product.database_url)
        env = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{programs()}:{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
            **self.product.env,
            **({"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres"} if server.port else {}),
        }
        done = subprocess.run(
            ["sh", "-eu", "-c", steps], cwd=self.folder, env=env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def installation(tmp_path, request):
    if connection.vendor == "sqlite":
        (tmp_path / "var").mkdir()
        yield Installation(tmp_path, f"sqlite:///{tmp_path}/var/live-classes.sqlite3", CELERY_BROKER_URL="")
        return
    cache = request.getfixturevalue("valkey")
    with postgres_server() as server:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute('CREATE ROLE "live-classes" LOGIN')
            admin.execute('CREATE DATABASE "live-classes" OWNER "live-classes"')
        url = f"postgres://live-classes@127.0.0.1:{urlsplit(server.url).port}/live-classes"
        yield Installation(tmp_path, url, CACHE_URL=f"{cache.url[:-1]}1", CELERY_BROKER_URL=cache.url)


@contextmanager
def writing(used, slot):
    """Makes classes by hand, one after the other, while the block runs; yields the ids that were answered."""
    made, over = [], threading.Event()

    def write():
        while not over.is_set():
            made.append(used.class_now(slot)["id"])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        until(lambda: len(made) > 2, seconds=60)
        yield made
    finally:
        over.set()
        thread.join(timeout=60)


@contextmanager
def files_of_a_crash(url):
    """Leaves SQLite's `-wal` file as it is at the end of the block, where a closed connection would remove it."""
    if connection.vendor != "sqlite":
        yield
        return
    database = url.removeprefix("sqlite:///")
    log = Path(f"{database}-wal")
    with closing(sqlite3.connect(database)) as held:
        held.execute("SELECT count(*) FROM events_liveclass").fetchall()
        yield
        left = log.read_bytes()
    assert left
    log.write_bytes(left)


def rename(used, live_class, title):
    used.call("PUT", f"{LIVE_CLASSES}/{live_class['id']}", {"title": title})


def test_a_restored_database_is_that_of_one_moment_and_works(installation):
    """O6, O2: all that was answered before the backup is back, nothing after it, and accounts, links, feeds and
    versions work."""
    product = installation.product
    with web_server(product.env) as web:
        used = DailyUse(product, web.url)
        slot, built = used.add_slot()
        live_class = used.class_now(slot)
        used.join(live_class["hash"])
        feed, cookies = used.feed_path(), used.sign_in()
        with writing(used, slot) as made:
            before = len(made)
            installation.run("backup")
            after = len(made) + 1  # one may be on its way
        with files_of_a_crash(product.database_url):
            lost = used.class_now(slot)["id"]
            rename(used, live_class, "Since the backup")
            assert "Since the backup" in used.open(feed)[2]  # and so in the cache, with the versions of now
            version = product.rows(VERSION)[0][0]
            web.kill()
    installation.run("restore")
    with web_server(product.env) as web:
        used = DailyUse(product, web.url)
        assert used.call("GET", "/readyz")["parts"]["database"] == "ok"
        found = {row["id"] for row in used.classes()}
        restored = [pk for pk in made if pk in found]
        assert restored == made[: len(restored)]
        assert before <= len(restored) <= after
        assert lost not in found
        assert len(found) == built + 1 + len(restored)
        assert built == CLASSES
        assert used.events_of(feed) == len(found)
        used.join(live_class["hash"])
        assert "Miami" in used.page(cookies)
        assert "Miami" in used.page(used.sign_in())
        changes_work(used, live_class, feed, until_version=version)


def changes_work(used, live_class, feed, *, until_version):
    """Triggers record changes and count versions on; lists and feeds show each change, also under numbers that were
    used before the restore."""
    recorded = "SELECT count(*) FROM history_change"
    former = used.product.rows(recorded)[0][0]
    assert used.product.rows(VERSION)[0][0] < until_version
    while used.product.rows(VERSION)[0][0] <= until_version:
        title = f"Since the restore {used.product.rows(VERSION)[0][0]}"
        rename(used, live_class, title)
        assert title in used.open(feed)[2]
        assert [row["title"] for row in used.classes() if row["id"] == live_class["id"]] == [title]
    assert used.product.rows(recorded)[0][0] > former
    assert used.add_slot()[1] == CLASSES


def test_every_part_of_the_program_is_stopped_before_the_restore():
    """O6: the socket too, since systemd would start the program with the next request."""
    steps = STEPS["postgresql restore"].splitlines()
    parts = {path.name.removesuffix(".service") for path in (ROOT / "deploy" / "systemd").iterdir()}
    (stop,) = [line for line in steps if line.startswith("systemctl stop ")]
    (start,) = [line for line in steps if line.startswith("systemctl start ")]
    assert set(stop.split()[2:]) == set(start.split()[2:]) == parts
    first_change = next(at for at, line in enumerate(steps) if "dropdb" in line)
    assert steps.index(stop) < first_change < steps.index(start)
