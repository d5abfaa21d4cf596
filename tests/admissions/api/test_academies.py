"""Academies and syllabi (rule R1)."""

import pytest

from breathecode.admissions.models import Cohort, Syllabus, SyllabusVersion
from breathecode.authenticate.models import Academy
from tests.support.client import error

ACADEMIES = "/v1/admissions/academy"
MINE = "/v1/admissions/academy/me"
SYLLABI = "/v1/admissions/syllabus"
BODY = {
    "slug": "lisbon",
    "name": "Lisbon",
    "timezone": "Europe/Lisbon",
    "language": "es",
    "logo_url": "https://example.org/logo.png",
    "feedback_email": "feedback@example.org",
}


@pytest.fixture
def as_admin(call, world):
    def as_admin(method, path, **extra):
        return call(method, path, as_=world.admin, academy=world.miami, **extra)

    return as_admin


def test_a_superuser_founds_an_academy(call, world):
    """R1: 201 with the object; logo and feedback address may be left out."""
    response = call("POST", ACADEMIES, as_=world.superuser, body=BODY)
    assert response.status_code == 201
    assert response.json() == {**BODY, "id": Academy.objects.get(slug="lisbon").pk}
    short = call("POST", ACADEMIES, as_=world.superuser, body={"slug": "rome", "name": "R", "timezone": "Europe/Rome"})
    assert short.status_code == 201
    assert error(call("POST", ACADEMIES, as_=world.superuser, body=BODY)) == (409, "slug-already-exists")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slug": "12"}, "slug"),
        ({"slug": "with space"}, "slug"),
        ({"slug": "ñandú"}, "slug"),
        ({"slug": "a\nb"}, "slug"),
        ({"slug": "x" * 101}, "slug"),
        ({"slug": ""}, "slug"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"name": None}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"language": "fr"}, "language"),
        ({"language": ""}, "language"),
        ({"language": None}, "language"),
        ({"logo_url": "javascript:alert(1)"}, "logo_url"),
        ({"logo_url": "ftp://example.org/logo"}, "logo_url"),
        ({"logo_url": "https://example.org/" + "x" * 500}, "logo_url"),
        ({"feedback_email": "nobody"}, "feedback_email"),
    ],
)
def test_what_an_academy_cannot_be(call, as_admin, world, change, field):
    """R1, H3: validation-error on the field, in POST and PUT, and nothing is written."""
    response = call("POST", ACADEMIES, as_=world.superuser, body=BODY | change)
    assert error(response) == (400, "validation-error")
    assert set(response.json()["errors"]) == {field}
    assert Academy.objects.count() == 2
    if field != "slug":  # read-only in a PUT
        assert error(as_admin("PUT", MINE, body=change)) == (400, "validation-error")
        assert Academy.objects.filter(name="Downtown Miami", timezone="America/New_York", logo_url="").count() == 1


@pytest.mark.parametrize("missing", ["slug", "name", "timezone"])
def test_what_an_academy_needs(call, world, missing):
    """R1: slug, name, time zone."""
    body = {key: value for key, value in BODY.items() if key != missing}
    response = call("POST", ACADEMIES, as_=world.superuser, body=body)
    assert (error(response), set(response.json()["errors"])) == ((400, "validation-error"), {missing})


def test_the_academy_itself(as_admin, call, world):
    """R1: GET and PUT `academy/me`; each academy is its own."""
    answer = as_admin("PUT", MINE, body={"name": "Miami", "logo_url": "https://example.org/m.png", "slug": "other"})
    assert answer.status_code == 200
    assert as_admin("GET", MINE).json() == answer.json()
    assert answer.json() == {
        "id": world.miami.pk,
        "slug": "downtown-miami",
        "name": "Miami",
        "timezone": "America/New_York",
        "language": "en",
        "logo_url": "https://example.org/m.png",
        "feedback_email": "",
    }
    madrid = call("GET", MINE, as_=world.foreign_admin, academy=world.madrid).json()
    assert (madrid["id"], madrid["name"]) == (world.madrid.pk, "Madrid")


