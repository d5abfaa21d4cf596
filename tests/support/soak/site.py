"""All programs of an installation, on free ports."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import servers
from tests.support.postgres import Postgres, postgres_server
from tests.support.product import Product, until

STUDENTS = 20
BOOT = 100  # seconds, of a machine that does much else
PEOPLE = f"""
import json
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import User
cohort, keys = Cohort.objects.get(), {{}}
for name in ("teacher", *(f"student-{{n}}" for n in range({STUDENTS}))):
    user = User.objects.create_user(f"{{name}}@example.org", first_name=name)
    CohortUser.objects.create(cohort=cohort, user=user, role="TEACHER" if name == "teacher" else "STUDENT")
    keys[user.pk] = sign_in(user=user)[0]
print(json.dumps(keys))
"""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Site:
    """The running programs. `teacher` and `students` are tokens; students' by the user's id."""

    product: Product
    web: servers.WebServer
    worker: servers.CeleryWorker
    database: Postgres
    broker: servers.Valkey
    cache: servers.Valkey
    mails: servers.SmtpSink
    teacher: str
    students: dict[int, str]
    _running: ExitStack

    def kill_worker(self) -> None:
        """SIGKILL for the worker and its children, and another in its place."""
        self.worker.kill()
        self.worker = self._running.enter_context(_worker(self.product))

    def reload_web(self) -> None:
        """HUP: new processes take over from the old ones."""
        ready, wanted = self.web.log().count("Worker ready"), int(self.product.env["WEB_CONCURRENCY"])
        os.kill(self.web.pid, signal.SIGHUP)
        until(lambda: self.web.log().count("Worker ready") >= ready + wanted, seconds=BOOT)

    def memory(self) -> dict[str, int]:
        """Bytes in memory (resident) of each process of web servers and worker, by its kind and id."""
        kinds = {self.web.pid: "web", self.worker.pid: "worker"}
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
                pages = int((folder / "statm").read_text().split()[1])
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
            if group in kinds:
                found[f"{kinds[group]} {folder.name}"] = pages * PAGE_BYTES
        return found


def _worker(product: Product) -> AbstractContextManager[servers.CeleryWorker]:
    return servers.celery_worker(product.env, "--concurrency=2")


@contextmanager
def site() -> Iterator[Site]:
    """Starts everything; stops and removes it at the end."""
    with ExitStack() as running:
        start = running.enter_context
        database, broker, cache = start(postgres_server()), start(servers.valkey()), start(servers.valkey())
        mails = start(servers.smtp_sink())
        product = Product.new(database.url)
        product.env |= {
            "CELERY_BROKER_URL": broker.url, "CACHE_URL": cache.url, "EMAIL_URL": mails.url, "WEB_CONCURRENCY": "2",
            "SWEEP_INTERVAL_SECONDS": "2", "DEFAULT_FROM_EMAIL": "classes@example.org",
        }  # fmt: skip
        keys = {int(pk): key for pk, key in json.loads(product.python(PEOPLE).stdout.splitlines()[-1]).items()}
        teacher = keys.pop(min(keys))
        web, worker = start(servers.web_server(product.env)), start(_worker(product))
        yield Site(product, web, worker, database, broker, cache, mails, teacher, keys, running)
