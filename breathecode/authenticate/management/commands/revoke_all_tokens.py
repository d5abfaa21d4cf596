from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from breathecode.authenticate.domain.tokens import revoke_all_tokens


class Command(BaseCommand):
    help = (
        "After a leak: ends every token (sign-in, calendar feeds, invitations, new passwords) and every session of "
        "every user. They sign in again; calendars need a new address, and open invitations are sent again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and input("Sign everybody out? Type yes: ").strip() != "yes":
            raise CommandError("Nothing was revoked.")
        counts = revoke_all_tokens()
        self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()) + " revoked.")