@pytest.mark.parametrize("spelling", ["es", "ES", "es-MX", "es_MX", " es "])
def test_the_language_of_an_academy(call, as_admin, world, spelling):
    """R1, V5: in any spelling, kept as the product's own code; a new cohort takes it over."""
    made = call("POST", ACADEMIES, as_=world.superuser, body=BODY | {"language": spelling})
    assert (made.status_code, made.json()["language"]) == (201, "es")
    assert as_admin("PUT", MINE, body={"language": spelling}).json()["language"] == "es"
    cohort = as_admin("POST", "/v1/admissions/academy/cohort", body={"slug": "nueva", "name": "Nueva"})
    assert cohort.json()["language"] == "es"
    path = "/v1/admissions/academy/cohort/nueva"
    assert as_admin("PUT", path, body={"language": "EN_us"}).json()["language"] == "en"
    assert error(as_admin("PUT", path, body={"language": "fr"})) == (400, "validation-error")
    assert Cohort.objects.get(slug="nueva").language == "en"


def test_syllabi_are_an_academys_own(as_admin, call, world):
    """R1: the same slug lives in two academies; neither sees the other's."""
    body = {"slug": "full-stack", "name": "Full Stack"}
    mine = as_admin("POST", SYLLABI, body=body)
    assert (mine.status_code, mine.json()["slug"]) == (201, "full-stack")
    other = call("POST", SYLLABI, as_=world.foreign_admin, academy=world.madrid, body=body)
    assert other.status_code == 201
    assert error(as_admin("POST", SYLLABI, body=body)) == (409, "slug-already-exists")
    assert as_admin("GET", SYLLABI).json() == [{"id": mine.json()["id"], **body}]
    reader = call("GET", SYLLABI, as_=world.reader, academy=world.miami)
    assert [row["id"] for row in reader.json()] == [mine.json()["id"]]


def test_versions_are_numbered_from_one(as_admin, world):
    """R1: newest first; the number cannot be chosen."""
    as_admin("POST", SYLLABI, body={"slug": "full-stack", "name": "Full Stack"})
    versions = f"{SYLLABI}/full-stack/version"
    first = as_admin("POST", versions, body={"json": {"days": [1, 2]}, "status": "DRAFT", "version": 9})
    second = as_admin("POST", versions, body={"status": "PUBLISHED"})
    assert [first.status_code, second.status_code] == [201, 201]
    assert [row["version"] for row in as_admin("GET", versions).json()] == [2, 1]
    assert first.json()["json"] == {"days": [1, 2]}
    assert second.json()["json"] == {}


def nested(depth):
    found: dict = {}
    for _ in range(depth - 1):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"json": []},
        {"json": "text"},
        {"json": None},
        {"json": {"a": "\x00"}},
        {"json": {"\x00": 1}},
        {"json": nested(101)},
        {"json": nested(900)},
        {"json": {"a": "x" * 512 * 1024}},
        {"status": "published"},
        {"status": None},
    ],
    ids=repr,
)
def test_what_a_version_cannot_be(as_admin, world, body):
    """R1: an object of JSON that the database can hold, and one of two states; nothing is written."""
    Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    assert error(as_admin("POST", f"{SYLLABI}/full-stack/version", body=body)) == (400, "validation-error")
    assert SyllabusVersion.objects.count() == 0


def test_a_version_may_be_nested(as_admin, world):
    """R1: up to a hundred levels."""
    Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    answer = as_admin("POST", f"{SYLLABI}/full-stack/version", body={"json": nested(100)})
    assert (answer.status_code, answer.json()["json"]) == (201, nested(100))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_syllabus_of_another_academy_is_not_there(as_admin, world, method):
    """H4: 404, by slug and by id, and nothing is written."""
    foreign = Syllabus.objects.create(academy=world.madrid, slug="data-science", name="Data")
    for name in (foreign.pk, foreign.slug, "none", "%00", "%ff", "9" * 30, "'; DROP TABLE x"):
        assert error(as_admin(method, f"{SYLLABI}/{name}/version", body={})) == (404, "not-found"), name
    assert SyllabusVersion.objects.count() == 0
