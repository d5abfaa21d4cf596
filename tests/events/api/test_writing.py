"""Making, changing, cancelling and deleting classes over HTTP."""

import datetime
from datetime import timedelta
from typing import Any

import pytest

from breathecode.events.models import LiveClass
from tests.support.classes import NOW
from tests.support.client import error

URL = "/v1/events/academy/event/liveclass"
pytestmark = pytest.mark.usefixtures("clock")


def at(**delta) -> str:
    return (NOW + timedelta(**delta)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def staff(call, world):
    """Calls as a teacher on Miami's staff."""

    def as_staff(method, path="", body=None, **extra):
        return call(method, f"{URL}{path}", as_=world.staff_teacher, academy=world.miami, body=body, **extra)

    return as_staff


@pytest.fixture
def body(world):
    slot = world.time_slot()
    LiveClass.objects.all().delete()
    return {
        "cohort_time_slot": slot.pk,
        "starting_at": "2025-10-28T18:00:00Z",
        "ending_at": "2025-10-28T20:00:00Z",
        "remote_meeting_url": "https://zoom.us/j/123456789",
    }


def test_the_documents_creation(staff, body):
    """W1: the document's body answers 201 with the document's object."""
    response = staff("POST", body=body)
    answer = response.json()
    assert response.status_code == 201
    live_class = LiveClass.objects.get()
    expected = {
        "id": live_class.pk,
        "hash": live_class.hash,
        **body,
        "started_at": None,
        "ended_at": None,
        "log": {},
        "created_at": at(),
        "updated_at": at(),
    }
    assert {key: answer[key] for key in expected} == expected
    assert len(answer["hash"]) == 40
    assert live_class.planned_date is None


@pytest.mark.parametrize("field", ["cohort_time_slot", "starting_at", "ending_at", "remote_meeting_url"])
@pytest.mark.parametrize("value", [None, "", "x", [], {}, "javascript:alert(1)"])
def test_required_fields(staff, body, field, value):
    """W1: each missing or unreadable field is named, and nothing is made."""
    response = staff("POST", body={**body, field: value})
    assert error(response) == (400, "validation-error")
    assert list(response.json()["errors"]) == [field]
    assert not LiveClass.objects.exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"started_at": "2025-10-28T18:00:00Z"}, (400, "started-at-on-creation")),
        ({"ended_at": "2025-10-28T18:00:00Z"}, (400, "ended-at-on-creation")),
        ({"ending_at": "2025-10-28T18:00:00Z"}, (400, "ending-at-before-starting-at")),
        ({"ending_at": "2025-10-29T18:00:01Z"}, (400, "class-too-long")),
        ({"cohort_time_slot": 10**9}, (400, "cohort-time-slot-not-found")),
        ({"cohort_time_slot": 2**63}, (400, "cohort-time-slot-not-found")),
        ({"nope": 1}, (400, "unknown-field")),
        ({"log": []}, (400, "validation-error")),
        ({"log": {"a": "\0"}}, (400, "validation-error")),
    ],
)
def test_what_cannot_be_created(staff, body, changes, expected):
    """W1, W2, H5: each with its slug, and nothing is made."""
    assert error(staff("POST", body={**body, **changes})) == expected
    assert not LiveClass.objects.exists()


def test_a_foreign_time_slot_is_unknown(call, world, body):
    """W1, H4: another academy's time slot does not exist here."""
    response = call("POST", URL, as_=world.foreign_admin, academy=world.madrid, body=body)
    assert error(response) == (400, "cohort-time-slot-not-found")


def test_a_class_of_24_hours_is_not_too_long(staff, body):
    """W1: 24 hours are allowed."""
    assert staff("POST", body={**body, "ending_at": "2025-10-29T18:00:00Z"}).status_code == 201


def test_the_same_class_twice(staff, body):
    """W1: the second of two equal classes is 409, whatever its end."""
    assert staff("POST", body=body).status_code == 201
    assert error(staff("POST", body={**body, "ending_at": "2025-10-28T19:00:00Z"})) == (
        409,
        "live-class-already-exists",
    )
    assert LiveClass.objects.count() == 1


