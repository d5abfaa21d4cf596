"""Lists of an academy's people, and what became of their mails (rules U7, R3, N4)."""

import pytest
from django.core import mail
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import AcademyMember, User
from breathecode.common.i18n.time_zones import TIME_ZONES
from breathecode.notify.models import OutgoingMail
from tests.support.client import error

STUDENTS = "/v1/auth/academy/student"
MEMBERS = "/v1/auth/academy/member"
COHORTS = "/v1/admissions/academy/cohort"


@pytest.fixture
def staff(call, world):
    def staff(method, path, body=None, as_=world.admin):
        return call(method, path, as_=as_, academy=world.miami, body=body)

    return staff


def names(response):
    assert response.status_code == 200, response.content
    return [(row.get("user") or row)["email"].partition("@")[0] for row in response.json()]


def test_a_student_as_staff_see_them(staff, world):
    """U7: person, status, invitation and their places in this academy's cohorts; by id the same."""
    CohortUser.objects.create(cohort=world.other_cohort, user=world.student)
    (row,) = staff("GET", f"{STUDENTS}?like=student").json()
    assert row == {
        "id": world.student.pk,
        "user_id": world.student.pk,
        "email": "student@example.org",
        "first_name": "",
        "last_name": "",
        "status": "ACTIVE",
        "invitation": None,
        "failed_mail": None,
        "cohorts": [
            {
                "cohort": {"id": world.cohort.pk, "slug": "web-dev", "name": "Web Development"},
                "role": "STUDENT",
                "educational_status": "ACTIVE",
            }
        ],
    }
    assert staff("GET", f"{STUDENTS}/{world.student.pk}").json() == row
    for stranger in (world.stranger, world.foreign_admin, world.teacher):
        assert error(staff("GET", f"{STUDENTS}/{stranger.pk}")) == (404, "not-found")


def test_filters_of_students(staff, world):
    """U7: `like`, `role`, `status`, `educational_status` and `cohorts`, of this academy alone."""
    User.objects.filter(pk=world.student.pk).update(first_name="Ana María", last_name="Ruiz")
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="ASSISTANT")
    CohortUser.objects.create(cohort=world.other_cohort, user=world.dropped, role="TEACHER")
    staff("POST", STUDENTS, {"email": "new@example.org"})
    assert names(staff("GET", STUDENTS)) == ["student", "dropped", "new"]
    assert names(staff("GET", f"{STUDENTS}?like=ruiz ana")) == ["student"]
    assert names(staff("GET", f"{STUDENTS}?status=INVITED")) == ["new"]
    assert names(staff("GET", f"{STUDENTS}?status=active")) == ["student", "dropped"]
    assert names(staff("GET", f"{STUDENTS}?educational_status=DROPPED")) == ["dropped"]
    assert names(staff("GET", f"{STUDENTS}?role=ASSISTANT")) == ["student"]
    assert names(staff("GET", f"{STUDENTS}?role=TEACHER")) == []
    assert names(staff("GET", f"{STUDENTS}?cohorts=web-dev,{10**9}&sort=-email")) == ["student", "dropped"]
    assert names(staff("GET", f"{STUDENTS}?cohorts=data")) == []
    assert error(staff("GET", f"{STUDENTS}?status=ASLEEP")) == (400, "invalid-parameter")


def test_filters_of_members(staff, world):
    """U7: `like`, `role` and `status`."""
    staff("POST", MEMBERS, {"email": "new@example.org", "role": "teacher"})
    assert names(staff("GET", f"{MEMBERS}?role=teacher,admin")) == ["admin", "staff_teacher", "new"]
    assert names(staff("GET", f"{MEMBERS}?like=COORD")) == ["coordinator"]
    assert names(staff("GET", f"{MEMBERS}?status=INVITED&role=teacher")) == ["new"]
    assert error(staff("GET", f"{MEMBERS}?role=janitor")) == (400, "invalid-parameter")


