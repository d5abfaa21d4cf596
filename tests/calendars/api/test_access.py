"""Who may open which calendar, and with what."""

import datetime

import pytest
import time_machine
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.domain.tokens import issue_token, renew_calendar_token
from breathecode.authenticate.models import AcademyMember, Token, User
from breathecode.events.models import LiveClass
from breathecode.schedules.domain.generation import build_time_slot
from tests.support.calendars import FeedReader, events, uids
from tests.support.client import error

NOW = datetime.datetime(2025, 3, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def classes(world):
    """Ids of the classes in the feed of the cohort of Miami, and of Madrid."""
    miami = world.time_slot(ending_at=1500)
    world.other_cohort.ending_date = datetime.date(2025, 6, 30)
    world.other_cohort.save()
    madrid = world.time_slot(cohort=world.other_cohort)
    for slot in (miami, madrid):
        build_time_slot(time_slot_id=slot.pk, now=NOW)
    return {
        slot.cohort_id: set(LiveClass.objects.filter(cohort_time_slot=slot).values_list("pk", flat=True))
        for slot in (miami, madrid)
    }


@pytest.fixture
def read():
    """Opens addresses as a calendar client: `read(person).get("ical/me")`."""
    return lambda person: FeedReader(Client(raise_request_exception=False), person)


def ids(answer) -> set[int]:
    assert answer.status_code == 200, answer.content
    found = [int(uid.removeprefix("liveclass-").removesuffix("@testserver")) for uid in uids(answer.content)]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("student", 200),
        ("teacher", 200),
        ("assistant", 200),
        ("reviewer", 200),
        ("admin", 200),
        ("coordinator", 200),
        ("staff_teacher", 200),
        ("reader", 200),
        ("superuser", 200),
        ("dropped", 404),
        ("stranger", 404),
        ("foreign_admin", 404),
    ],
)
def test_members_and_staff_open_the_feed_of_a_cohort(world, classes, read, person, status):
    """I1: members of the cohort who are not away, staff of its academy, superusers; the same 404 for all others."""
    answer = read(getattr(world, person)).get("ical/cohorts/web-dev")
    assert answer.status_code == status
    if status == 200:
        assert ids(answer) == classes[world.cohort.pk]
    else:
        assert error(answer) == (404, "not-found")


@pytest.mark.parametrize("away", CohortUser.AWAY)
def test_students_who_are_away_open_nothing(world, classes, read, away):
    """I1, L7: dropped, suspended and postponed students; a graduate still does."""
    CohortUser.objects.filter(user=world.student).update(educational_status=away)
    reader = read(world.student)
    assert error(reader.get("ical/cohorts/web-dev")) == (404, "not-found")
    assert ids(reader.get("ical/me")) == set()
    CohortUser.objects.filter(user=world.student).update(educational_status="GRADUATED")
    assert ids(reader.get("ical/me")) == classes[world.cohort.pk]


def test_access_ends_with_the_next_poll(world, classes, read):
    """I1: a text that is cached already is not shown to somebody who has left since."""
    reader = read(world.student)
    assert reader.poll("ical/cohorts/web-dev").status_code == 200
    CohortUser.objects.filter(user=world.student).delete()
    assert error(reader.poll("ical/cohorts/web-dev")) == (404, "not-found")
    assert ids(reader.get("ical/me")) == set()


def test_the_own_feed_is_the_own_list(world, classes, read, call):
    """I1, L7: `me` holds what the caller's own list does, each class once however many roles."""
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="TEACHER")
    CohortUser.objects.create(cohort=world.other_cohort, user=world.student, role="REVIEWER")
    listed = {row["id"] for row in call("GET", "/v1/events/me/event/liveclass", as_=world.student).json()}
    assert listed == classes[world.cohort.pk] | classes[world.other_cohort.pk]
    assert ids(read(world.student).get("ical/me")) == listed


def test_staff_and_superusers_have_no_classes_of_their_own(world, classes, read):
    """I1: `me` is the caller's own, whatever else they may see; an empty calendar is one that can be read."""
    for person in (world.admin, world.superuser):
        answer = read(person).get("ical/me")
        assert ids(answer) == set()
        assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
        assert b"\r\nNAME:Live classes\r\n" in answer.content


