"""The cache of people's lists is never stale: all kinds of writes against all kinds of reads (rule O2)."""

import datetime
import json
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser, Syllabus
from breathecode.authenticate.models import Academy, User
from breathecode.common.cache_outages import CacheOutage
from breathecode.common.db.prepared import PreparedRows
from breathecode.events import tasks
from breathecode.events.api import views
from breathecode.events.domain.lists.cache import LiveClassCache
from breathecode.events.models import ClassJoin, LiveClass
from tests.support.admin import page as admin_page
from tests.support.admin import post as fill_in
from tests.support.classes import NOW
from tests.support.database import database_url
from tests.support.processes import ROOT
from tests.support.queries import captured_queries
from tests.support.servers import web_server

MINE = "/v1/events/me/event/liveclass"
STAFF = "/v1/events/academy/event/liveclass"
QUERIES = (
    *("", "?upcoming=null", "?cohort=web-dev", "?academy=downtown-miami", "?syllabus=full-stack"),
    *("?status=CANCELLED", "?envelope=true&limit=1&sort=starting_at"),
)
READERS = ("student", "teacher", "stranger", "dropped")


class Scene:
    """Two classes of `web-dev`, one of `data`; everybody reads every list, as the cache says and as the rows say."""

    def __init__(self, world, call) -> None:
        self.world, self.call = world, call
        self.syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
        world.cohort.syllabus = self.syllabus
        world.cohort.save()
        self.slot = world.time_slot()
        other = world.time_slot(cohort=world.other_cohort)
        LiveClass.objects.all().delete()
        self.first, self.second = self.make(1, self.slot), self.make(30, self.slot)
        self.make(2, other)
        self.browser = Client()
        self.browser.force_login(world.superuser)
        self.started = self.make(-1, self.slot, started_at=NOW - timedelta(minutes=40))

    def make(self, hour, slot, **fields):
        return LiveClass.objects.create(**self.row(hour, slot, **fields))

    def row(self, hour, slot, **fields) -> dict[str, Any]:
        at = NOW + timedelta(hours=hour)
        return {"cohort_time_slot": slot, "starting_at": at, "ending_at": at + timedelta(hours=2), **fields}

    def staff(self, method, path, body=None):
        response = self.call(method, path, as_=self.world.admin, academy=self.world.miami, body=body)
        assert response.status_code < 300, response.content
        return response

    def read(self) -> dict[tuple[str, str], Any]:
        answers = {}
        for name in READERS:
            for query in QUERIES:
                response = self.call("GET", MINE + query, as_=getattr(self.world, name))
                answers[name, query] = (response.status_code, response.content, response["X-Total-Count"])
        return answers

    def read_rows(self, monkeypatch) -> dict[tuple[str, str], Any]:
        with monkeypatch.context() as patch:
            patch.setattr(LiveClassCache, "get", lambda self, key, fingerprint: None)
            patch.setattr(LiveClassCache, "put", lambda self, key, fingerprint, answer: None)
            # Neither what was written of a row before, nor SQL that was made before.
            patch.setattr(views, "as_json", views.as_json.__wrapped__)
            patch.setattr(PreparedRows, "_statement", lambda self, *arguments, **options: None)
            return self.read()


@pytest.fixture
def scene(world, call, clock):
    return Scene(world, call)


COHORT = "/v1/admissions/academy/cohort/web-dev"


def by_instance(model, **changes):
    def write(scene):
        row = model.objects.order_by("pk").first()
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()

    return write


def by_queryset(model, **changes):
    return lambda scene: model.objects.all().update(**changes)


def put(path, body):
    return lambda scene: scene.staff("PUT", path.format(scene=scene), body)


def post(path, body=None):
    return lambda scene: scene.staff("POST", path.format(scene=scene), body)


def delete(path):
    return lambda scene: scene.staff("DELETE", path.format(scene=scene))


def bulk_update(scene):
    scene.first.title, scene.second.title = "One", "Two"
    LiveClass.objects.bulk_update([scene.first, scene.second], ["title"])


