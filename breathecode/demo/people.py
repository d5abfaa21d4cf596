"""Who is in the demo, and whether the demo is all there is (rule O5)."""

from dataclasses import dataclass

from breathecode.authenticate.models import Academy
from breathecode.demo.data import ACADEMIES, STAFF, SUPERUSER, DemoAcademy
from breathecode.demo.loader import staff_email, student_email


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`role` as `AcademyMember.role` has it; empty for students."""

    email: str
    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class DemoPlace:
    academy: DemoAcademy
    staff: list[DemoPerson]
    students: list[DemoPerson]


OPERATOR = DemoPerson(SUPERUSER, "Alex Rivera", "superuser")


def demo_places() -> list[DemoPlace]:
    return [DemoPlace(academy, _staff(academy), _students(academy)) for academy in ACADEMIES]


def _staff(academy: DemoAcademy) -> list[DemoPerson]:
    return [
        DemoPerson(staff_email(place=academy.place, role=role), f"{first_name} {last_name}", role)
        for first_name, last_name, role, _part in STAFF[academy.place]
    ]


def _students(academy: DemoAcademy) -> list[DemoPerson]:
    return [DemoPerson(student_email(place=academy.place, name=name), name) for name in academy.students]


def is_demo_person(email: str) -> bool:
    """Whether the demo made this account; its password may be another one by now."""
    return email == SUPERUSER or any(
        email == person.email for place in demo_places() for person in (*place.staff, *place.students)
    )


def is_all_there_is() -> bool:
    """Whether there are academies, and all of them are the demo's; one query."""
    ours = {academy.slug for academy in ACADEMIES}
    found = set(Academy.objects.values_list("slug", flat=True)[: len(ours) + 1])
    return bool(found) and found <= ours