def test_cohorts_are_named_by_id_or_slug(world, classes, read):
    """I1: either, mixed, twice, with blanks, and with a slash at the end: one cohort once."""
    reader = read(world.superuser)
    miami, madrid = world.cohort.pk, world.other_cohort.pk
    both = classes[miami] | classes[madrid]
    for names in (
        f"{miami},{madrid}",
        f"web-dev,{madrid}",
        f"data,web-dev,{miami}",
        " web-dev ,, data,",
        "data,web-dev/",
    ):
        assert ids(reader.get(f"ical/cohorts/{names}")) == both, names
    assert ids(reader.get(f"ical/cohorts/{miami}")) == classes[miami]
    assert ids(reader.get("ical/cohorts/data%2Cweb-dev")) == both


@pytest.mark.parametrize(
    "names",
    ["data", "web-dev,data", "web-dev,unknown", "web-dev,999999", "999999999999999999999", "9223372036854775808",
     "%00", "web-dev%00", ",", "%20", "WEB-DEV", "web_dev", "٣", "-1", "1.0", "%F0%9F%98%80", "web-dev;data", "*"],
)  # fmt: skip
def test_one_cohort_too_many_is_not_found(world, classes, read, names):
    """I1: all of them or none, and one answer for what is unknown and what is not the caller's."""
    assert error(read(world.student).get(f"ical/cohorts/{names}")) == (404, "not-found")


def test_a_slug_means_the_callers_own_academy(world, classes, read):
    """I1: two academies may use one slug; each caller gets what they may see, a superuser both."""
    twin = Cohort.objects.create(academy=world.madrid, slug="web-dev", name="Web in Madrid", stage="STARTED")
    slot = world.time_slot(cohort=twin)
    own = LiveClass.objects.create(cohort_time_slot=slot, starting_at=NOW, ending_at=NOW + DAY / 24)
    assert ids(read(world.student).get("ical/cohorts/web-dev")) == classes[world.cohort.pk]
    assert ids(read(world.foreign_admin).get("ical/cohorts/web-dev")) == {own.pk}
    assert ids(read(world.superuser).get("ical/cohorts/web-dev")) == {own.pk} | classes[world.cohort.pk]


def test_an_address_names_fifty_cohorts_at_most(world, read):
    """I1: fifty are served, more are a clear 400; naming one twice counts once."""
    fifty = [Cohort.objects.create(academy=world.miami, slug=f"c-{n}", name=f"C {n}").slug for n in range(50)]
    reader = read(world.admin)
    assert ids(reader.get(f"ical/cohorts/{','.join(fifty)}")) == set()
    assert ids(reader.get(f"ical/cohorts/{','.join(fifty + fifty)}")) == set()
    answer = reader.get(f"ical/cohorts/{','.join(fifty)},web-dev")
    assert error(answer) == (400, "too-many-cohorts")
    assert answer.json()["detail"] == "A feed URL can list at most 50 cohorts; this one lists 51."
    assert error(reader.get("ical/cohorts/" + ",".join(map(str, range(500))))) == (400, "too-many-cohorts")


def test_a_deleted_cohort_shows_nothing(world, classes, read):
    """L7: nowhere, and without taking the other cohorts of the address with it."""
    Cohort.objects.filter(pk=world.other_cohort.pk).update(stage="DELETED")
    assert ids(read(world.stranger).get("ical/me")) == set()
    assert ids(read(world.superuser).get("ical/cohorts/web-dev,data")) == classes[world.cohort.pk]
    assert ids(read(world.superuser).get("ical/cohorts/data")) == set()


# --- Tokens ---


def expired(user: User) -> str:
    return issue_token(user=user, purpose=Token.Purpose.CALENDAR, lifetime=-DAY)[0]


def revoked(user: User) -> str:
    old = renew_calendar_token(user=user)
    renew_calendar_token(user=user)
    return old


def of_an_inactive_person(user: User) -> str:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return renew_calendar_token(user=user)


def signed_in(user: User) -> str:
    return issue_token(user=user, purpose=Token.Purpose.SIGN_IN, lifetime=DAY)[0]


