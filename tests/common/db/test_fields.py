"""Text of one line, e-mail addresses and links: one rule at every way in (rules H11, N3)."""

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from icalendar import Calendar
from rest_framework.serializers import CharField, RegexField

from breathecode.admissions.models import Cohort, Holiday, Syllabus
from breathecode.authenticate.models import Academy, User
from breathecode.common.api.serializers import EmailAddressField, OneLineField, StrictMixin
from breathecode.common.db.fields import HttpUrlValidator
from breathecode.events.models import LiveClass
from tests.support.calendars import FeedReader
from tests.support.client import error
from tests.support.routes import api_routes

COHORTS = "/v1/admissions/academy/cohort"
# Each with what is kept of it.
LINES = [
    (" Web\r\nDevelopment ", "Web Development"),
    ("Web\u2028Dev\u2029elo\u0085p", "Web Dev elo p"),
    ("\ufeffWeb\u200b\u2060", "Web"),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
]
INVISIBLE = ["\u200b", "\u200c", "\u2060", "\ufeff", "\u202c", "\u200f", "\u00ad"]


@pytest.fixture
def as_super(call, world):
    def as_super(method, path, body=None):
        return call(method, path, as_=world.superuser, academy=world.miami, body=body)

    return as_super


@pytest.mark.parametrize(("given", "kept"), LINES)
def test_every_name_and_title_is_one_line(as_super, world, make_class, given, kept):
    """H11: names of cohorts, academies, syllabi, holidays, templates and people, titles and reasons."""
    live_class = make_class()
    written: list[tuple[str, str, str, dict[str, Any]]] = [
        ("PUT", f"{COHORTS}/web-dev", "name", {}),
        ("PUT", "/v1/admissions/academy/me", "name", {}),
        ("POST", "/v1/admissions/syllabus", "name", {"slug": "s"}),
        ("POST", "/v1/admissions/academy/holiday", "name", {"starts_on": "2025-01-01", "ends_on": "2025-01-01"}),
        ("POST", "/v1/feedback/academy/survey/template", "name", {"texts": {}}),
        ("POST", "/v1/auth/academy/student", "first_name", {"email": "a@example.org"}),
        ("POST", "/v1/auth/academy/member", "last_name", {"email": "b@example.org", "role": "staff"}),
        ("PUT", f"/v1/events/academy/event/liveclass/{live_class.pk}", "title", {}),
    ]
    for method, path, field, more in written:
        response = as_super(method, path, {field: given, **more})
        assert response.status_code < 300, (path, response.content)
        assert response.json()[field] == kept, path
    as_super("POST", f"/v1/events/academy/event/liveclass/{live_class.pk}/cancel", {"reason": given})
    assert LiveClass.objects.get(pk=live_class.pk).cancel_reason == kept


def test_every_text_of_a_body_says_what_it_is():
    """H11: a text field of a request is of one line, unless it is named here."""
    others = {"teacher_comments", "comment", "password", "current_password", "new_password", "language"}
    for route in api_routes():
        serializer = route.view.serializer_class
        if not (serializer and issubclass(serializer, StrictMixin)):
            continue
        for name, field in serializer().fields.items():
            is_text = isinstance(field, CharField) and not isinstance(field, OneLineField | RegexField)
            assert field.read_only or not is_text or name in others, (route.path, name)


@pytest.mark.parametrize("given", ["\u200b", " \u2028 ", "\u2060\ufeff"])
def test_what_shows_nothing_is_blank(as_super, given):
    """H11: a name of invisible characters alone is no name."""
    response = as_super("PUT", f"{COHORTS}/web-dev", {"name": given})
    assert (error(response), list(response.json()["errors"])) == ((400, "validation-error"), ["name"])


def test_lengths_count_after_cleaning():
    """H11: what is taken off does not count; what stays does."""
    field = OneLineField(max_length=5)
    assert field.run_validation("\u200b  abcde \u2060\r\n") == "abcde"
    with pytest.raises(Exception, match="no more than 5"):
        field.run_validation("abc\r\n\r\ndef")


def test_a_shell_and_bulk_statements_write_one_line_too(world):
    """H11: `save()`, `update()` and `bulk_create()`; the instance holds what the row does."""
    world.cohort.name = "a\u2028b"
    world.cohort.save()
    assert world.cohort.name == "a b"
    Cohort.objects.filter(pk=world.cohort.pk).update(name="c\r\nd")
    assert Cohort.objects.get(pk=world.cohort.pk).name == "c d"
    day = {"starts_on": "2025-01-01", "ends_on": "2025-01-01"}
    Holiday.objects.bulk_create([Holiday(academy=world.miami, name="e\u0085f", **day)])
    assert Holiday.objects.get().name == "e f"


@pytest.mark.parametrize("invisible", INVISIBLE, ids=lambda char: f"U+{ord(char):04X}")
def test_an_address_with_invisible_ends_makes_no_twin(call, as_super, world, settings, invisible):
    """H11: inviting, signing in, asking for a password, filtering and a shell mean the account that is there."""
    User.objects.filter(pk=world.student.pk).update(first_name="Ana")
    given = f"{invisible}Student@example.org{invisible}"
    before = User.objects.count()
    assert as_super("POST", "/v1/auth/academy/member", {"email": given, "role": "staff"}).status_code == 201
    assert as_super("POST", "/v1/auth/academy/student", {"email": given}).status_code == 200
    assert User.objects.count() == before
    assert call("POST", "/v1/auth/login", body={"email": given, "password": "pass-word-9"}).status_code == 200
    assert call("POST", "/v1/auth/password/reset", body={"email": given}).status_code == 204
    assert [message.to for message in mail.outbox] == [["student@example.org"]]
    assert User.objects.get_by_natural_key(given) == world.student
    assert User.objects.create_user(f"new@example.org{invisible}").email == "new@example.org"


