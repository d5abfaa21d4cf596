from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from breathecode.events.domain.closing import close_class, overdue_classes
from breathecode.events.models import LiveClass
from breathecode.schedules.management.commands._build import cohorts_named


class Command(BaseCommand):
    help = (
        "Ends the classes that were not ended 30 minutes after their planned end, whether or not they were started, "
        "as the periodic task does. Runs in this process, with one transaction for each class. Cancelled classes are "
        "left unchanged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", help="only this cohort (id or slug)")
        parser.add_argument(
            "--dry-run", action="store_true", help="show which classes would be closed without changing anything"
        )

    def overdue(self, cohort: str | None) -> QuerySet[LiveClass]:
        classes = overdue_classes(now=timezone.now()).select_related("cohort")
        if cohort:
            classes = classes.filter(cohort__in=cohorts_named(cohort).values("pk"))
        return classes.order_by("ending_at", "pk")

    def handle(self, *args: Any, **options: Any) -> None:
        overdue = list(self.overdue(options["cohort"]))
        if options["dry_run"]:
            for number, live_class in enumerate(overdue, 1):
                self.stdout.write(f"[{number}/{len(overdue)}] class {live_class.pk} {live_class}: would be closed")
            self.stdout.write(f"Dry run, nothing was written. {len(overdue)} classes overdue.")
            return
        results = [self.close(live_class, f"[{n}/{len(overdue)}]") for n, live_class in enumerate(overdue, 1)]
        failed = results.count("failed")
        counts = ", ".join(f"{results.count(result)} {result}" for result in ("closed", "closed by another", "failed"))
        self.stdout.write(f"{len(overdue)} classes: {counts}.")
        if failed:
            raise CommandError(f"{failed} of {len(overdue)} classes failed.")

    def close(self, live_class: LiveClass, progress: str) -> str:
        line = f"{progress} class {live_class.pk} {live_class}: "
        try:
            closed = close_class(live_class_id=live_class.pk, now=timezone.now())
        except Exception as error:  # noqa: BLE001  (whatever it is, it is reported and the exit code says so)
            self.stderr.write(f"{line}failed: {type(error).__name__}: {error}")
            return "failed"
        result = "closed" if closed else "closed by another"
        self.stdout.write(line + result)
        return result
