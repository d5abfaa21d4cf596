"""The Django admin (rule R6)."""

import datetime
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from breathecode.admissions.models import Cohort, CohortTimeSlot, Holiday
from breathecode.attendance.models import Attendance, AttendanceChange, CohortDay, DayMark
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import Invitation, LimitCount, Token, User
from breathecode.calendars.models import CalendarInvitation, InvitationWindow
from breathecode.common.errors import ApiError
from breathecode.common.models import PendingCheck, PeriodicRun, SweepLease, TaskCount
from breathecode.events.models import ClassJoin, ClassNotice, LiveClass
from breathecode.feedback.models import Answer, Survey, SurveyLink, SurveyTemplate
from breathecode.history.models import Change
from breathecode.history.triggers import RECORDED
from breathecode.jobs.models import Job
from breathecode.notify.models import OutgoingMail
from breathecode.schedules.models import ScheduleTemplate
from tests.support.admin import fields_of, page, post
from tests.support.queries import captured_queries

pytestmark = pytest.mark.slow

# One row of bookkeeping has nothing to search or filter: /readyz shows it.
# What the background notes for itself.
NOT_SHOWN = {PeriodicRun, TaskCount, SweepLease, PendingCheck, InvitationWindow}
OURS = [m for m in apps.get_models() if m.__module__.startswith("breathecode.") and m not in NOT_SHOWN]
REGISTERED = list(admin.site._registry)
DAY = datetime.date(2025, 1, 15)
NOON = datetime.datetime(2025, 1, 15, 12, tzinfo=datetime.UTC)
TOMORROW = timezone.now() + datetime.timedelta(days=1)

# What constraints ask for and random values would miss; everything else of a row is made up.
SLOT = {"starting_at": 1400, "ending_at": 1600, "timezone": "UTC"}
CLASS = {"starting_at": NOON, "ending_at": NOON + datetime.timedelta(hours=1)}


def beneath(path: str) -> dict[str, Any]:
    """The fields of the live class at this path, and of its time slot."""
    slot = {f"{path}cohort_time_slot__{name}": value for name, value in SLOT.items()}
    return {f"{path}{name}": value for name, value in CLASS.items()} | slot


FIELDS: dict[type[models.Model], dict[str, Any]] = {
    CohortTimeSlot: SLOT,
    # Its list shows the coming ones.
    LiveClass: beneath("")
    | {
        name: timezone.now() + datetime.timedelta(days=1, hours=h) for name, h in (("starting_at", 0), ("ending_at", 1))
    },
    Holiday: {"starts_on": DAY, "ends_on": DAY, "cohort__name": "Web", "cohort__academy__name": "Miami"},
    Cohort: {"kickoff_date": DAY},
    **{model: beneath("live_class__") for model in (ClassJoin, Attendance, AttendanceChange, Survey)},
    SurveyLink: beneath("survey__live_class__"),
    Answer: {**beneath("survey__live_class__"), "score": 9},
    ClassNotice: {"channel": "REMINDER"},
}

# What the admin shows and does not let happen: keys, mails and records are made by what they are about.
READ_ONLY = {
    ClassJoin, Attendance, AttendanceChange, CohortDay, DayMark, ClassNotice, SurveyTemplate, Survey, SurveyLink,
    Answer, OutgoingMail, CalendarInvitation, Invitation, LimitCount, Change, Job, ScheduleTemplate,
}  # fmt: skip
FORBIDDEN = {("add", Token)} | {(name, model) for name in ("add", "delete") for model in READ_ONLY}
# Their changes are recorded, and shown there.
LEADS_ON = {("history", recorded.model) for recorded in RECORDED}