@pytest.mark.parametrize("email", ["an\u200ba@example.org", "ana@exam\u00adple.org", "ana@example.o\u2060rg"])
def test_an_address_with_an_invisible_character_inside_is_refused(call, as_super, world, email):
    """H11: 400 wherever one is written, and nobody is made."""
    before = User.objects.count()
    for path, more in (
        ("/v1/auth/academy/member", {"role": "staff"}),
        ("/v1/auth/academy/student", {}),
        ("/v1/auth/password/reset", {}),
    ):
        response = as_super("POST", path, {"email": email, **more})
        assert (error(response), list(response.json()["errors"])) == ((400, "validation-error"), ["email"]), path
    assert error(call("POST", "/v1/auth/login", body={"email": email, "password": "x"})) == (400, "invalid-credentials")
    response = as_super("PUT", "/v1/admissions/academy/me", {"feedback_email": email})
    assert error(response) == (400, "validation-error")
    assert User.objects.count() == before
    with pytest.raises(ValidationError):
        User(email=email, password="x").clean_fields()


def test_the_admin_cleans_before_it_counts(client, world):
    """H11: the same names and addresses in a form of the admin."""
    client.force_login(world.superuser)
    page = f"/admin/authenticate/user/{world.student.pk}/change/"
    data = {"email": "student@example.org\u200b", "first_name": "x" * 150 + "\u200b", "last_name": "a\u2028b"}
    response = client.post(page, {**data, "is_active": "on"})
    assert response.status_code == 302, response.context["errors"]
    student = User.objects.get(pk=world.student.pk)
    assert (student.email, len(student.first_name), student.last_name) == ("student@example.org", 150, "a b")
    response = client.post(page, {**data, "email": "student@exam\u200bple.org"})
    assert "invisible character" in response.content.decode()


def test_separators_in_a_title_leave_the_feed_readable(as_super, world, make_class, client, clock):
    """N3: U+2028, U+2029 and U+0085 in a title and in a cohort's name reach no calendar."""
    live_class = make_class()
    path = f"/v1/events/academy/event/liveclass/{live_class.pk}"
    as_super("PUT", path, {"title": "One\u2028BEGIN:VEVENT\u2029two\u0085three"})
    as_super("PUT", f"{COHORTS}/web-dev", {"name": "Web\u2028Dev"})
    feed = FeedReader(client, world.student).get("ical/me").content
    assert not set("\u2028\u2029\u0085") & set(feed.decode())
    calendar = Calendar.from_ical(feed)
    assert {str(event["summary"]) for event in calendar.walk("VEVENT")} == {"One BEGIN:VEVENT two three", "Web Dev"}


def test_joiners_reach_the_subject(as_super, world):
    """N3, H11: U+200C and U+200D inside a word stay, also in the subject of a mail."""
    name = "\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f4bb"
    Academy.objects.filter(pk=world.miami.pk).update(name=name)
    as_super("POST", "/v1/auth/academy/student", {"email": "new@example.org"})
    assert name in mail.outbox[0].subject
    assert "\n" not in mail.outbox[0].subject


@pytest.mark.parametrize(
    "url",
    ["https://a.b/c", "https://meet/room", "http://10.0.0.5:8443/x?y#z", "https://[::1]/", "HTTPS://zoom.us/j/1"],
)
def test_a_link_may_lead_to_any_host(as_super, world, url):
    """W1: also to one of a school's own network; the admin's form takes what the API takes."""
    assert as_super("PUT", f"{COHORTS}/web-dev", {"online_meeting_url": f" {url}\u200b"}).status_code == 200
    cohort = Cohort.objects.get(pk=world.cohort.pk)
    assert cohort.online_meeting_url == url
    cohort.full_clean()


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "ftp://a.org/", "https://", "https:///x", "https://a b/", "https://1.2.3.999/"),
        *("//a.org", "https://-a.org/", "https://a..b/", "zoom.us/j/1", "https://a.org:port/"),
    ],
)
def test_what_is_no_link(as_super, world, url):
    """W1: the same for the API and for the admin, which took ftp."""
    response = as_super("PUT", f"{COHORTS}/web-dev", {"online_meeting_url": url})
    assert error(response) == (400, "validation-error")
    world.cohort.online_meeting_url = url
    with pytest.raises(ValidationError):
        world.cohort.clean_fields()
    with pytest.raises(ValidationError):
        HttpUrlValidator()(url)


def test_a_missing_logo_is_null_everywhere(as_super, call, world, make_class):
    """L1, R1: in the academy, in a cohort's academy and in a class; null and "" are taken."""
    for given in (None, ""):
        answer = as_super("PUT", "/v1/admissions/academy/me", {"logo_url": given})
        assert (answer.status_code, answer.json()["logo_url"]) == (200, None)
    make_class()
    assert as_super("GET", f"{COHORTS}/web-dev").json()["academy"]["logo_url"] is None
    (row,) = call("GET", "/v1/events/me/event/liveclass", as_=world.student).json()
    assert row["cohort"]["academy"]["logo_url"] is None
    body = {"slug": "new", "name": "New", "timezone": "UTC", "logo_url": "https://a.b/logo.svg"}
    assert as_super("POST", "/v1/admissions/academy", body).json()["logo_url"] == "https://a.b/logo.svg"


def test_fields_of_the_api_are_texts_to_the_schema():
    """O1: nothing about them is hidden from a client generator."""
    assert issubclass(EmailAddressField, OneLineField)
    assert Syllabus._meta.get_field("name").deconstruct()[1] == "django.db.models.CharField"
