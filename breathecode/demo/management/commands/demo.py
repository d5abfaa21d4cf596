"""The demo academies, for trying the product out (rule O5)."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from breathecode.authenticate.models import Academy
from breathecode.demo.data import ACADEMIES, PASSWORD, SUPERUSER
from breathecode.demo.loader import load_demo, staff_email, student_email

PLACES = (
    ("/", "your next classes, after signing in"),
    ("/v1/docs", "the API, to read and to try"),
    ("/admin/", "every record, for a superuser"),
    ("/healthz", "whether the server answers"),
    ("/readyz", "whether database, cache and queue answer"),
)


class Command(BaseCommand):
    help = (
        "Loads three demo academies with people, cohorts and classes around today, and prints whom to sign in as. "
        "What exists already stays as it is. This is sample data: everybody in it, a superuser too, has one "
        "published password, so do not load it where strangers can reach the server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where any academy exists")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Academy.objects.exists():
            self.stdout.write("There are academies already: the demo was not loaded.")
        else:
            self.load()
        self.print_places()
        if Academy.objects.filter(slug=ACADEMIES[0].slug).exists():
            self.print_people()

    def load(self) -> None:
        self.stdout.write("Loading the demo academies")
        made = load_demo(now=timezone.now())
        for name, counts in made.items():
            self.stdout.write(f"  {name}: {_listed(counts)}")
        self.stdout.write(f"Demo loaded: {_listed(sum(made.values(), start=Counter()))}.")

    def print_places(self) -> None:
        self.stdout.write("\nWhere to look")
        for path, what in PLACES:
            self.stdout.write(f"  {settings.PUBLIC_URL + path:<42} {what}")

    def print_people(self) -> None:
        self.stdout.write(f"\nWhom to sign in as (the password of all: {PASSWORD})")
        rows = [("E-mail", "Role", "Academy"), (SUPERUSER, "superuser", "all of them")]
        for data in ACADEMIES:
            roles = ("admin", "academy_coordinator", "teacher", "assistant", "staff")
            rows += [(staff_email(place=data.place, role=role), role, data.name) for role in roles]
            rows.append((student_email(place=data.place, name=data.students[0]), "student", data.name))
        for email, role, academy in rows:
            self.stdout.write(f"  {email:<36} {role:<20} {academy}")


def _listed(counts: "Counter[str]") -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items() if count) or "nothing new"