def renew_calendar_token_of(user: User) -> str:
    return renew_calendar_token(user=user)


FEEDS = ["/v1/events/ical/me", "/v1/events/ical/cohorts/web-dev"]
REFUSED = [
    (expired, "expired-token"),
    (revoked, "invalid-token"),
    (of_an_inactive_person, "invalid-token"),
    (lambda user: "no-such-key", "invalid-token"),
    (lambda user: "😀\x00%", "invalid-token"),
]
NAMES = ["expired", "revoked", "inactive", "unknown", "unreadable"]


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(("make", "slug"), REFUSED, ids=NAMES)
def test_only_a_living_calendar_token_opens_a_feed(world, classes, client, feed, make, slug):
    """I2, H4: in the address and in the header alike, and whoever asks."""
    key = make(world.student)
    assert error(client.get(feed, {"token": key})) == (401, slug)
    if key.isascii():
        answer = client.get(feed, headers={"Authorization": f"Token {key}"})
        assert error(answer) == (401, slug)
        assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("feed", [*FEEDS, "file"])
@pytest.mark.parametrize("make", [signed_in, renew_calendar_token_of], ids=["API token", "calendar token"])
def test_the_header_opens_a_feed(world, classes, client, feed, make):
    """I2: `Authorization` with an API token or a calendar token, on every calendar route."""
    if feed == "file":
        feed = f"/v1/events/me/event/liveclass/{min(classes[world.cohort.pk])}.ics"
    answer = client.get(feed, headers={"Authorization": f"Token {make(world.student)}"})
    assert ids(answer) == ({min(classes[world.cohort.pk])} if feed.endswith(".ics") else classes[world.cohort.pk])
    refused = client.get(feed, headers={"Authorization": f"Token {expired(world.student)}"})
    assert error(refused) == (401, "expired-token")


@pytest.mark.parametrize("purpose", ["SIGN_IN", "INVITATION", "PASSWORD_RESET"])
@pytest.mark.parametrize("feed", FEEDS)
def test_no_other_token_opens_a_feed_in_the_address(world, classes, client, feed, purpose):
    """I2: an address gets shared and logged, so a token that opens more than calendars is refused there."""
    key, _token = issue_token(user=world.student, purpose=purpose, lifetime=DAY)
    assert error(client.get(feed, {"token": key})) == (401, "invalid-token")


@pytest.mark.parametrize("purpose", ["INVITATION", "PASSWORD_RESET"])
def test_the_header_takes_no_token_of_a_mailed_link(world, client, purpose):
    """I2: a link that sets a password opens no calendar."""
    key, _token = issue_token(user=world.student, purpose=purpose, lifetime=DAY)
    answer = client.get(FEEDS[0], headers={"Authorization": f"Token {key}"})
    assert error(answer) == (401, "invalid-token")


def test_the_token_in_the_address_decides_where_both_are_given(world, classes, client):
    """I2: whose calendar it is stands in its address; a wrong token there is not made good by the header."""
    headers = {"Authorization": f"Token {signed_in(world.stranger)}"}
    key = renew_calendar_token(user=world.student)
    assert ids(client.get(FEEDS[0], {"token": key}, headers=headers)) == classes[world.cohort.pk]
    assert error(client.get(FEEDS[0], {"token": "no-such-key"}, headers=headers)) == (401, "invalid-token")


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_asks_for_a_token(world, client, feed):
    """I2, H4: and says which one."""
    for answer in (
        client.get(feed),
        client.get(f"{feed}?token="),
        client.get(feed, headers={"Authorization": "Basic eA=="}),
    ):
        assert error(answer) == (401, "authentication-required")
        assert "calendar-token" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/v1/events/me/event/liveclass"),
        ("GET", "/v1/auth/user/me"),
        ("GET", "/v1/admissions/cohort/me"),
        ("POST", "/v1/auth/logout"),
        ("POST", "/v1/auth/me/calendar-token"),
        ("GET", "/v1/events/academy/event/liveclass"),
    ],
)
def test_a_calendar_token_opens_nothing_else(world, client, method, address):
    """I2: not the API, and not a new token for itself; nor does the API take a token from its address (H2)."""
    headers = {"Academy": str(world.miami.pk)}
    key = renew_calendar_token(user=world.admin)
    with_header = client.generic(method, address, headers={**headers, "Authorization": f"Token {key}"})
    assert error(with_header) == (401, "invalid-token")
    assert error(client.generic(method, f"{address}?token={key}", headers=headers)) == (401, "authentication-required")


