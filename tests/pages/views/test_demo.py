"""One click to be a person of the demo: where it is offered, and what it never opens (rule O5)."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from breathecode.authenticate.models import Academy, User
from breathecode.demo.data import ACADEMIES, PASSWORD, SUPERUSER
from breathecode.demo.loader import load_demo
from breathecode.demo.people import demo_places
from tests.support.queries import captured_queries

PATH = "/demo"
STUDENT = "ava.collins@miami.example.org"


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "http://localhost:8000", ["*"]


@pytest.fixture
def demo(db):
    """Its academies and three of its people, made as the loader makes them."""
    Academy.objects.bulk_create(Academy(slug=data.slug, name=data.name, timezone=data.timezone) for data in ACADEMIES)
    for email in (STUDENT, "coordinator@miami.example.org"):
        User.objects.create_user(email, PASSWORD)
    User.objects.create_superuser(SUPERUSER, PASSWORD)


def browser(**options):
    headers = {"Accept": "text/html", "Host": "localhost:8000", **options.pop("headers", {})}
    return Client(headers=headers, **options)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_the_address_that_is_printed_leads_there(demo):
    """O5: signed out, `/` shows whom one can be; signed in, one's classes as ever."""
    client = browser()
    assert client.get("/", follow=True).redirect_chain == [(PATH, 302)]
    assert f'href="{PATH}"' in client.get("/sign-in").content.decode()
    assert client.post(PATH, {"email": STUDENT}, follow=True).redirect_chain == [("/", 303)]
    assert client.get("/").status_code == 200


def test_everybody_of_the_demo_is_there(demo):
    """O5: each with a button of their own, and the password that opens all of them."""
    html = browser().get(PATH).content.decode()
    buttons = set(re.findall(r'name="email" value="([^"]+)"', html))
    people = {person.email for place in demo_places() for person in (*place.staff, *place.students)}
    assert buttons == people | {SUPERUSER}
    assert PASSWORD in html


@pytest.mark.slow
@pytest.mark.django_db
def test_the_list_is_what_the_loader_makes():
    """O5: whoever has a button has an account."""
    load_demo(now=timezone.now())
    people = {person.email for place in demo_places() for person in (*place.staff, *place.students)}
    assert set(User.objects.values_list("email", flat=True)) == people | {SUPERUSER}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_from_this_machine(demo, address, host):
    """O5: by each of its names."""
    client = browser(REMOTE_ADDR=address, headers={"Host": host})
    assert client.get(PATH).status_code == 200
    assert client.post(PATH, {"email": STUDENT}).status_code == 303
    assert is_signed_in(client)


def refused(**options):
    """The 404 page for both methods, no way to it, and nobody is signed in."""
    client = browser(**options)
    assert client.get(PATH).status_code == client.post(PATH, {"email": SUPERUSER}).status_code == 404
    assert not is_signed_in(client)
    assert client.get("/")["Location"].startswith("/sign-in")
    assert f'href="{PATH}"' not in client.get("/sign-in").content.decode()
    return True


@pytest.mark.parametrize(
    "address",
    ["192.168.1.20", "203.0.113.9", "10.0.0.1", "", "unix:", "::ffff:10.0.0.1", "localhost", "127.0.0.1.evil"],
)
def test_not_from_elsewhere(demo, address):
    """O5: another machine, a Unix socket that a proxy may be behind, and an address that is none."""
    assert refused(REMOTE_ADDR=address)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"])
@pytest.mark.parametrize("value", ["203.0.113.9", "127.0.0.1", ""])
def test_not_through_a_proxy(demo, name, value):
    """O5: whatever it says of the address that it speaks for."""
    assert refused(headers={name: value})


@pytest.mark.parametrize("host", ["classes.example.org", "localhost.example.org", "192.168.1.5:8000", "127.0.0.1.x"])
def test_not_by_another_name(demo, host):
    """O5: DNS rebinding, where a browser of this machine takes us for a site elsewhere."""
    assert refused(headers={"Host": host})


@pytest.mark.parametrize(
    "changes",
    [
        {"PUBLIC_URL": "https://classes.example.org"},
        {"PUBLIC_URL": "http://192.168.1.5:8000"},
        {"CELERY_BROKER_URL": "redis://127.0.0.1:6379/0"},
        {"TRUSTED_PROXY_COUNT": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_not_in_production(demo, settings, changes):
    """O5: an address for others, a broker, a proxy."""
    for name, value in changes.items():
        setattr(settings, name, value)
    assert refused()


def test_not_beside_an_academy_of_somebody_else(demo):
    """O5: the demo is then not all there is; nor where there is no academy at all."""
    Academy.objects.create(slug="real", name="Real")
    assert refused()
    Academy.objects.all().delete()
    assert refused()


def test_with_a_broker_while_somebody_develops(demo, settings):
    """O5: `DEBUG` is as good as no broker, and as bad under an address for others."""
    settings.DEBUG, settings.CELERY_BROKER_URL = True, "redis://127.0.0.1:6379/0"
    assert browser().get(PATH).status_code == 200
    settings.PUBLIC_URL = "https://classes.example.org"
    assert refused()


def test_no_click_without_a_token(demo):
    """V3, O5: a page elsewhere cannot sign this browser in; opening the address does not either."""
    client = browser(enforce_csrf_checks=True)
    assert client.post(PATH, {"email": STUDENT}).status_code == 403
    assert client.get(PATH, {"email": STUDENT}).status_code == 200
    assert not is_signed_in(client)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(PATH).content.decode())
    assert token
    assert client.post(PATH, {"email": STUDENT, "csrfmiddlewaretoken": token[1]}).status_code == 303
    assert is_signed_in(client)


@pytest.mark.parametrize("email", ["", "real@example.org", SUPERUSER.upper(), f"{STUDENT}\x00x", "%"])
def test_nobody_else(demo, email):
    """O5: not even with the demo's password."""
    User.objects.create_user("real@example.org", PASSWORD)
    client = browser()
    assert client.post(PATH, {"email": email}).status_code == 404
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!unusable"}], ids=["locked", "changed"])
def test_it_opens_what_the_published_password_opens(demo, change):
    """O5, U2: an account that was locked, or has a password of its own by now, stays closed."""
    User.objects.filter(email=SUPERUSER).update(**change)
    client = browser()
    answer = client.post(PATH, {"email": SUPERUSER})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not is_signed_in(client)


def test_clicks_count_as_sign_ins(demo, settings):
    """U2: with the same limit, as long as the password is wrong."""
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    User.objects.filter(email=STUDENT).update(password="!unusable")
    client = browser()
    assert [client.post(PATH, {"email": STUDENT}).status_code for _ in range(3)] == [400, 400, 429]


def test_another_person_is_another_session(demo):
    """O5: nothing of the first one's session is kept."""
    client = browser()
    client.post(PATH, {"email": SUPERUSER})
    first = client.session.session_key
    client.post(PATH, {"email": STUDENT})
    assert client.session.session_key != first
    assert client.get("/admin/").status_code == 302


def test_it_costs_little(demo):
    """V6: and a request from elsewhere costs no query."""
    with captured_queries() as statements:
        browser().get(PATH)
    assert len(statements) <= 12
    with captured_queries() as statements:
        browser(REMOTE_ADDR="203.0.113.9").get(PATH)
    assert statements == []
