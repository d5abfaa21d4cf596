"""What `build_live_classes` and `fix_live_class_dates` do alike: walk time slots, show progress, sum up (rule C2)."""

import collections
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common.ids import id_or_slug
from breathecode.schedules.domain.generation import BuildResult, build_time_slot
from breathecode.schedules.domain.plans import SchedulePlan


def cohorts_named(name: str) -> QuerySet[Cohort]:
    """The cohorts of this id or slug; a slug may be used in several academies. Raises CommandError for none."""
    cohorts = Cohort.objects.filter(id_or_slug(name))
    if not cohorts.exists():
        raise CommandError(f"Cohort {name} does not exist.")
    return cohorts


def lines_of(plan: SchedulePlan) -> Iterator[str]:
    """A plan (rule P1) as lines of text, times in UTC; each list is cut as in the API's answer."""
    found = plan.as_json()
    for name, total in found["totals"].items():
        entries = found.get(name, [])  # of past classes there is only the number
        yield from (f"    {name}: {_text_of(entry)}" for entry in entries)
        if total > len(entries):
            yield f"    {name}: {total - len(entries)} {'more' if entries else 'classes, which stay as they are'}"


def _text_of(entry: dict[str, Any]) -> str:
    parts = [f"class {entry['id']}"] if "id" in entry else []
    parts += [_span(span) for span in (entry.get("from"), entry.get("to"), entry) if span and "starting_at" in span]
    return ", ".join([*parts, *filter(None, [entry.get("reason")])])


def _span(span: dict[str, Any]) -> str:
    return f"{span['starting_at']:%Y-%m-%d %H:%M} to {span['ending_at']:%H:%M}"


class BuildCommand(BaseCommand):
    only_moves = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", help="only this cohort (id or slug)")
        parser.add_argument("--dry-run", action="store_true", help="print the plan without changing anything")
        parser.add_argument("--sync", action="store_true", help="run in this process, without the queue")

    def time_slots(self, cohort: str | None) -> list[CohortTimeSlot]:
        # Deleted cohorts and those in prework are left out, as the document says; they have nothing to build.
        stages = [Cohort.Stage.DELETED, Cohort.Stage.PREWORK]
        slots = CohortTimeSlot.objects.select_related("cohort").exclude(cohort__stage__in=stages)
        if cohort:
            slots = slots.filter(cohort__in=cohorts_named(cohort).values("pk"))
        return list(slots.order_by("cohort_id", "id"))

    def build_here(self, slots: list[CohortTimeSlot], *, dry_run: bool) -> None:
        """Builds each slot in this process; one that fails is named and does not stop the others."""
        totals: collections.Counter[str] = collections.Counter()
        for number, slot in enumerate(slots, 1):
            line = f"[{number}/{len(slots)}] {slot.cohort.slug} time slot {slot.pk}: "
            try:
                result = build_time_slot(
                    time_slot_id=slot.pk, now=timezone.now(), dry_run=dry_run, only_moves=self.only_moves
                )
            except Exception as error:  # noqa: BLE001  (whatever it is, it is reported and the exit code says so)
                totals["failed"] += 1
                self.stderr.write(f"{line}failed: {type(error).__name__}: {error}")
                continue
            totals.update(self.counts(result))
            self.stdout.write(line + self.describe(result))
            if dry_run:
                self.stdout.writelines(f"{text}\n" for text in lines_of(result.plan))
        self.finish(len(slots), totals, dry_run=dry_run)

    def counts(self, result: BuildResult) -> dict[str, int]:
        names = ("moved",) if self.only_moves else ("created", "moved", "deleted", "cancelled", "restored")
        return {name: getattr(result, name) for name in names}

    def describe(self, result: BuildResult) -> str:
        changes = ", ".join(f"{count} {name}" for name, count in self.counts(result).items() if count)
        issue = f" ({result.issue})" if result.issue else ""
        return (changes or "nothing to change") + issue

    def finish(self, slots: int, totals: "collections.Counter[str]", *, dry_run: bool) -> None:
        failed = totals.pop("failed", 0)
        counts = ", ".join(f"{count} {name}" for name, count in {**totals, "failed": failed}.items())
        prefix = "Dry run, nothing was written. " if dry_run else ""
        self.stdout.write(f"{prefix}{slots} time slots: {counts}.")
        if failed:
            raise CommandError(f"{failed} of {slots} time slots failed.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.build_here(self.time_slots(options["cohort"]), dry_run=options["dry_run"])
