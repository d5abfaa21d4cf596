"""Answers the question that other systems leave open: why are there no classes?"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Count, Q
from django.utils import timezone

from breathecode.admissions.models import Cohort
from breathecode.common.observability.health import component_states
from breathecode.schedules.domain.diagnosis import diagnose_cohort
from breathecode.schedules.domain.generation import build_time_slot
from breathecode.schedules.management.commands._build import cohorts_named


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
        """Writes what is stored and built, and the findings; returns how many there are."""
        ending = "never" if cohort.never_ends else cohort.ending_date
        self.stdout.write(f"Cohort {cohort.pk} {cohort.slug} of {cohort.academy.name}: stage {cohort.stage},")
        self.stdout.write(f"  kickoff {cohort.kickoff_date}, ends {ending}, zone {cohort.effective_timezone},")
        self.stdout.write(f"  meeting link {'set' if cohort.online_meeting_url else 'not set'}")
        slots = cohort.time_slots.annotate(
            total=Count("live_classes"),
            coming=Count("live_classes", filter=Q(live_classes__starting_at__gt=timezone.now())),
        )
        for slot in slots:
            self.describe_slot(slot)
        findings = diagnose_cohort(cohort, now=timezone.now())
        for found in findings:
            self.stdout.write(f"  {found['slug']}: {found['detail']} {found['what_to_do']}")
        return len(findings)

    def describe_slot(self, slot: Any) -> None:
        removed = f", removed {slot.removed_at:%Y-%m-%d}" if slot.removed_at else ""
        self.stdout.write(f"  Time slot {slot.pk} ({slot}{removed}): {slot.total} classes, {slot.coming} to come")
        try:
            plan = build_time_slot(time_slot_id=slot.pk, now=timezone.now(), dry_run=True)
        except (KeyError, ValueError) as error:  # the findings say so
            self.stdout.write(f"    cannot be built: {error}")
            return
        if plan.changed:
            self.stdout.write(
                f"    a build would make {plan.created}, move {plan.moved}, delete {plan.deleted}, "
                f"cancel {plan.cancelled} and restore {plan.restored}"
            )

    def diagnose_parts(self) -> int:
        states = component_states()
        self.stdout.write("Parts: " + ", ".join(f"{name} {state}" for name, state in states.items()))
        self.stdout.write(f"Time zone data: {settings.TIME_ZONE_DATA_VERSION}")
        return sum(state not in ("ok", "unknown") for state in states.values())