def test_a_token_is_made_with_its_addresses(world, classes, call, client):
    """I2: 201, both addresses open as they are."""
    answer = call("POST", "/v1/auth/me/calendar-token", as_=world.student)
    token = answer.json()["token"]
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.json() == {
        "token": token,
        "urls": {
            "me": f"http://testserver/v1/events/ical/me?token={token}",
            "cohorts": f"http://testserver/v1/events/ical/cohorts/{world.cohort.pk}?token={token}",
        },
    }
    for address in answer.json()["urls"].values():
        assert ids(client.get(address)) == classes[world.cohort.pk]
    stored = Token.objects.get(user=world.student, purpose="CALENDAR")
    assert token not in (stored.key_hash, str(stored))
    assert stored.expires_at == NOW + 3 * 365 * DAY


def test_a_new_token_revokes_the_old(world, call, client):
    """I2: the caller's own one, nobody else's, and no sign-in."""
    other = renew_calendar_token(user=world.teacher)
    first, second = (call("POST", "/v1/auth/me/calendar-token", as_=world.student).json()["token"] for _ in range(2))
    assert error(client.get(FEEDS[0], {"token": first})) == (401, "invalid-token")
    for key in (second, other):
        assert client.get(FEEDS[0], {"token": key})["Content-Type"] == "text/calendar; charset=utf-8"
    assert call("GET", "/v1/auth/user/me", as_=world.student).json()["id"] == world.student.pk


def test_a_calendar_outlives_a_sign_out_and_no_new_password(world, call, client):
    """I2, U2: the calendar on the phone lives on; a new password ends everything."""
    key = call("POST", "/v1/auth/me/calendar-token", as_=world.student).json()["token"]
    assert call("POST", "/v1/auth/logout", as_=world.student).status_code == 204
    assert client.get(FEEDS[0], {"token": key}).status_code == 200
    world.student.set_password("another-pass-word-9")
    world.student.save()
    assert error(client.get(FEEDS[0], {"token": key})) == (401, "invalid-token")


def test_the_addresses_of_staff_and_of_people_without_cohorts(world, call):
    """I2: staff without cohorts of their own get their academies'; who has none gets no such address."""
    Cohort.objects.create(academy=world.miami, slug="gone", name="Gone", stage="DELETED")
    nobody = User.objects.create_user("nobody@example.org", "pass-word-9")

    def cohorts(person: User) -> str | None:
        address: str | None = call("POST", "/v1/auth/me/calendar-token", as_=person).json()["urls"]["cohorts"]
        return address and address.partition("?")[0].rpartition("/")[2]

    assert cohorts(world.reader) == str(world.cohort.pk)
    assert cohorts(world.superuser) == f"{world.other_cohort.pk},{world.cohort.pk}"
    assert cohorts(world.dropped) is None
    assert cohorts(nobody) is None
    AcademyMember.objects.create(academy=world.madrid, user=world.student, role="teacher")
    assert cohorts(world.student) == str(world.cohort.pk)


def test_the_address_of_many_cohorts_opens(world, call, client):
    """I1, I2: somebody with more than fifty cohorts is not given an address that is refused."""
    for number in range(60):
        Cohort.objects.create(academy=world.miami, slug=f"c-{number}", name="C", kickoff_date=NOW.date() + number * DAY)
    address = call("POST", "/v1/auth/me/calendar-token", as_=world.admin).json()["urls"]["cohorts"]
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("body", "slug"), [({"lifetime": 1}, "unknown-field"), ([1], "validation-error"), ("x", "validation-error")]
)
def test_a_token_request_says_what_it_does_not_know(world, call, body, slug):
    """H5: as every other route."""
    assert error(call("POST", "/v1/auth/me/calendar-token", as_=world.student, body=body)) == (400, slug)


# --- HTTP ---