def start_by_task(scene):
    ClassJoin.objects.create(live_class=scene.first, user=scene.world.teacher, joined_at=NOW, starts_class=True)
    tasks.start_joined_live_classes()


def rebuild(scene):
    Cohort.objects.filter(pk=scene.world.cohort.pk).update(ending_date=datetime.date(2025, 4, 30))
    call_command("build_live_classes", "--sync")


def in_the_admin(model, **changes):
    """The first row's form, with these fields changed."""

    def write(scene):
        answer = fill_in(scene.browser, admin_page(model, "change", model.objects.order_by("pk")[0].pk), **changes)
        assert answer.status_code == 302, answer.context["errors"]

    return write


def deleted_in_the_admin(model):
    def write(scene):
        scene.browser.post(admin_page(model, "delete", model.objects.order_by("pk")[0].pk), {"post": "yes"})

    return write


def deleted_by_an_action(model, **which):
    def write(scene):
        ids = list(model.objects.filter(**which).values_list("pk", flat=True))
        data = {"action": "delete_selected", "post": "yes", "_selected_action": ids}
        scene.browser.post(admin_page(model, "changelist"), data)

    return write


CLASS = STAFF + "/{scene.first.pk}"
ONE_MORE = {
    "starting_at": "2025-10-28T18:00:00Z",
    "ending_at": "2025-10-28T20:00:00Z",
    "remote_meeting_url": "https://zoom.us/j/1",
}


def make_over_the_api(scene):
    scene.staff("POST", STAFF, {**ONE_MORE, "cohort_time_slot": scene.slot.pk})


WRITES = {
    "class made over the API": make_over_the_api,
    "class started": put(CLASS, {"started_at": "2025-03-05T18:30:00Z"}),
    "class ended": put(STAFF + "/{scene.started.pk}", {"ended_at": "2025-03-05T18:30:00Z"}),
    "class moved": put(CLASS, {"starting_at": "2025-03-05T19:00:00Z"}),
    "class renamed": put(CLASS, {"title": "Guest"}),
    "class given a link": put(CLASS, {"remote_meeting_url": "https://own.org/r"}),
    "class cancelled": post(CLASS + "/cancel", {"reason": "Snow"}),
    "class deleted": delete(CLASS),
    "class saved": by_instance(LiveClass, title="Saved"),
    "class deleted by hand": lambda scene: scene.first.delete(),
    "classes updated": by_queryset(LiveClass, title="Updated"),
    "classes updated in bulk": bulk_update,
    "classes made in bulk": lambda scene: LiveClass.objects.bulk_create([LiveClass(**scene.row(50, scene.slot))]),
    "classes deleted": lambda scene: LiveClass.objects.all().delete(),
    "class started by a task": start_by_task,
    "classes built by a command": rebuild,
    "time slot made": post(COHORT + "/timeslot", {"starting_at": 900, "ending_at": 1000}),
    "time slot deleted": lambda scene: scene.slot.delete(),
    "time slots deleted": lambda scene: CohortTimeSlot.objects.all().delete(),
    "cohort changed over the API": put(COHORT, {"name": "Renamed"}),
    "cohort link changed": put(COHORT, {"online_meeting_url": "https://meet.example.org/x"}),
    "cohort deleted over the API": delete(COHORT),
    "cohort saved": by_instance(Cohort, name="Saved"),
    "cohorts updated": by_queryset(Cohort, name="Updated"),
    "cohort's stage updated": by_queryset(Cohort, stage="DELETED"),
    "cohort without syllabus": by_queryset(Cohort, syllabus=None),
    "cohorts deleted": lambda scene: Cohort.objects.all().delete(),
    "academy changed over the API": put("/v1/admissions/academy/me", {"name": "Renamed"}),
    "academy saved": by_instance(Academy, logo_url="https://example.org/l.png"),
    "academies updated": by_queryset(Academy, name="Updated"),
    "academies' slugs updated": lambda scene: Academy.objects.filter(pk=scene.world.miami.pk).update(slug="miami"),
    "syllabus saved": by_instance(Syllabus, slug="other"),
    "syllabi updated": by_queryset(Syllabus, slug="other"),
    "syllabus deleted": lambda scene: scene.syllabus.delete(),
    "member added over the API": post(COHORT + "/user", {"user": "dropped@example.org", "role": "ASSISTANT"}),
    "member changed over the API": put(COHORT + "/user/{scene.world.student.pk}", {"educational_status": "DROPPED"}),
    "member removed over the API": delete(COHORT + "/user/{scene.world.student.pk}"),
    "member saved": by_instance(CohortUser, educational_status="SUSPENDED"),
    "members updated": by_queryset(CohortUser, educational_status="ACTIVE"),
    "members deleted": lambda scene: CohortUser.objects.all().delete(),
    "class renamed in the admin": in_the_admin(LiveClass, title="Typed in"),
    "class deleted in the admin": deleted_in_the_admin(LiveClass),
    "classes deleted by an action": deleted_by_an_action(LiveClass, started_at=None),
    "cohort renamed in the admin": in_the_admin(Cohort, name="Typed in"),
    "cohort's stage in the admin": in_the_admin(Cohort, stage="DELETED"),
    "academy renamed in the admin": in_the_admin(Academy, name="Typed in"),
    "syllabus renamed in the admin": in_the_admin(Syllabus, slug="typed-in"),
    "member dropped in the admin": in_the_admin(CohortUser, educational_status="DROPPED"),
    "member deleted in the admin": deleted_in_the_admin(CohortUser),
    "members deleted by an action": deleted_by_an_action(CohortUser),
    "person deleted": lambda scene: User.objects.filter(email="teacher@example.org").delete(),
}