@pytest.mark.parametrize("path", [MEMBERS, STUDENTS])
def test_what_became_of_the_invitation(staff, world, path):
    """U7, N4: queued, sent, or failed and why; the newest of this academy."""
    body = {"email": "new@example.org", **({"role": "staff"} if path == MEMBERS else {})}
    assert staff("POST", path, body).status_code == 201
    states = [("QUEUED", "", "QUEUED"), ("SENDING", "", "QUEUED"), ("SENT", "", "SENT")]
    for state, reason, shown in [*states, ("FAILED", "550 no such user", "FAILED")]:
        OutgoingMail.objects.update(state=state, last_error=reason)
        (row,) = staff("GET", f"{path}?like=new@").json()
        assert (row["invitation"]["state"], row["invitation"]["reason"]) == (shown, reason or None)
        assert (row["failed_mail"] is not None) == (state == "FAILED")
    assert row["failed_mail"]["reason"] == "550 no such user"


def test_any_mail_that_failed_is_seen_at_the_person(staff, world):
    """N4: a reminder too, the newest; one that is tried again is not shown, nor another person's."""
    now = timezone.now()
    for purpose, to, state, reason in [
        ("a", "student@example.org", "FAILED", "550 old"),
        ("b", "student@example.org", "FAILED", "552 mailbox full"),
        ("c", "student@example.org", "QUEUED", "451 later"),
        ("d", "dropped@example.org", "SENT", ""),
    ]:
        fields = {"template": "class_reminder", "language": "en", "next_try_at": now, "created_at": now}
        OutgoingMail.objects.create(purpose=purpose, to=to, state=state, last_error=reason, **fields)
    rows = {row["email"]: row["failed_mail"] for row in staff("GET", STUDENTS).json()}
    assert rows["student@example.org"]["reason"] == "552 mailbox full"
    assert rows["dropped@example.org"] is None


def test_inviting_again(staff, world):
    """U7: members and students; too soon is 429 with the wait, who has a password 409, others 404."""
    student = User.objects.create_user("s@example.org")
    CohortUser.objects.create(cohort=world.cohort, user=student)
    Cohort.objects.filter(pk=world.cohort.pk).update(language="es")
    member = User.objects.create_user("m@example.org")
    AcademyMember.objects.create(academy=world.miami, user=member, role="staff")
    first = staff("PUT", f"{STUDENTS}/{student.pk}/invite", as_=world.coordinator)
    assert (first.status_code, first.json()["invitation"]["state"]) == (200, "QUEUED")
    assert mail.outbox[0].subject.startswith("Downtown Miami te invita a ")
    again = staff("PUT", f"{MEMBERS}/{student.pk}/invite")
    assert error(again) == (429, "invitation-too-soon")
    assert 0 < int(again["Retry-After"]) <= 600
    assert staff("PUT", f"{MEMBERS}/{member.pk}/invite").status_code == 200
    assert error(staff("PUT", f"{MEMBERS}/{world.student.pk}/invite")) == (409, "invitation-not-needed")
    assert error(staff("PUT", f"{STUDENTS}/{member.pk}/invite")) == (404, "not-found")
    for stranger in (world.stranger.pk, 0, 2**63, 10**30):
        assert error(staff("PUT", f"{MEMBERS}/{stranger}/invite")) == (404, "not-found")
    assert [message.to for message in mail.outbox] == [["s@example.org"], ["m@example.org"]]


def test_inviting_a_teacher_of_a_cohort_again(staff, world):
    """U7: who is in a cohort and neither a student nor on the staff, as an import makes them."""
    teacher = User.objects.create_user("t@example.org")
    CohortUser.objects.create(cohort=world.cohort, user=teacher, role="TEACHER")
    assert staff("PUT", f"{MEMBERS}/{teacher.pk}/invite").status_code == 200
    assert error(staff("PUT", f"{STUDENTS}/{teacher.pk}/invite")) == (404, "not-found")
    assert [message.to for message in mail.outbox] == [["t@example.org"]]


