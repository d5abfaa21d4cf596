"""Who may do what: every route by every method by everybody (rule U3)."""

import re

import pytest

from breathecode.authenticate.models import AcademyMember
from breathecode.authenticate.roles import ROLES
from tests.support.client import error
from tests.support.routes import api_routes

READS = {"read_all_cohort", "read_member", "read_cohort_log", "read_survey"}
ALL = READS | {"crud_cohort", "crud_member", "start_or_end_class", "crud_cohort_log", "crud_survey", "crud_my_academy"}

# The contract's words, not the code's.
TABLE = {
    "admin": ALL,
    "academy_coordinator": ALL - {"crud_member", "crud_my_academy"},
    "teacher": READS | {"start_or_end_class", "crud_cohort_log"},
    "assistant": READS | {"start_or_end_class", "crud_cohort_log"},
    "staff": READS,
}

OPEN, ANYBODY, ANY_MEMBER, SUPERUSER = "open", "anybody", "any member", "superuser"
COHORT = "/v1/admissions/academy/cohort"
ROUTES = {
    "/v1/auth/login": {"POST": OPEN},
    "/v1/auth/logout": {"POST": ANYBODY},
    "/v1/auth/password/reset": {"POST": OPEN},
    "/v1/auth/password/change": {"POST": ANYBODY},
    "/v1/auth/me/calendar-token": {"POST": ANYBODY},
    "/v1/auth/academy/student": {"GET": "read_all_cohort", "POST": "crud_cohort"},
    "/v1/auth/academy/student/<id:user_id>": {"GET": "read_all_cohort"},
    "/v1/auth/academy/student/<id:user_id>/invite": {"PUT": "crud_cohort"},
    "/v1/auth/academy/member/<id:user_id>/invite": {"PUT": "crud_member"},
    "/v1/auth/role": {"GET": ANYBODY},
    "/v1/auth/role/<str:role>": {"GET": ANYBODY},
    "/v1/auth/user/me": {"GET": ANYBODY},
    "/v1/auth/academy/member": {"GET": "read_member", "POST": "crud_member"},
    "/v1/auth/academy/member/<id:member_id>": {"GET": "read_member", "PUT": "crud_member", "DELETE": "crud_member"},
    "/v1/admissions/academy": {"POST": SUPERUSER},
    "/v1/admissions/academy/me": {"GET": ANY_MEMBER, "PUT": "crud_my_academy"},
    "/v1/admissions/syllabus": {"GET": ANY_MEMBER, "POST": "crud_cohort"},
    "/v1/admissions/syllabus/<str:syllabus>": {"GET": ANY_MEMBER},
    "/v1/admissions/catalog/timezones": {"GET": ANYBODY},
    "/v1/admissions/catalog/holiday-countries": {"GET": ANYBODY},
    f"{COHORT}/user": {"GET": "read_all_cohort"},
    "/v1/admissions/syllabus/<str:syllabus>/version": {"GET": ANY_MEMBER, "POST": "crud_cohort"},
    "/v1/admissions/cohort/me": {"GET": ANYBODY},
    COHORT: {"GET": "read_all_cohort", "POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>": {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"},
    f"{COHORT}/<str:cohort>/user": {"GET": "read_all_cohort", "POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/user/import": {"POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/user/<id:user_id>": {
        "GET": "read_all_cohort",
        "PUT": "crud_cohort",
        "DELETE": "crud_cohort",
    },
    f"{COHORT}/<str:cohort>/timeslot": {"GET": "read_all_cohort", "POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>": {
        "GET": "read_all_cohort",
        "PUT": "crud_cohort",
        "DELETE": "crud_cohort",
    },
    f"{COHORT}/<str:cohort>/schedule/diagnosis": {"GET": "read_all_cohort"},
    f"{COHORT}/<str:cohort>/timeslot/import": {"POST": "crud_cohort"},
    "/v1/admissions/syllabus/<str:syllabus>/template": {"GET": "read_all_cohort", "POST": "crud_cohort"},
    "/v1/admissions/syllabus/<str:syllabus>/template/<id:template_id>": {
        "GET": "read_all_cohort",
        "PUT": "crud_cohort",
        "DELETE": "crud_cohort",
    },
    "/v1/admissions/syllabus/<str:syllabus>/template/<id:template_id>/apply": {"POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/timeslot/preview": {"POST": "read_all_cohort"},
    "/v1/admissions/academy/holiday": {"GET": "read_all_cohort", "POST": "crud_cohort"},
    "/v1/admissions/academy/holiday/<id:holiday_id>": {
        "GET": "read_all_cohort",
        "PUT": "crud_cohort",
        "DELETE": "crud_cohort",
    },
    "/v1/admissions/academy/job/<id:job_id>": {"GET": "read_all_cohort"},
    "/v1/admissions/academy/holiday/import": {"POST": "crud_cohort"},
    "/v1/admissions/academy/holiday/<id:holiday_id>/makeups": {"GET": "start_or_end_class"},
    f"{COHORT}/<str:cohort>/history": {"GET": "read_all_cohort"},
    f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>/history": {"GET": "read_all_cohort"},
    "/v1/admissions/academy/holiday/<id:holiday_id>/history": {"GET": "read_all_cohort"},
    f"{COHORT}/<str:cohort>/history/<id:change_id>/undo": {"POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/timeslot/<id:time_slot_id>/history/<id:change_id>/undo": {"POST": "crud_cohort"},
    "/v1/admissions/academy/holiday/<id:holiday_id>/history/<id:change_id>/undo": {"POST": "crud_cohort"},
    f"{COHORT}/<str:cohort>/log": {"GET": "read_cohort_log", "PUT": "crud_cohort_log"},
    f"{COHORT}/<str:cohort>/attendance.json": {"GET": "read_cohort_log"},
    f"{COHORT}/<str:cohort>/attendance.csv": {"GET": "read_cohort_log"},
    f"{COHORT}/<str:cohort>/attendance.xlsx": {"GET": "read_cohort_log"},
}
# These have tables of their own, beside their tests.
ELSEWHERE = ("/v1/events/", "/v1/feedback/")
CASES = [(path, method, needed) for path, methods in ROUTES.items() for method, needed in methods.items()]


def test_the_table_of_roles():
    """U3: exactly these."""
    assert {role: set(capabilities) for role, capabilities in ROLES.items()} == TABLE


def test_the_list_of_roles(call, world):
    """U3: `GET auth/role` says the same."""
    answer = call("GET", "/v1/auth/role", as_=world.student).json()
    assert answer == [{"slug": role, "capabilities": sorted(held)} for role, held in TABLE.items()]


def test_the_table_of_routes_names_what_exists():
    """U3: a route or a method that was added has a row, or one of its own beside its tests."""
    routes = {route.path: route.methods for route in api_routes() if not route.path.startswith(ELSEWHERE)}
    assert routes == {path: set(methods) for path, methods in ROUTES.items()}


@pytest.fixture
def people(world):
    """One for each role in Miami, and those who have none there."""
    AcademyMember.objects.create(academy=world.miami, user=world.assistant, role="assistant")
    return {
        "admin": world.admin,
        "academy_coordinator": world.coordinator,
        "teacher": world.staff_teacher,
        "assistant": world.assistant,
        "staff": world.reader,
        "student": world.student,
        "foreign admin": world.foreign_admin,
        "superuser": world.superuser,
        "nobody": None,
    }


def expected_refusal(who, needed):
    """The slug that keeps `who` out; None where the door is open to them."""
    if needed is OPEN or (who == "superuser"):
        return None
    if who == "nobody":
        return "authentication-required"
    if needed is ANYBODY:
        return None
    if needed is SUPERUSER:
        return "superuser-required"
    if who not in TABLE:
        return "not-academy-member"
    return None if needed is ANY_MEMBER or needed in TABLE[who] else "missing-capability"


REFUSALS = {"authentication-required", "superuser-required", "not-academy-member", "missing-capability"}


@pytest.mark.parametrize(("path", "method", "needed"), CASES, ids=[f"{m} {p}" for p, m, _ in CASES])
def test_who_may(call, world, people, path, method, needed):
    """U3, H4: the door opens for those who hold the capability, and names what the others lack.

    Asked for things that are not there and with empty bodies, so that whoever gets in changes nothing.
    """
    address = re.sub(r"<str:\w+>", "none", re.sub(r"<id:\w+>", "999999", path))
    for who, person in people.items():
        response = call(method, address, as_=person, academy=world.miami, body={})
        slug = None if response.status_code < 400 else error(response)[1]
        expected = expected_refusal(who, needed)
        assert slug == expected if expected else slug not in REFUSALS, (who, response.status_code, slug)


def test_a_role_that_no_longer_exists_opens_nothing(call, world):
    """U3: left over in a row, it holds no capability."""
    AcademyMember.objects.filter(user=world.reader).update(role="janitor")
    response = call("GET", COHORT, as_=world.reader, academy=world.miami)
    assert error(response) == (403, "missing-capability")
    assert call("GET", "/v1/admissions/academy/me", as_=world.reader, academy=world.miami).status_code == 200


def test_a_role_taken_away_closes_the_door_at_once(call, world):
    """U3: with the next request."""
    assert call("GET", COHORT, as_=world.admin, academy=world.miami).status_code == 200
    AcademyMember.objects.filter(user=world.admin).delete()
    assert error(call("GET", COHORT, as_=world.admin, academy=world.miami)) == (403, "not-academy-member")