@pytest.mark.parametrize("name", WRITES)
def test_each_write_shows_in_the_next_read(scene, monkeypatch, name):
    """O2: after each kind of write, every list of everybody is what the rows say, and nobody gets another's."""
    before = scene.read()  # and keep it, as the next test proves
    WRITES[name](scene)
    if name == "person deleted":
        monkeypatch.setattr(sys.modules[__name__], "READERS", ("student", "stranger"))
        before = {key: answer for key, answer in before.items() if key[0] in {"student", "stranger"}}
        assert scene.read() == before == scene.read_rows(monkeypatch)
        return
    after = scene.read()
    assert after == scene.read_rows(monkeypatch)
    assert after != before


def test_the_second_read_comes_from_the_cache(scene):
    """O2: one query, for the token; else this file would prove nothing."""
    scene.read()
    with captured_queries() as captured:
        scene.read()
    assert len(captured) == len(READERS) * len(QUERIES)


def test_nobody_gets_anothers_answer(world, call, scene):
    """O2: two people of the same cohorts, of the same versions, never share an answer."""
    CohortUser.objects.create(cohort=world.cohort, user=world.stranger)
    CohortUser.objects.filter(user=world.stranger, cohort=world.other_cohort).delete()
    call("GET", MINE, as_=world.student)
    call.key(world.stranger)
    with captured_queries() as captured:
        answer = call("GET", MINE, as_=world.stranger).json()
    assert len(captured) == 2
    assert {row["id"] for row in answer} == {scene.first.pk, scene.second.pk, scene.started.pk}


def redis_at(url):
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 1}
    there = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url, "OPTIONS": options}
    return {"default": there, "requests": there}


@pytest.fixture
def forgiving():
    """The pause after a failure is the process's: it must not reach the next test."""
    CacheOutage.paused_until = 0.0
    yield
    CacheOutage.paused_until = 0.0