@pytest.fixture
def root(world) -> Client:
    """A browser in which the superuser is signed in."""
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_is_there_with_search_and_filters(model):
    """R6: a model of ours that the admin does not show, search and filter is forgotten."""
    registered = admin.site._registry[model]
    assert registered.search_fields
    assert registered.list_filter
    assert len(registered.list_display) > 1


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_lists_take_the_same_queries_for_one_row_and_for_many(root, model):
    """R6: no N+1, with rows that each have parents of their own; searching and each page of one row work too."""

    def queries(rows: int) -> int:
        with captured_queries() as captured:
            response = root.get(page(model, "changelist"))
        assert response.status_code == 200
        assert len(response.context["cl"].result_list) == rows
        return len(captured)

    model._default_manager.all().delete()
    if model is User:
        root.force_login(User.objects.create_superuser("root@example.org", "pass-word-9"))
    else:
        baker.make(model, **FIELDS.get(model, {}))
    root.get(page(model, "changelist"))  # content types are read once a process
    one = queries(1)
    baker.make(model, _quantity=19, **FIELDS.get(model, {}))
    assert queries(20) == one
    assert root.get(page(model, "changelist"), {"q": "2025"}).status_code == 200
    row = model._default_manager.first()
    for name, args in (("change", [row.pk]), ("add", []), ("history", [row.pk]), ("delete", [row.pk])):
        expected = 403 if (name, model) in FORBIDDEN else 302 if (name, model) in LEADS_ON else 200
        assert root.get(page(model, name, *args)).status_code == expected, name


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_filter_can_be_used(root, model):
    """R6: each choice of each filter answers a page."""
    baker.make(model, **FIELDS.get(model, {}))
    filters = root.get(page(model, "changelist")).context["cl"]
    for spec in filters.filter_specs:
        for choice in list(spec.choices(filters)):
            assert root.get(page(model, "changelist") + choice["query_string"]).status_code == 200


def test_strangers_do_not_get_in(client, world):
    """R6: somebody who is not staff is sent to the sign-in page, an academy's admin too."""
    client.force_login(world.admin)
    assert client.get(page(Cohort, "changelist")).status_code == 302


class TestUsers:
    def test_a_person_is_added_by_e_mail(self, root):
        """R6: the form knows no user name; the address is kept in lower case, the password hashed."""
        answer = post(
            root,
            page(User, "add"),
            email="New@Example.org",
            usable_password="true",
            password1="quiet-river-9",
            password2="quiet-river-9",
        )
        assert answer.status_code == 302
        person = User.objects.get(email="new@example.org")
        assert person.check_password("quiet-river-9")

    def test_an_address_in_other_letters_is_taken(self, root, world):
        """R6: told on its field, before the database refuses it."""
        answer = post(root, page(User, "add"), email="STUDENT@example.org", usable_password="false")
        assert "email" in answer.context["adminform"].form.errors

    def test_a_password_changed_here_ends_every_sign_in(self, root, world, call):
        """U2: the tokens open nothing, and the new password works."""
        key, _token = sign_in(user=world.student)
        url = reverse("admin:auth_user_password_change", args=[world.student.pk])
        data = {"usable_password": "true", "password1": "quiet-river-9", "password2": "quiet-river-9"}
        assert root.post(url, data).status_code == 302
        refused = call("GET", "/v1/auth/user/me", headers={"Authorization": f"Token {key}"})
        assert refused.status_code == 401
        body = {"email": world.student.email, "password": "quiet-river-9"}
        assert call("POST", "/v1/auth/login", body=body).status_code == 200

    def test_a_saved_person_keeps_password_and_sign_ins(self, root, world):
        """R6: a change of the name is no change of the password."""
        sign_in(user=world.student)
        answer = post(root, page(User, "change", world.student.pk), first_name="Ada")
        assert answer.status_code == 302
        world.student.refresh_from_db()
        assert (world.student.first_name, world.student.check_password("pass-word-9")) == ("Ada", True)
        assert world.student.tokens.count() == 1


@pytest.mark.parametrize("model", sorted(READ_ONLY, key=str), ids=lambda model: model._meta.label)
def test_records_are_read_and_not_written(root, model):
    """R6: neither by their page nor by the list's actions."""
    row = baker.make(model, **FIELDS.get(model, {}))
    assert root.post(page(model, "change", row.pk), {"user": 1}).status_code == 403
    root.post(page(model, "changelist"), {"action": "delete_selected", "post": "yes", "_selected_action": [row.pk]})
    assert model._default_manager.filter(pk=row.pk).exists()


def test_tokens_show_no_hash_and_can_only_be_ended(root, world):
    """R6, U2: neither list nor page holds the hash; deleting one signs its owner out."""
    _key, token = sign_in(user=world.student)
    for url in (page(Token, "changelist"), page(Token, "change", token.pk)):
        assert token.key_hash not in root.get(url).content.decode()
    assert root.get(page(Token, "add")).status_code == 403
    assert root.post(page(Token, "change", token.pk), {"purpose": "CALENDAR"}).status_code == 403
    assert root.post(page(Token, "delete", token.pk), {"post": "yes"}).status_code == 302
    assert not Token.objects.exists()


