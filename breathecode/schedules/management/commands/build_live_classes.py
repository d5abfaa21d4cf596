from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from breathecode.admissions.models import CohortTimeSlot
from breathecode.common.queue import enqueue
from breathecode.schedules.management.commands._build import BuildCommand
from breathecode.schedules.tasks import build_live_classes_from_timeslot


def across_cohorts(slots: Iterable[CohortTimeSlot]) -> list[CohortTimeSlot]:
    """The first slot of each cohort, then the second of each, and so on.

    Builds of one cohort wait for each other, so workers that take its slots at the same time would too.
    """
    turns: Counter[int] = Counter()

    def turn(slot: CohortTimeSlot) -> int:
        turns[slot.cohort_id] += 1
        return turns[slot.cohort_id]

    return sorted(slots, key=turn)


class Command(BuildCommand):
    help = (
        "Builds the live classes of every time slot of the active cohorts (not DELETED or PREWORK). Queues one task "
        "for each time slot, or builds them in this process with --sync or if no queue is configured."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        slots = self.time_slots(options["cohort"])
        if options["sync"] or options["dry_run"] or settings.CELERY_TASK_ALWAYS_EAGER:
            self.build_here(slots, dry_run=options["dry_run"])
            return
        for number, slot in enumerate(across_cohorts(slots), 1):
            if not enqueue(build_live_classes_from_timeslot, timeslot_id=slot.pk):
                # Each further try would wait for the same broker.
                raise CommandError(f"The queue is not available: {number - 1} of {len(slots)} time slots queued.")
            self.stdout.write(f"[{number}/{len(slots)}] {slot.cohort.slug} time slot {slot.pk}: queued")
        self.stdout.write(f"{len(slots)} time slots: {len(slots)} queued, 0 failed.")