def test_the_answer_is_a_calendar_whatever_the_client_accepts(world, classes, read):
    """I3: calendar clients accept text/calendar alone; errors stay JSON (H3)."""
    reader = read(world.student)
    for accept in ("text/calendar", "text/html", "application/json", "nonsense", "*/*"):
        answer = reader.get("ical/me", Accept=accept)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert ids(answer) == classes[world.cohort.pk]
        answer = reader.get("ical/cohorts/unknown", Accept=accept)
        assert answer["Content-Type"] == "application/json"
        assert error(answer) == (404, "not-found")


def test_unknown_parameters_and_methods(world, read):
    """H7, H3: as every other route."""
    reader = read(world.student)
    url = f"/v1/events/ical/me?token={reader.key}"
    assert error(reader.client.get(f"{url}&tokem=1")) == (400, "unknown-parameter")
    for method in ("post", "put", "delete", "patch", "options"):
        assert error(getattr(reader.client, method)(url)) == (405, "method-not-allowed")


def test_head_answers_without_the_body(world, classes, read):
    """I4: the ETag alone, for a client that asks for no more."""
    reader = read(world.student)
    url = f"/v1/events/ical/me?token={reader.key}"
    head, get = reader.client.head(url), reader.client.get(url)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", get["ETag"])


# --- One class as a file ---


def test_one_class_as_a_file(world, classes, call, read):
    """I3: with a sign-in in the header or a calendar token in the address; the event is the feed's, byte for byte."""
    pk = min(classes[world.cohort.pk])
    answer = call("GET", f"/v1/events/me/event/liveclass/{pk}.ics", as_=world.student)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'inline; filename="liveclass-{pk}.ics"'
    assert answer["Cache-Control"] == "private, no-cache"
    assert ids(answer) == {pk}
    reader = read(world.student)
    assert ids(reader.get(f"me/event/liveclass/{pk}.ics")) == {pk}
    (event,) = events(answer.content)
    assert event.to_ical() in reader.get("ical/me").content


def test_the_file_of_a_class_has_an_etag(world, classes, read):
    """I4: the same conditional requests as a feed."""
    reader, path = read(world.student), f"me/event/liveclass/{min(classes[world.cohort.pk])}.ics"
    assert [reader.poll(path).status_code for _ in range(2)] == [200, 304]
    assert reader.get(path, **{"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize("person", ["stranger", "dropped", "foreign_admin"])
def test_a_class_of_others_is_no_file(world, classes, call, person):
    """I1: 404, and so is what does not exist; any member of the academy may have it."""
    address = f"/v1/events/me/event/liveclass/{min(classes[world.cohort.pk])}.ics"
    assert error(call("GET", address, as_=getattr(world, person))) == (404, "not-found")
    assert call("GET", address, as_=world.reader).status_code == 200
    for missing in (10**6, 2**63, 10**30):
        address = f"/v1/events/me/event/liveclass/{missing}.ics"
        assert error(call("GET", address, as_=world.superuser)) == (404, "not-found")


def test_a_class_of_a_deleted_cohort_is_no_file(world, classes, call):
    """L7: for nobody."""
    Cohort.objects.filter(pk=world.cohort.pk).update(stage="DELETED")
    address = f"/v1/events/me/event/liveclass/{min(classes[world.cohort.pk])}.ics"
    assert error(call("GET", address, as_=world.superuser)) == (404, "not-found")


def test_a_file_takes_no_sign_in_from_its_address(world, classes, client):
    """H2: addresses get shared, so only a calendar token may stand in one."""
    address = f"/v1/events/me/event/liveclass/{min(classes[world.cohort.pk])}.ics"
    assert error(client.get(address, {"token": signed_in(world.student)})) == (401, "invalid-token")
    assert error(client.get(address)) == (401, "authentication-required")


def test_the_request_log_holds_no_token(world, read, caplog):
    """O4: a feed's address is a secret; its path is none."""
    caplog.set_level("DEBUG")
    reader = read(world.student)
    assert reader.get("ical/me").status_code == 200
    reader.get("ical/cohorts/unknown")
    written = [str(vars(record)) for record in caplog.records]
    assert any("/v1/events/ical/me" in line for line in written)
    assert reader.key not in "".join(written)
