"""The way of an empty installation to its first class (rule O5)."""

import re

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from breathecode.admissions.domain.academies import create_first_academy
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.models import Academy, User
from breathecode.events.models import LiveClass
from tests.support.queries import captured_queries
from tests.support.threads import together

PATH = "/first-steps"
ACADEMY = {"step": "academy", "name": "Escuela del Río", "timezone": "America/Santiago", "language": "es"}


@pytest.fixture
def operator(db):
    return User.objects.create_superuser("operator@example.org", "pass-word-9")


@pytest.fixture
def browser(operator):
    client = Client(headers={"Accept": "text/html"})
    client.force_login(operator)
    return client


def send(browser, path, **fields):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return browser.post(path, fields, follow=True)


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_from_nothing_to_the_first_class(browser):
    """O5, V1: each step by the forms of the pages, following their links, and never the admin."""
    page = browser.get("/", follow=True)
    assert page.redirect_chain == [(PATH, 302)]
    page = send(browser, PATH, **ACADEMY)
    assert "Escuela del Río is made." in text_of(page)
    academy = Academy.objects.get()
    assert (academy.slug, academy.timezone, academy.language) == ("escuela-del-rio", "America/Santiago", "es")
    new_cohort = "/academy/escuela-del-rio/new-cohort"
    assert f'href="{new_cohort}"' in page.content.decode()
    cohort = {
        "name": "Web", "kickoff_date": "2025-03-01", "never_ends": "on", "stage": "STARTED", "timezone": "",
        "language": "es", "online_meeting_url": "https://meet.example.org/web", "syllabus": "",
    }  # fmt: skip
    assert send(browser, new_cohort, **cohort).status_code == 200
    new_slot = "/academy/escuela-del-rio/cohorts/web/slots/new"
    assert f'href="{new_slot}"' in browser.get(PATH).content.decode()
    slot = {
        "starting_at": "09:00", "ending_at": "11:00", "recurrency_type": "WEEKLY", "weekdays": ["MO"], "interval": "1",
        "recurrent": "on", "timezone": "America/Santiago", "starts_on": "",
    }  # fmt: skip
    plan = send(browser, new_slot, step="plan", **slot).content.decode()
    version = re.search(r'name="plan" value="([^"]+)"', plan)
    assert version, plan
    send(browser, new_slot, plan=version[1], **slot)
    page = send(browser, PATH, step="users", teachers="Ana@example.org", students="b@example.org, c@example.org")
    assert "3 users are in the cohort now." in text_of(page)
    assert "The first class to come:" in text_of(page)
    assert f'href="/classes/{LiveClass.objects.filter(ending_at__gt=timezone.now()).earliest("starting_at").pk}"' in (
        page.content.decode()
    )
    found = CohortUser.objects.order_by("user__email").values_list("user__email", "role")
    assert list(found) == [("ana@example.org", "TEACHER"), ("b@example.org", "STUDENT"), ("c@example.org", "STUDENT")]
    assert sorted(message.to[0] for message in mail.outbox) == ["ana@example.org", "b@example.org", "c@example.org"]
    assert "Elige una contraseña" in mail.outbox[0].body


@pytest.mark.parametrize("person", ["admin", "student", "stranger"])
def test_others_get_the_404_page(world, person):
    """V1: an academy's admin too; nothing is made."""
    client = Client(headers={"Accept": "text/html"})
    client.force_login(getattr(world, person))
    assert client.get(PATH).status_code == client.post(PATH, ACADEMY).status_code == 404
    assert Academy.objects.count() == 2


def test_what_is_wrong_stays_in_the_form(browser):
    """V2: with the sentence at its field, and what was typed."""
    for changes, sentence in (
        ({"timezone": "Mars/Olympus", "name": "Kept"}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 151}, "at most 150"),
    ):
        answer = browser.post(PATH, {**ACADEMY, **changes})
        assert answer.status_code == 400
        assert sentence in text_of(answer)
        assert "aria-invalid" in answer.content.decode()
    assert not Academy.objects.exists()


@pytest.mark.parametrize(
    ("name", "slug"), [("42", "academy-42"), ("学校", "academy"), ("A" * 150, "a" * 80), ("Río & Mar", "rio-mar")]
)
def test_the_slug_is_made_from_the_name(browser, name, slug):
    """R1: one that the API would take."""
    send(browser, PATH, **{**ACADEMY, "name": name})
    academy = Academy.objects.get()
    academy.full_clean()
    assert academy.slug == slug


def test_a_form_that_is_sent_twice_makes_one_academy(browser):
    """O5: the second is led on, and its name is not taken."""
    send(browser, PATH, **ACADEMY)
    page = send(browser, PATH, **{**ACADEMY, "name": "Another"})
    assert page.redirect_chain == [(PATH, 303)]
    assert Academy.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_academy(operator):
    """O5: also where neither has seen the other's."""
    fields = {"timezone": "UTC", "language": "en"}
    made = together(*(lambda name=name: create_first_academy(by=operator, name=name, **fields) for name in ("A", "B")))
    assert len({academy.pk for academy in made}) == Academy.objects.count() == 1


class TestUsers:
    @pytest.fixture
    def steps(self, browser):
        academy = Academy.objects.create(slug="miami", name="Miami")
        cohort = Cohort.objects.create(academy=academy, slug="web", name="Web", stage="STARTED")
        CohortTimeSlot.objects.create(cohort=cohort, starting_at=900, ending_at=1100)
        return browser

    def test_each_wrong_address_is_named_at_its_field(self, steps):
        """V2, U4: and nobody is added."""
        answer = steps.post(PATH, {"step": "users", "teachers": "a@example.org\nno", "students": "b@example.org, @,"})
        assert answer.status_code == 400
        form = answer.context["form"]
        assert form.errors == {
            "teachers": ["no is not a valid e-mail address."], "students": ["@ is not a valid e-mail address."],
        }  # fmt: skip
        assert not CohortUser.objects.exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {},
            {"teachers": "a@example.org", "students": "a@example.org"},
            {"students": " ".join(f"s{n}@example.org" for n in range(101))},
            {"students": '"a","b"@example.org\x00'},
            {"students": "=HYPERLINK(1)"},
        ],
    )
    def test_refused(self, steps, typed):
        """V2, U4: nothing, somebody twice, too many at once, and what is no address."""
        answer = steps.post(PATH, {"step": "users", **typed})
        assert answer.status_code == 400
        assert answer.context["form"].errors
        assert not CohortUser.objects.exists()

    def test_the_form_of_a_step_that_is_over(self, steps):
        """O5: a form left open in another tab leads to where the steps have come."""
        assert steps.post(PATH, ACADEMY)["Location"] == PATH
        assert steps.post(PATH, {"students": "a@example.org"})["Location"] == PATH
        assert (Academy.objects.count(), CohortUser.objects.count()) == (1, 0)

    def test_statements_do_not_grow(self, steps):
        """V6: for two users as for forty."""

        def statements(prefix, number):
            CohortUser.objects.all().delete()
            typed = "\n".join(f"{prefix}{n}@example.org" for n in range(number))
            with captured_queries() as captured:
                assert steps.post(PATH, {"step": "users", "students": typed}).status_code == 303
            return len(captured)

        statements("first", 1)
        assert statements("few", 2) == statements("many", 40)
