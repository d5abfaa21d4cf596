"""What the demo academies are made of: data alone. Days are counted from the day of loading, in the academy's zone.

Each academy has a cohort that runs and meets every day, morning and evening: there is a class today whatever day it
is. No demo slot takes the hours of the time slot that README.md has you create.
"""

from dataclasses import dataclass
from typing import Any

PASSWORD = "live-classes-by-the-sea"  # noqa: S105  (printed for everybody who loads the demo)
SUPERUSER = "admin@example.org"
HISTORY_DAYS = 45  # how long the running cohorts have been going

DAILY = {"recurrency_type": "DAILY"}
MONTHLY = {"recurrency_type": "MONTHLY"}


def weekly(*weekdays: str) -> dict[str, Any]:
    return {"recurrency_type": "WEEKLY", "weekdays": list(weekdays)}


@dataclass(frozen=True, slots=True)
class DemoSlot:
    """`starting_at` and `ending_at` as HHMM in the academy's zone."""

    starting_at: int
    ending_at: int
    recurrence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoCohort:
    """`kickoff` and `ending` in days from today; without an ending it never ends."""

    slug: str
    name: str
    stage: str
    kickoff: int
    ending: int | None
    slots: tuple[DemoSlot, ...]
    students: slice


@dataclass(frozen=True, slots=True)
class DemoAcademy:
    slug: str
    name: str
    timezone: str
    language: str
    holiday: str
    syllabus: str
    students: tuple[str, ...]
    cohorts: tuple[DemoCohort, ...]

    @property
    def place(self) -> str:
        """The word that tells this academy's e-mail addresses from the others'."""
        return self.slug.removeprefix("demo-")


# First name, last name, role in the academy, role in its cohorts.
STAFF: dict[str, tuple[tuple[str, str, str, str | None], ...]] = {
    "miami": (
        ("Grace", "Walker", "admin", None),
        ("Marcus", "Reed", "academy_coordinator", None),
        ("Elena", "Brooks", "teacher", "TEACHER"),
        ("Noah", "Bennett", "assistant", "ASSISTANT"),
        ("Olivia", "Price", "staff", None),
    ),
    "madrid": (
        ("Carmen", "Ortega", "admin", None),
        ("Javier", "Molina", "academy_coordinator", None),
        ("Lucía", "Navarro", "teacher", "TEACHER"),
        ("Hugo", "Serrano", "assistant", "ASSISTANT"),
        ("Marta", "Gil", "staff", None),
    ),
    "santiago": (
        ("Isabel", "Contreras", "admin", None),
        ("Tomás", "Fuentes", "academy_coordinator", None),
        ("Camila", "Araya", "teacher", "TEACHER"),
        ("Diego", "Sepúlveda", "assistant", "ASSISTANT"),
        ("Paula", "Vergara", "staff", None),
    ),
}
# What an address begins with: coordinator@miami.example.org.
MAILBOXES = {"academy_coordinator": "coordinator"}

MORNING, NOON, EVENING, NIGHT = (900, 1100), (1200, 1330), (1830, 2030), (2200, 2330)

ACADEMIES: tuple[DemoAcademy, ...] = (
    DemoAcademy(
        slug="demo-miami",
        name="Demo Academy Miami",
        timezone="America/New_York",
        language="en",
        holiday="Campus day",
        syllabus="Full Stack Development",
        students=(
            "Ava Collins", "Liam Foster", "Mia Hughes", "Ethan Ward", "Zoe Perry",
            "Owen Diaz", "Ruby Long", "Jack Flores", "Ella Ross", "Leo Hayes",
        ),
        cohorts=(
            DemoCohort("miami-full-stack", "Full Stack Development", "STARTED", -HISTORY_DAYS, 75,
                       (DemoSlot(*MORNING, DAILY), DemoSlot(*NIGHT, DAILY)), slice(0, 6)),
            DemoCohort("miami-study-hall", "Study Hall", "STARTED", -30, None,
                       (DemoSlot(*EVENING, DAILY), DemoSlot(1200, 1300, MONTHLY)), slice(0, 4)),
            DemoCohort("miami-data-ended", "Data Science, last term", "ENDED", -150, -20,
                       (DemoSlot(*MORNING, weekly("MO", "WE", "FR")),), slice(6, 10)),
            DemoCohort("miami-security-prework", "Cybersecurity", "PREWORK", 21, 110,
                       (DemoSlot(*EVENING, weekly("TU", "TH")),), slice(6, 9)),
        ),
    ),
    DemoAcademy(
        slug="demo-madrid",
        name="Demo Academia Madrid",
        timezone="Europe/Madrid",
        language="es",
        holiday="Día de la academia",
        syllabus="Desarrollo Full Stack",
        students=(
            "Alba Castro", "Bruno Rubio", "Clara Vidal", "Daniel Ramos", "Eva Prieto",
            "Iker Santos", "Julia Herrero", "Mario Cano", "Nora Iglesias", "Pablo Marín",
        ),
        cohorts=(
            DemoCohort("madrid-full-stack", "Desarrollo Full Stack", "STARTED", -HISTORY_DAYS, 60,
                       (DemoSlot(*MORNING, DAILY), DemoSlot(*NIGHT, DAILY)), slice(0, 6)),
            DemoCohort("madrid-datos-final", "Ciencia de Datos", "FINAL_PROJECT", -90, 14,
                       (DemoSlot(*EVENING, weekly("MO", "TU", "WE", "TH")),), slice(4, 10)),
            DemoCohort("madrid-web-ended", "Desarrollo Web, curso anterior", "ENDED", -180, -35,
                       (DemoSlot(*EVENING, weekly("TU", "TH")),), slice(2, 6)),
        ),
    ),
    DemoAcademy(
        slug="demo-santiago",
        name="Demo Academia Santiago",
        timezone="America/Santiago",
        language="es",
        holiday="Día de la academia",
        syllabus="Desarrollo Full Stack",
        students=(
            "Antonia Rojas", "Benjamín Soto", "Catalina Muñoz", "Emilia Pizarro", "Felipe Tapia",
            "Josefa Lagos", "Matías Bravo", "Rocío Salas",
        ),
        cohorts=(
            DemoCohort("santiago-full-stack", "Desarrollo Full Stack", "STARTED", -HISTORY_DAYS, 90,
                       (DemoSlot(*MORNING, DAILY), DemoSlot(*NIGHT, DAILY)), slice(0, 5)),
            DemoCohort("santiago-sala-de-estudio", "Sala de estudio", "STARTED", -30, None,
                       (DemoSlot(*NOON, weekly("MO", "WE", "FR")),), slice(0, 8)),
            DemoCohort("santiago-datos-prework", "Ciencia de Datos", "PREWORK", 14, 120,
                       (DemoSlot(*EVENING, weekly("MO", "WE")),), slice(5, 8)),
        ),
    ),
)  # fmt: skip
