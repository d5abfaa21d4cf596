"""`/classes/<id>/substitute` (rules P4, P6, V1, V3)."""

import re

import pytest

from breathecode.admissions.models import Cohort, CohortUser, Syllabus
from breathecode.authenticate.models import AcademyMember, User
from breathecode.events.models import LiveClass
from tests.pages.academy.classes.conftest import text_of
from tests.support.queries import captured_queries

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def live_class(world, make_class):
    """Of a cohort with a syllabus; `staff_teacher` teaches the same one elsewhere."""
    syllabus = Syllabus.objects.create(academy=world.miami, slug="full-stack", name="Full Stack")
    Cohort.objects.filter(pk=world.cohort.pk).update(syllabus=syllabus)
    other = Cohort.objects.create(academy=world.miami, slug="ux", name="UX", stage="STARTED", syllabus=syllabus)
    CohortUser.objects.create(cohort=other, user=world.staff_teacher, role="TEACHER")
    return make_class(start=3)


def free(html):
    """The addresses of those who are free, in the order of the page."""
    return re.findall(r'<span class="quiet">(\S+@example.org)</span>', html)


def chosen(world, live_class, browser, person, html=None):
    path = f"/classes/{live_class.pk}/substitute"
    return browser(world.coordinator).send(path, html, teacher=person.pk if person else "")


def test_who_is_free(world, live_class, browser):
    """P4: members who may teach and have no class then, those of the same syllabus first; the others in a list."""
    html = browser(world.coordinator).get(f"/classes/{live_class.pk}/substitute").content.decode()
    assert free(html) == ["staff_teacher@example.org", "admin@example.org", "coordinator@example.org"]
    assert "same syllabus" in html
    assert f'<option value="{world.teacher.pk}">' not in html
    assert f'<option value="{world.admin.pk}">' not in html
    busy = Cohort.objects.create(academy=world.madrid, slug="night", name="Night", stage="STARTED")
    CohortUser.objects.create(cohort=busy, user=world.admin, role="TEACHER")
    slot = world.time_slot(cohort=busy)
    times = {"starting_at": live_class.starting_at, "ending_at": live_class.ending_at}
    LiveClass.objects.create(cohort_time_slot=slot, **times)
    html = browser(world.coordinator).get(f"/classes/{live_class.pk}/substitute").content.decode()
    assert "admin@example.org" not in free(html)
    assert f'<option value="{world.admin.pk}">' in html
    assert "Night" not in html


def test_choosing_and_taking_back(world, live_class, browser):
    """P4: the page says who teaches and what they get; one button leads back to the cohort's teachers."""
    User.objects.filter(pk=world.staff_teacher.pk).update(first_name="Grace", last_name="Hopper")
    answer = chosen(world, live_class, browser, world.staff_teacher)
    assert answer.status_code == 303
    assert LiveClass.objects.get(pk=live_class.pk).teacher == world.staff_teacher
    page = text_of(browser(world.staff_teacher).get(answer["Location"]))
    assert "Grace Hopper (substitute)" in page
    coordinator = browser(world.coordinator)
    html = coordinator.get(f"/classes/{live_class.pk}/substitute").content.decode()
    assert "Grace Hopper teaches this class as a substitute." in html
    answer = coordinator.send(f"/classes/{live_class.pk}/substitute", html, teacher="")
    assert LiveClass.objects.get(pk=live_class.pk).teacher is None
    assert "The cohort's teachers teach this class again." in text_of(coordinator.get(answer["Location"])).replace(
        "&#x27;", "'"
    )


def test_who_is_not_free_is_warned_of(world, live_class, browser):
    """P6: nothing is refused; the page says which class they miss."""
    other = Cohort.objects.get(slug="ux")
    slot = world.time_slot(cohort=other)
    times = {"starting_at": live_class.starting_at, "ending_at": live_class.ending_at}
    LiveClass.objects.create(cohort_time_slot=slot, **times)
    coordinator = browser(world.coordinator)
    path = f"/classes/{live_class.pk}/substitute"
    assert "staff_teacher@example.org" not in free(coordinator.get(path).content.decode())
    answer = coordinator.send(path, teacher=world.staff_teacher.pk)
    assert answer.status_code == 303
    page = text_of(coordinator.get(answer["Location"]))
    assert page.count("staff_teacher@example.org (teacher) has another class at this time, in UX") == 2


@pytest.mark.parametrize("person", ["reader", "student", "foreign_admin"])
def test_who_may_not_teach(world, live_class, browser, person):
    """P4, U6: an id that is typed by hand, of the academy or of another one, is refused in the same words."""
    answer = chosen(world, live_class, browser, getattr(world, person))
    assert answer.status_code == 400
    assert "This user may not teach at this academy." in text_of(answer)
    assert LiveClass.objects.get(pk=live_class.pk).teacher is None


def test_two_coordinators(world, live_class, browser):
    """W5: the second does not overwrite the first unseen."""
    path = f"/classes/{live_class.pk}/substitute"
    seen = browser(world.coordinator).get(path).content.decode()
    chosen(world, live_class, browser, world.staff_teacher)
    answer = chosen(world, live_class, browser, world.admin, seen)
    assert answer.status_code == 412
    assert "staff_teacher@example.org teaches this class as a substitute." in text_of(answer)
    assert LiveClass.objects.get(pk=live_class.pk).teacher == world.staff_teacher


def test_many_teachers(world, live_class, browser):
    """V6: pages of 50, and as many statements for one as for many."""
    coordinator, path = browser(world.coordinator), f"/classes/{live_class.pk}/substitute"
    with captured_queries() as few:
        coordinator.get(path)
    people = User.objects.bulk_create(User(email=f"t{n:03}@example.org") for n in range(80))
    AcademyMember.objects.bulk_create(AcademyMember(academy=world.miami, user=user, role="teacher") for user in people)
    with captured_queries() as many:
        html = coordinator.get(path).content.decode()
    assert len(free(html)) == 50
    assert len(free(coordinator.get(f"{path}?page=2").content.decode())) == 33
    assert len(few) == len(many) <= 12
