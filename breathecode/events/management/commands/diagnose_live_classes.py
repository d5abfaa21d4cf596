"""Answers the question that other systems leave open: why are there no classes?"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Count, Q
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortTimeSlot
from breathecode.common.observability.health import component_states
from breathecode.events.domain.scheduling.generation import BuildResult, build_time_slot
from breathecode.events.domain.scheduling.planning import is_due
from breathecode.events.management.commands._build import cohorts_named

EXPLANATIONS = {
    "cohort-without-kickoff-date": "the cohort has no kickoff_date; set it",
    "cohort-without-ending-date": "the cohort has no ending_date; set it, or set never_ends",
    "cohort-ended": "the cohort's ending_date is in the past",
    "cohort-in-prework": "the cohort is in stage PREWORK; classes are built when its stage is STARTED",
    "cohort-deleted": "the cohort is in stage DELETED",
    "starts-after-the-end": "its first date is after the last one (the cohort's ending_date or the slot's removal)",
    "starts-beyond-the-horizon": "its first date is more than GENERATION_HORIZON_DAYS ahead; it will be built later",
    "only-on-holidays": "all its dates are holidays of the academy or the cohort",
}


class Command(BaseCommand):
    help = "Reports which live classes a cohort's schedule has, which of them are missing, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", help="id or slug")

    def handle(self, *args: Any, **options: Any) -> None:
        cohorts = list(cohorts_named(options["cohort"]).select_related("academy"))
        problems = sum(self.diagnose(cohort) for cohort in cohorts)
        problems += self.diagnose_parts()
        self.stdout.write(f"{len(cohorts)} cohorts: {problems} problems found.")

    def diagnose(self, cohort: Cohort) -> int:
        ending = "never" if cohort.never_ends else cohort.ending_date
        self.stdout.write(f"Cohort {cohort.pk} {cohort.slug} of {cohort.academy.name}: stage {cohort.stage},")
        self.stdout.write(f"  kickoff {cohort.kickoff_date}, ends {ending}, zone {cohort.effective_timezone},")
        self.stdout.write(
            f"  meeting link {'set' if cohort.online_meeting_url else 'NOT set: the classes cannot be joined'}"
        )
        slots = cohort.time_slots.annotate(
            total=Count("live_classes"),
            coming=Count("live_classes", filter=Q(live_classes__starting_at__gt=timezone.now())),
        )
        problems = int(not cohort.online_meeting_url)
        if not slots:
            self.stdout.write("  no time slots: add one to generate classes")
            problems += 1
        return problems + sum(self.diagnose_slot(cohort, slot) for slot in slots)

    def diagnose_slot(self, cohort: Cohort, slot: Any) -> int:
        removed = f", removed {slot.removed_at:%Y-%m-%d}" if slot.removed_at else ""
        self.stdout.write(f"  Time slot {slot.pk} ({slot}{removed}): {slot.total} classes, {slot.coming} to come")
        plan = build_time_slot(time_slot_id=slot.pk, now=timezone.now(), dry_run=True)
        if plan.issue:
            self.stdout.write(f"    no classes: {EXPLANATIONS[plan.issue]} [{plan.issue}]")
            return 1
        return self.explain_difference(slot, plan)

    def explain_difference(self, slot: CohortTimeSlot, plan: BuildResult) -> int:
        if not plan.changed and not is_due(slot, now=timezone.now()):
            self.stdout.write("    built and up to date")
            return 0
        self.stdout.write(
            f"    waiting to be built: {plan.created} to create, {plan.moved} to move, {plan.deleted} to delete, "
            f"{plan.cancelled} to cancel, {plan.restored} to restore. "
            "The next sweep builds it if a worker is running; to build it now, run build_live_classes --sync"
        )
        return 1

    def diagnose_parts(self) -> int:
        states = component_states()
        self.stdout.write("Parts: " + ", ".join(f"{name} {state}" for name, state in states.items()))
        self.stdout.write(f"Time zone data: {settings.TIME_ZONE_DATA_VERSION}")
        return sum(state not in ("ok", "unknown") for state in states.values())
