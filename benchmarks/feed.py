"""What a feed costs unchanged, and after a change of one class, against building it: `python -m benchmarks.feed`.

Calendar clients poll every hour or so, and classes change a few times a week. Ratios, since machines differ.
"""

import datetime
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = (100, 1_000, 8_000)
POLLS, BUILDS, CHANGES = 50, 3, 9


def median_seconds(action: Callable[[], Any], *, times: int) -> float:
    seconds = []
    for _time in range(times):
        begun = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main() -> None:
    """In a database of its own, on the settings of the tests."""
    with tempfile.TemporaryDirectory(prefix="live-classes-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "breathecode.settings.test"
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ.setdefault("LOG_LEVEL", "ERROR")

        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        run()


def run(sizes: tuple[int, ...] = SIZES) -> None:
    """Prints a table. Needs Django set up and an empty, migrated database."""
    print("Calendar feed, whole requests: first build, unchanged (200, 304), after one change")
    print(
        f"{'classes':>8} {'KiB':>7} {'build ms':>9} {'200 ms':>8} {'304 ms':>8} {'change ms':>10} "
        f"{'304 / build':>12} {'change / 200':>13}"
    )
    for size in sizes:
        row = measure(size)
        print(
            f"{size:>8} {row['bytes'] / 1024:>7.0f} {row['build'] * 1000:>9.1f} {row['again'] * 1000:>8.2f} "
            f"{row['poll'] * 1000:>8.2f} {row['change'] * 1000:>10.1f} "
            f"{row['poll'] / row['build']:>12.5f} {row['change'] / row['again']:>13.1f}"
        )


def measure(size: int) -> dict[str, float]:
    """Median seconds of the four kinds of request, for a feed of this many classes."""
    from django.core.cache import cache
    from django.test import Client

    client, address = Client(), f"/v1/events/ical/me?token={prepare(size)}"
    first = client.get(address)
    if first.status_code != 200 or first.content.count(b"BEGIN:VEVENT") != size:
        raise RuntimeError(f"The feed does not hold {size} classes.")

    def build() -> None:
        cache.clear()
        client.get(address)

    def poll() -> None:
        if client.get(address, headers={"If-None-Match": first["ETag"]}).status_code != 304:
            raise RuntimeError("The feed has changed.")

    def after_change(number: int) -> float:
        rename_class(f"Renamed {number}")
        return median_seconds(lambda: client.get(address), times=1)

    return {
        "bytes": len(first.content),
        "build": median_seconds(build, times=BUILDS),
        "again": median_seconds(lambda: client.get(address), times=POLLS),
        "poll": median_seconds(poll, times=POLLS),
        "change": statistics.median(after_change(number) for number in range(CHANGES)),
    }


def rename_class(title: str) -> None:
    from breathecode.events.models import LiveClass

    live_class = LiveClass.objects.order_by("-id")[0]
    live_class.title = title
    live_class.save()


def prepare(size: int) -> str:
    """A student whose cohort has this many classes to come; the key of their calendar token."""
    from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
    from breathecode.authenticate.domain.tokens import renew_calendar_token
    from breathecode.authenticate.models import Academy, User
    from breathecode.events.models import LiveClass

    academy = Academy.objects.create(slug=f"academy-{size}", name="Downtown Miami")
    cohort = Cohort.objects.create(academy=academy, slug="web-dev", name=f"Web Development {size}")
    slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600)
    hour = datetime.timedelta(hours=1)
    now = datetime.datetime.now(datetime.UTC)
    starts = [now + number * hour for number in range(size)]
    LiveClass.objects.bulk_create(
        [LiveClass(cohort_time_slot=slot, starting_at=start, ending_at=start + hour) for start in starts]
    )
    student = User.objects.create_user(f"student-{size}@example.org")
    CohortUser.objects.create(cohort=cohort, user=student)
    return renew_calendar_token(user=student)


if __name__ == "__main__":
    main()
