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
    ("/", "open this: your next classes; first, on this machine, whom of the demo to be"),
    ("/v1/docs", "the API documentation, with requests to try"),
    ("/admin/", "the Django admin, for superusers"),
    ("/healthz", "health of the server process"),
    ("/readyz", "health of database, cache and queue"),
)


class Command(BaseCommand):
    help = (
        "Loads three demo academies with users, cohorts and classes around today, and prints the accounts to sign in "
        "with. Existing data is left unchanged. All accounts, including a superuser, share one published password: do "
        "not load the demo on a public server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if an academy exists")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Academy.objects.exists():
            self.stdout.write("Academies already exist; the demo was not loaded.")
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
        self.stdout.write("\nURLs")
        for path, what in PLACES:
            self.stdout.write(f"  {settings.PUBLIC_URL + path:<42} {what}")

    def print_people(self) -> None:
        self.stdout.write(f"\nAccounts (the password of all is {PASSWORD})")
        rows = [("E-mail", "Role", "Academy"), (SUPERUSER, "superuser", "all")]
        for data in ACADEMIES:
            roles = ("admin", "academy_coordinator", "teacher", "assistant", "staff")
            rows += [(staff_email(place=data.place, role=role), role, data.name) for role in roles]
            rows.append((student_email(place=data.place, name=data.students[0]), "student", data.name))
        for email, role, academy in rows:
            self.stdout.write(f"  {email:<36} {role:<20} {academy}")


def _listed(counts: "Counter[str]") -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items() if count) or "nothing new"