@pytest.mark.parametrize(("size", "status"), [(16 * 1024, 201), (16 * 1024 + 1, 400)])
def test_the_size_of_a_log(staff, body, size, status):
    """W2: 16 KiB of compact UTF-8 JSON, counted in bytes."""
    log = {"a": "ñ" * ((size - len('{"a":""}')) // 2) + "x" * ((size - len('{"a":""}')) % 2)}
    assert staff("POST", body={**body, "log": log}).status_code == status


def test_putting_back_what_was_read_changes_nothing(staff, make_class):
    """W3, H5: a client may PUT back what it got, with null where null is stored."""
    for live_class in (make_class(), make_class(start=-1, started_at=NOW), make_class(start=9, cancelled_at=NOW)):
        before = staff("GET", f"/{live_class.pk}").json()
        response = staff("PUT", f"/{live_class.pk}", before)
        assert (response.status_code, response.json()) == (200, {**before, "warnings": []})
        live_class.refresh_from_db()
        assert not live_class.moved_by_hand
        assert live_class.sequence == 0


START_CASES = [
    ({"seconds": -119}, None),
    ({"seconds": 119}, None),
    ({"seconds": -120}, None),
    ({"seconds": -121}, "started-at-not-now"),
    ({"seconds": 121}, "started-at-not-now"),
]


@pytest.mark.parametrize(("offset", "slug"), START_CASES)
def test_starting_now_means_within_two_minutes(staff, make_class, offset, slug):
    """W3: 1 min 59 s is now, 2 min 1 s is not, on either side."""
    live_class = make_class()
    response = staff("PUT", f"/{live_class.pk}", {"started_at": at(**offset)})
    if slug is None:
        assert response.json()["started_at"] == at(**offset)
        assert response.json()["status"] == "STARTED"
    else:
        assert error(response) == (400, slug)
        live_class.refresh_from_db()
        assert live_class.started_at is None


END_CASES = [
    # started minutes ago, ended at (minutes from now), slug
    (None, 0, "started-at-not-set"),
    (60, -60, "ended-at-before-started-at"),
    (60, -61, "ended-at-before-started-at"),
    (60, -60 + 29 + 59 / 60, "ended-at-too-soon"),
    (60, -30, None),
    (26 * 60, -24 * 60 - 1, "ended-at-too-old"),
    (26 * 60, -24 * 60 + 1, None),
    (26 * 60, -24 * 60, None),
    (60, 1 + 59 / 60, None),
    (60, 2 + 1 / 60, "ended-at-in-the-future"),
]


@pytest.mark.parametrize(("started", "ended", "slug"), END_CASES)
def test_when_a_class_may_end(staff, make_class, started, ended, slug):
    """W3: not before its start, 30 minutes after it, within 24 hours, and not ahead of time."""
    started_at = None if started is None else NOW - timedelta(minutes=started)
    live_class = make_class(start=-30, started_at=started_at)
    response = staff("PUT", f"/{live_class.pk}", {"ended_at": at(minutes=ended)})
    live_class.refresh_from_db()
    if slug is None:
        assert (response.status_code, response.json()["status"], response.json()["held"]) == (200, "ENDED", True)
        assert live_class.ended_at == NOW + timedelta(minutes=ended)
    else:
        assert error(response) == (400, slug)
        assert live_class.ended_at is None


ORDER_CASES = [
    # the class, what is sent, the first thing that is wrong
    ({}, {"started_at": at(), "title": "x"}, (400, "only-started-at")),
    ({}, {"started_at": at(), "ended_at": at()}, (400, "only-started-at")),
    ({"started_at": NOW}, {"started_at": at(seconds=1), "title": "x"}, (400, "only-started-at")),
    ({"started_at": NOW}, {"started_at": at(hours=1)}, (400, "started-at-already-set")),
    ({"started_at": NOW}, {"started_at": None}, (400, "started-at-already-set")),
    ({"started_at": NOW, "ended_at": NOW}, {"ended_at": at(seconds=1)}, (400, "ended-at-already-set")),
    ({"started_at": NOW, "ended_at": NOW}, {"ended_at": None}, (400, "ended-at-already-set")),
    ({"cancelled_at": NOW}, {"started_at": at()}, (400, "class-cancelled")),
    ({"ended_at": NOW}, {"started_at": at()}, (400, "class-has-ended")),
    ({"started_at": NOW}, {"starting_at": at(hours=2)}, (400, "class-already-started")),
    ({"ended_at": NOW}, {"starting_at": at(hours=2)}, (400, "class-has-ended")),
    ({}, {"starting_at": at(hours=3)}, (400, "ending-at-before-starting-at")),
    ({}, {"ending_at": at(hours=26)}, (400, "class-too-long")),
    ({}, {"remote_meeting_url": "ftp://x.org"}, (400, "validation-error")),
    ({}, {"nope": 1}, (400, "unknown-field")),
]


@pytest.mark.parametrize(("fields", "sent", "expected"), ORDER_CASES)
def test_refused_changes(staff, make_class, fields, sent, expected):
    """W3, W4, W6: the first thing that is wrong answers, and nothing is written."""
    live_class = make_class(**fields)
    before = LiveClass.objects.values().get()
    assert error(staff("PUT", f"/{live_class.pk}", sent)) == expected
    assert LiveClass.objects.values().get() == before


def test_the_started_field_equal_to_what_is_stored_may_come_along(staff, make_class):
    """W3: an equal started_at counts as not sent, so other fields may change beside it."""
    live_class = make_class(started_at=NOW)
    response = staff("PUT", f"/{live_class.pk}", {"started_at": at(), "title": "Guest speaker"})
    assert (response.status_code, response.json()["title"]) == (200, "Guest speaker")


def test_link_title_and_log_may_change_at_any_time(staff, make_class):
    """W4: also after the end."""
    live_class = make_class(started_at=NOW, ended_at=NOW)
    sent = {"remote_meeting_url": "https://meet.google.com/new-link", "title": "Demo day", "log": {"a": 1}}
    answer = staff("PUT", f"/{live_class.pk}", sent).json()
    assert {name: answer[name] for name in sent} == sent
    back = staff("PUT", f"/{live_class.pk}", {"remote_meeting_url": None, "title": None}).json()
    assert (back["remote_meeting_url"], back["title"]) == ("https://zoom.us/j/123456789", "Web Development")


def test_a_moved_class_keeps_its_place(staff, world, call):
    """W4, G7: moved by hand, it stays through rebuilds; its neighbours do not care."""
    slot = world.time_slot()
    call("GET", "/healthz")  # runs nothing: the build below is asked for by the API
    slot_url = f"/v1/admissions/academy/cohort/{world.cohort.pk}/timeslot/{slot.pk}"
    call("PUT", slot_url, as_=world.admin, academy=world.miami, body={"ending_at": 1500})
    live_class = LiveClass.objects.get(planned_date=datetime.date(2025, 3, 12))
    moved = staff(
        "PUT", f"/{live_class.pk}", {"starting_at": "2025-03-13T10:00:00Z", "ending_at": "2025-03-13T11:00:00Z"}
    )
    assert moved.status_code == 200
    call("PUT", slot_url, as_=world.admin, academy=world.miami, body={"starting_at": 1000, "ending_at": 1100})
    call("DELETE", slot_url, as_=world.admin, academy=world.miami)
    live_class.refresh_from_db()
    assert live_class.starting_at == datetime.datetime(2025, 3, 13, 10, tzinfo=datetime.UTC)
    assert LiveClass.objects.filter(starting_at__gt=NOW).count() == 1


def test_moving_onto_another_class(staff, make_class):
    """W1, W4: two classes of a slot never begin at the same time."""
    first, second = make_class(start=1), make_class(start=5)
    response = staff("PUT", f"/{second.pk}", {"starting_at": at(hours=1), "ending_at": at(hours=2)})
    assert error(response) == (409, "live-class-already-exists")
    assert first.pk != second.pk


def test_cancel_and_restore(staff, make_class):
    """W6: a cancelled class stays listed with its status and reason; restored, it is as it was. Twice is once."""
    live_class = make_class()
    for _ in range(2):
        answer = staff("POST", f"/{live_class.pk}/cancel", {"reason": "Snow"}).json()
        assert answer["status"] == "CANCELLED"
    live_class.refresh_from_db()
    assert (live_class.cancel_reason, live_class.sequence) == ("Snow", 1)
    assert [row["status"] for row in staff("GET").json()] == ["CANCELLED"]
    for _ in range(2):
        assert staff("POST", f"/{live_class.pk}/restore").json()["status"] == "SCHEDULED"
    live_class.refresh_from_db()
    assert (live_class.cancel_reason, live_class.sequence, live_class.moved_by_hand) == ("", 2, False)


@pytest.mark.parametrize("path", ["cancel", "restore"])
def test_bodies_of_cancel_and_restore(staff, make_class, path):
    """W6, H5: a body that cannot be read changes nothing."""
    live_class = make_class(cancelled_at=NOW if path == "restore" else None)
    before = LiveClass.objects.values().get()
    bodies: list[Any] = [{"nope": 1}, [], {"reason": "x" * 501}]
    for body in bodies:
        assert error(staff("POST", f"/{live_class.pk}/{path}", body))[0] == 400
    assert LiveClass.objects.values().get() == before


def test_a_started_class_cannot_be_cancelled_or_deleted(staff, make_class):
    """W6: 409, and it stays as it was."""
    live_class = make_class(started_at=NOW)
    assert error(staff("POST", f"/{live_class.pk}/cancel", {"reason": "x"})) == (409, "class-already-started")
    assert error(staff("DELETE", f"/{live_class.pk}")) == (409, "class-already-started")


def test_only_a_manual_class_can_be_deleted(staff, make_class):
    """W6: a generated one says to cancel it."""
    manual, generated = make_class(), make_class(start=9, planned_date=datetime.date(2025, 3, 6))
    assert staff("DELETE", f"/{manual.pk}").status_code == 204
    response = staff("DELETE", f"/{generated.pk}")
    assert error(response) == (400, "cannot-delete-generated")
    assert "Cancel" in response.json()["detail"]
    assert error(staff("DELETE", f"/{manual.pk}")) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/restore")]
)
def test_another_academys_class_is_not_found(call, world, make_class, method, path):
    """H4, W3: never 403, and 404 comes before any word about the body."""
    live_class = make_class()
    for pk in (live_class.pk, 10**9, 10**30):
        body = None if method == "GET" else {"nope": 1}
        response = call(method, f"{URL}/{pk}{path}", as_=world.foreign_admin, academy=world.madrid, body=body)
        assert error(response) == (404, "not-found")
        assert response.json()["detail"] == "Live class not found for this academy"
