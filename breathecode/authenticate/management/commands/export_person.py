import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from breathecode.authenticate.domain.personal_data.export import export_person
from breathecode.authenticate.management.commands._person import person_named


class Command(BaseCommand):
    help = (
        "Writes all that is kept of the person with this e-mail address as JSON to standard output, and what was "
        "written to standard error. Passwords and tokens are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_named(options["email"])
        data = export_person(user)
        self.stdout.write(json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        counts = {name: len(rows) for name, rows in data["rows"].items()} | {"mails": len(data["mails"])}
        for name, count in counts.items():
            self.stderr.write(f"{name}: {count}")
        self.stderr.write(f"User {user.pk}: {sum(counts.values())} rows written.")