@pytest.fixture
def slot(world) -> Iterator[CohortTimeSlot]:
    """The document's time slot, on the day before its first class; nothing built yet."""
    with time_machine.travel(datetime.datetime(2025, 1, 14, 12, tzinfo=datetime.UTC), tick=False):
        yield world.time_slot()


@pytest.fixture
def built(slot) -> CohortTimeSlot:
    from breathecode.schedules.domain.generation import build_time_slot

    build_time_slot(time_slot_id=slot.pk, now=timezone.now())
    return slot


def version(cohort: Cohort) -> int:
    return Cohort.objects.values_list("classes_version", flat=True).get(pk=cohort.pk)


class TestTimeSlots:
    def test_saving_builds_after_the_commit(self, root, slot):
        """G9: a time slot saved in the admin is built like any other, and its bookkeeping cannot be typed in."""
        answer = post(root, page(CohortTimeSlot, "change", slot.pk), starting_at=1500, revision=7, built_revision=7)
        assert answer.status_code == 302
        slot.refresh_from_db()
        assert (slot.starting_at, slot.revision, slot.built_revision) == (1500, 2, 2)
        assert {row.starting_at.minute for row in LiveClass.objects.all()} == {0}
        assert LiveClass.objects.count() == 24

    def test_an_added_slot_takes_the_zone_of_its_academy(self, root, world):
        """T2: as through the API."""
        answer = post(
            root,
            page(CohortTimeSlot, "add"),
            cohort=world.cohort.pk,
            starting_at=900,
            ending_at=1000,
            weekdays=["WE", "MO"],
        )
        assert answer.status_code == 302
        added = CohortTimeSlot.objects.get()
        assert (added.timezone, added.weekdays) == ("America/New_York", ["MO", "WE"])

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"ending_at": 1400}, "ending_at"),
            ({"starting_at": 1475}, "starting_at"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"recurrency_type": "DAILY", "weekdays": ["MO"]}, "weekdays"),
            ({"weekdays": ["XX"]}, "weekdays"),
        ],
    )
    def test_what_the_api_refuses_is_refused(self, root, slot, changes, field):
        """T2, T3: said on the field."""
        answer = post(root, page(CohortTimeSlot, "change", slot.pk), **changes)
        assert field in answer.context["adminform"].form.errors

    def test_build_live_classes_now(self, root, slot):
        """R6: the action builds here and now, and says how many."""
        data = {"action": "build_live_classes_now", "_selected_action": [slot.pk]}
        answer = root.post(page(CohortTimeSlot, "changelist"), data, follow=True)
        assert "1 time slots built: 24 classes created, 0 moved, 0 deleted." in answer.content.decode()
        assert LiveClass.objects.count() == 24

    def test_one_that_cannot_be_built_is_named(self, root, world, slot):
        """R6: and keeps none of the others waiting."""
        broken = world.time_slot(starting_at=900, ending_at=1000)
        CohortTimeSlot.objects.filter(pk=broken.pk).update(weekdays=["XX"])
        data = {"action": "build_live_classes_now", "_selected_action": [slot.pk, broken.pk]}
        text = root.post(page(CohortTimeSlot, "changelist"), data, follow=True).content.decode()
        assert f"Time slot {broken.pk} could not be built" in text
        assert "1 time slots built: 24 classes created" in text

    def test_a_slot_with_classes_cannot_be_deleted_with_them(self, root, built):
        """R6, T5: what took place stays; `removed_at` takes a slot out of use."""
        assert root.post(page(CohortTimeSlot, "delete", built.pk), {"post": "yes"}).status_code == 403
        assert LiveClass.objects.count() == 24