@pytest.mark.usefixtures("forgiving")
def test_a_cache_that_is_down(world, call, make_class, valkey):
    """O2: answers come from the database, quickly, also while it is down, and from the cache when it is back."""
    live_class = make_class()
    with override_settings(CACHES=redis_at(valkey.url)):
        assert [row["id"] for row in call("GET", MINE, as_=world.student).json()] == [live_class.pk]
        valkey.stop()
        begun = time.perf_counter()
        for _ in range(10):
            LiveClass.objects.filter(pk=live_class.pk).update(title=f"{_}")
            assert [row["title"] for row in call("GET", MINE, as_=world.student).json()] == [f"{_}"]
        assert time.perf_counter() - begun < 5
        valkey.start()
        CacheOutage.paused_until = 0.0
        call("GET", MINE, as_=world.student)
        with captured_queries() as captured:
            call("GET", MINE, as_=world.student)
        assert len(captured) == 1


@pytest.mark.usefixtures("forgiving")
def test_lists_take_one_place_each(world, call, make_class, valkey):
    """O2: an answer that changed takes the place of the one before, and one person has a bounded number of places."""
    live_class = make_class()
    with override_settings(CACHES=redis_at(valkey.url)):
        store = redis.Redis.from_url(valkey.url)
        call("GET", MINE, as_=world.student)
        keys, memory = set(store.scan_iter("*live-classes*")), store.info("memory")["used_memory"]
        for number in range(100):
            LiveClass.objects.filter(pk=live_class.pk).update(title=f"{number}")
            (row,) = call("GET", MINE, as_=world.student).json()
            assert row["title"] == f"{number}"
        assert set(store.scan_iter("*live-classes*")) == keys
        assert store.info("memory")["used_memory"] < memory + 64 * 1024
        for number in range(200):
            call("GET", f"{MINE}?cohort={number}", as_=world.student)
        assert len(list(store.scan_iter("*live-classes*"))) <= 64


@pytest.mark.django_db(transaction=True)
def test_a_write_in_another_process(world, call, make_class):
    """O2: a shell beside the server writes; the next read here shows it."""
    live_class = make_class()
    assert [row["title"] for row in call("GET", MINE, as_=world.student).json()] == ["Web Development"]
    script = (
        "from breathecode.events.models import LiveClass; from breathecode.admissions.models import Cohort;"
        f"c = LiveClass.objects.get(pk={live_class.pk}); c.title = 'From a shell'; c.save();"
        "Cohort.objects.update(current_day=7)"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    environment = {
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "breathecode.settings.base",
    }
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)
    (row,) = call("GET", MINE, as_=world.student).json()
    assert (row["title"], row["cohort"]["current_day"]) == ("From a shell", 7)


def ask(url, headers, body=None):
    """GET, or PUT where there is a body."""
    data = None if body is None else json.dumps(body).encode()
    method = "GET" if body is None else "PUT"
    request = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shared", [True, False], ids=["shared cache", "a cache each"])
def test_two_web_processes(world, call, make_class, valkey, shared):
    """O2: what is written through one server shows in the next read of the other."""
    live_class = make_class()
    student, staff = call.headers(world.student, None), call.headers(world.staff_teacher, world.miami)
    env = {"DATABASE_URL": database_url(), **({"CACHE_URL": valkey.url} if shared else {"CACHE_URL": ""})}
    with web_server(env) as one, web_server(env) as two:

        def titles(server):
            return [row["title"] for row in ask(server.url + MINE, student)]

        assert titles(one) == titles(two) == ["Web Development"]
        for round_, (writer, reader) in enumerate(((one, two), (two, one), (one, one))):
            body = {"title": f"Round {round_}"}
            assert ask(f"{writer.url}{STAFF}/{live_class.pk}", staff, body)["title"] == body["title"]
            assert titles(reader) == titles(writer) == [f"Round {round_}"]


def test_the_drivers_keep_the_statement_of_each_request(world, call):
    """O2: psycopg parses a statement once if it has at most 50 parameters, and else for each request."""
    call("GET", MINE, as_=world.student)
    parameters: list[int] = []

    def count(execute, sql, params, many, context):
        parameters.append(len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        call("GET", MINE, as_=world.student)
    assert parameters
    assert max(parameters) <= 50