def test_people_of_one_cohort(staff, world):
    """R3: filters `role`, `educational_status` and `like`; GET of one, by role where there are several."""
    path = f"{COHORTS}/web-dev/user"
    assert names(staff("GET", f"{path}?role=teacher,reviewer")) == ["teacher", "reviewer"]
    assert names(staff("GET", f"{path}?educational_status=DROPPED")) == ["dropped"]
    assert names(staff("GET", f"{path}?like=assist")) == ["assistant"]
    assert staff("GET", f"{path}/{world.student.pk}").json()["role"] == "STUDENT"
    CohortUser.objects.create(cohort=world.cohort, user=world.student, role="TEACHER")
    assert error(staff("GET", f"{path}/{world.student.pk}")) == (400, "role-ambiguous")
    assert staff("GET", f"{path}/{world.student.pk}?role=TEACHER").json()["role"] == "TEACHER"
    assert error(staff("GET", f"{path}/{world.stranger.pk}")) == (404, "not-found")


def test_people_across_cohorts(staff, world):
    """U7: filters `cohorts`, `roles`, `users` and `like`; none of a deleted or of another academy's cohort."""
    evening = Cohort.objects.create(academy=world.miami, slug="evening", name="Evening")
    old = Cohort.objects.create(academy=world.miami, slug="old", name="Old", stage="DELETED")
    CohortUser.objects.create(cohort=evening, user=world.student)
    CohortUser.objects.create(cohort=old, user=world.student)
    path = f"{COHORTS}/user"
    assert len(names(staff("GET", path))) == 6
    (row,) = staff("GET", f"{path}?cohorts=evening").json()
    assert row["cohort"] == {"id": evening.pk, "slug": "evening", "name": "Evening"}
    assert names(staff("GET", f"{path}?roles=TEACHER,REVIEWER")) == ["teacher", "reviewer"]
    assert names(staff("GET", f"{path}?users={world.student.pk},{world.stranger.pk}")) == ["student", "student"]
    assert names(staff("GET", f"{path}?like=drop&sort=cohort")) == ["dropped"]


def test_user_is_no_slug_of_a_cohort(staff, world):
    """U7: it would stand behind this list; one that has it already is reached by its id and keeps it."""
    body = {"slug": "user", "name": "Users"}
    response = staff("POST", COHORTS, body)
    assert (error(response), list(response.json()["errors"])) == ((400, "validation-error"), ["slug"])
    Cohort.objects.filter(pk=world.cohort.pk).update(slug="user")
    path = f"{COHORTS}/{world.cohort.pk}"
    assert staff("PUT", path, {**staff("GET", path).json(), "name": "Still"}).json()["name"] == "Still"


def test_catalogs_roles_and_syllabi(staff, call, world):
    """U7, R1: time zones, one role, one syllabus of the academy by slug or id."""
    zones = call("GET", "/v1/admissions/catalog/timezones", as_=world.student).json()
    assert zones == sorted(TIME_ZONES)
    assert {"Europe/Madrid", "America/New_York", "UTC"} <= set(zones)
    role = call("GET", "/v1/auth/role/staff", as_=world.student).json()
    assert role in call("GET", "/v1/auth/role", as_=world.student).json()
    assert error(call("GET", "/v1/auth/role/janitor", as_=world.student)) == (404, "not-found")
    made = staff("POST", "/v1/admissions/syllabus", {"slug": "web", "name": "Web"}).json()
    for name in ("web", made["id"]):
        assert staff("GET", f"/v1/admissions/syllabus/{name}", as_=world.reader).json() == made
    answer = call("GET", "/v1/admissions/syllabus/web", as_=world.foreign_admin, academy=world.madrid)
    assert error(answer) == (404, "not-found")


def test_a_client_may_name_itself_at_sign_in(call, world):
    """U1: `user_agent` is kept with the token; it is optional, and at most 500 characters."""
    body = {"email": "student@example.org", "password": "pass-word-9"}
    for given, kept in [("Mozilla/5.0\r\n(X11)", "Mozilla/5.0 (X11)"), (None, ""), ("", "")]:
        assert call("POST", "/v1/auth/login", body={**body, "user_agent": given}).status_code == 200
        assert world.student.tokens.latest("pk").user_agent == kept
    response = call("POST", "/v1/auth/login", body={**body, "user_agent": "x" * 501})
    assert (error(response), list(response.json()["errors"])) == ((400, "validation-error"), ["user_agent"])