class TestLiveClasses:
    def test_a_moved_class_stays_where_it_was_put(self, root, world, built):
        """W4, O2: lists are told, calendars are told, and a rebuild leaves it there."""
        row = LiveClass.objects.earliest("starting_at")
        before = version(world.cohort)
        answer = post(root, page(LiveClass, "change", row.pk), starting_at_1="20:00:00", ending_at_1="22:00:00")
        assert answer.status_code == 302
        assert version(world.cohort) > before
        CohortTimeSlot.objects.filter(pk=built.pk).update(starting_at=1000)
        root.post(
            page(CohortTimeSlot, "changelist"), {"action": "build_live_classes_now", "_selected_action": [built.pk]}
        )
        moved = LiveClass.objects.get(pk=row.pk)
        assert moved.starting_at == datetime.datetime(2025, 1, 15, 20, tzinfo=datetime.UTC)
        assert (moved.moved_by_hand, moved.sequence, moved.hash) == (True, 1, row.hash)

    def test_a_new_title_moves_nothing(self, root, world, built):
        """O2: it raises the version of the cohort's classes, and the class still follows its schedule."""
        row = LiveClass.objects.earliest("starting_at")
        before = version(world.cohort)
        assert post(root, page(LiveClass, "change", row.pk), title="Guest speaker").status_code == 302
        row.refresh_from_db()
        assert (row.title, row.moved_by_hand) == ("Guest speaker", False)
        assert version(world.cohort) > before

    @pytest.mark.parametrize(
        "changes",
        [{"ending_at_1": "10:00:00"}, {"ending_at_0": "2025-01-17"}, {"remote_meeting_url": "javascript:alert(1)"}],
    )
    def test_what_the_api_refuses_is_refused(self, root, built, changes):
        """W1: an end before the start, more than 24 hours, an address that is none."""
        row = LiveClass.objects.earliest("starting_at")
        answer = post(root, page(LiveClass, "change", row.pk), **changes)
        assert set(answer.context["adminform"].form.errors) <= {"ending_at", "remote_meeting_url", "__all__"}
        assert answer.context["adminform"].form.errors

    def test_a_class_whose_roll_was_called_stays(self, root, world, slot):
        """W4, W6, A2: it took place, started or not: neither moved nor deleted, alone or in bulk."""
        row = LiveClass.objects.create(
            cohort_time_slot=slot, starting_at=NOON, ending_at=NOON + datetime.timedelta(hours=1)
        )
        Attendance.objects.create(live_class=row, user=world.student, status="ABSENT", source="STAFF", recorded_at=NOON)
        answer = post(root, page(LiveClass, "change", row.pk), starting_at_1="20:00:00", ending_at_1="22:00:00")
        assert set(answer.context["adminform"].form.errors) == {"__all__"}
        assert root.post(page(LiveClass, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert not root.get(page(LiveClass, "change", row.pk)).context["has_delete_permission"]
        chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [row.pk]}
        assert root.post(page(LiveClass, "changelist"), chosen).status_code == 403
        # Were it called after Django has looked, which the lock forbids, nothing would go either.
        with pytest.raises(ApiError):
            admin.site._registry[LiveClass].delete_queryset(HttpRequest(), LiveClass.objects.filter(pk=row.pk))
        row.refresh_from_db()
        assert (row.starting_at, row.attendance.count()) == (NOON, 1)

    def test_two_classes_of_a_slot_do_not_start_at_once(self, root, slot, built):
        """W1: as the API, 409 there."""
        first = LiveClass.objects.earliest("starting_at")
        times = {
            "starting_at_0": "2025-01-15",
            "starting_at_1": "19:00",
            "ending_at_0": "2025-01-15",
            "ending_at_1": "20:00",
        }
        assert first.starting_at.hour == 19
        answer = post(root, page(LiveClass, "add"), cohort_time_slot=slot.pk, log="{}", **times)
        assert list(answer.context["adminform"].form.errors) == ["starting_at"]

    def test_a_started_class_keeps_its_planned_times(self, root, built):
        """W4: other fields may change still."""
        row = LiveClass.objects.earliest("starting_at")
        LiveClass.objects.filter(pk=row.pk).update(started_at=row.starting_at)
        answer = post(root, page(LiveClass, "change", row.pk), starting_at_1="20:00:00", ending_at_1="22:00:00")
        assert "This class has started" in answer.content.decode()
        assert post(root, page(LiveClass, "change", row.pk), title="Part 1").status_code == 302

    def test_bookkeeping_cannot_be_typed_in(self, root, built):
        """R6: neither hash nor planned date nor what happened to the class."""
        row = LiveClass.objects.values().earliest("starting_at")
        sent = {
            "hash": "a" * 40,
            "planned_date": "2030-01-01",
            "sequence": 9,
            "started_at_0": "2025-01-15",
            "started_at_1": "10:00:00",
            "cancel_reason": "x",
            "moved_by_hand": "on",
            "cohort_time_slot": 999,
        }
        assert post(root, page(LiveClass, "change", row["id"]), **sent).status_code == 302
        after = LiveClass.objects.values().get(pk=row["id"])
        assert {**row, "updated_at": None} == {**after, "updated_at": None}

    def test_a_class_added_here_is_one_made_by_hand(self, root, world, slot):
        """R6, G7, O2: without a planned date, so that no rebuild touches it."""
        before = version(world.cohort)
        times = {
            "starting_at_0": "2025-01-18",
            "starting_at_1": "10:00",
            "ending_at_0": "2025-01-18",
            "ending_at_1": "12:00",
        }
        assert post(root, page(LiveClass, "add"), cohort_time_slot=slot.pk, log="{}", **times).status_code == 302
        row = LiveClass.objects.get()
        assert (row.planned_date, row.moved_by_hand) == (None, False)
        assert version(world.cohort) > before

    def test_only_a_manual_class_that_has_not_started_can_be_deleted(self, root, world, built):
        """W6: not one by one, and not by the list's action either; lists are told."""
        generated = LiveClass.objects.earliest("starting_at")
        manual, started = (
            LiveClass.objects.create(
                cohort_time_slot=built,
                starting_at=NOON + datetime.timedelta(hours=h),
                ending_at=NOON + datetime.timedelta(hours=h + 1),
                started_at=at,
            )
            for h, at in ((1, None), (2, NOON))
        )
        before = version(world.cohort)
        chosen = {"action": "delete_selected", "post": "yes"}
        for row in (generated, started):
            assert root.post(page(LiveClass, "delete", row.pk), {"post": "yes"}).status_code == 403
            root.post(page(LiveClass, "changelist"), {**chosen, "_selected_action": [row.pk, manual.pk]})
        assert LiveClass.objects.count() == 26
        root.post(page(LiveClass, "changelist"), {**chosen, "_selected_action": [manual.pk]})
        assert not LiveClass.objects.filter(pk=manual.pk).exists()
        assert version(world.cohort) > before


def test_holidays_deleted_in_bulk_give_the_classes_back(root, world, built):
    """G13: the action deletes each by its own `delete()`, which makes the time slots due to be built."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        day_off = Holiday.objects.create(academy=world.miami, name="Day off", starts_on=DAY, ends_on=DAY)
    assert LiveClass.objects.filter(cancelled_at__isnull=False).count() == 1
    with TestCase.captureOnCommitCallbacks(execute=True):
        data = {"action": "delete_selected", "post": "yes", "_selected_action": [day_off.pk]}
        root.post(page(Holiday, "changelist"), data)
    assert LiveClass.objects.filter(cancelled_at__isnull=False).count() == 0


def test_a_cohort_saved_from_an_old_page_keeps_what_others_wrote(root, world):
    """A4, G9: the log is not the form's to write; a changed date makes the time slots due to be built."""
    slot = world.time_slot()
    url = page(Cohort, "change", world.cohort.pk)
    opened = fields_of(root.get(url))
    Cohort.objects.filter(pk=world.cohort.pk).update(current_day=1)
    assert root.post(url, {**opened, "ending_date": "2025-07-30"}).status_code == 302
    world.cohort.refresh_from_db()
    assert (world.cohort.ending_date, world.cohort.current_day) == (datetime.date(2025, 7, 30), 1)
    slot.refresh_from_db()
    assert slot.revision == 2


def test_what_others_write_between_reading_and_saving_stays(world):
    """R6: only what was changed on the form is written."""
    read = Cohort.objects.get(pk=world.cohort.pk)
    Cohort.objects.filter(pk=read.pk).update(language="es")
    read.name = "Renamed"
    form = SimpleNamespace(changed_data=["name"], cleaned_data={"name": "Renamed"})
    admin.site._registry[Cohort].save_model(HttpRequest(), read, form, True)
    assert Cohort.objects.values_list("name", "language").get(pk=read.pk) == ("Renamed", "es")
