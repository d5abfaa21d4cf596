from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from breathecode.authenticate.domain.personal_data.erasure import erase_person
from breathecode.authenticate.management.commands._person import person_named


class Command(BaseCommand):
    help = (
        "Takes name, address, tokens, comments, mails and links of the person with this e-mail address away, for good. "
        "Attendance, scores and enrolments stay, under the user's id alone, so that reports keep their sums."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do it without asking; nothing brings the data back")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_named(options["email"])
        if not options["yes"] and self.answer(user.pk) != "yes":
            raise CommandError("Nothing was erased.")
        counts = erase_person(user)
        for name, count in counts.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"User {user.pk} erased: {sum(counts.values())} rows deleted or cleared.")
        self.stdout.write("Not searched: what others wrote as free text (comments of a day, titles), logs, backups.")

    def answer(self, user_id: int) -> str:
        return input(f"Erase user {user_id} for good? Type yes: ").strip()
