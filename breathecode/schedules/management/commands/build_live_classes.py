from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from breathecode.common.queue import enqueue
from breathecode.schedules.management.commands._build import BuildCommand
from breathecode.schedules.tasks import build_live_classes_from_timeslot


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
        for number, slot in enumerate(slots, 1):
            if not enqueue(build_live_classes_from_timeslot, timeslot_id=slot.pk):
                # Each further try would wait for the same broker.
                raise CommandError(f"The queue is not available: {number - 1} of {len(slots)} time slots queued.")
            self.stdout.write(f"[{number}/{len(slots)}] {slot.cohort.slug} time slot {slot.pk}: queued")
        self.stdout.write(f"{len(slots)} time slots: {len(slots)} queued, 0 failed.")
