"""What a calendar feed costs unchanged, and after a change of one class. Calendar programs ask every hour or so."""

from collections.abc import Callable, Iterator

from django.core.cache import cache
from django.test import Client

from benchmarks.filling.people import make_reader
from benchmarks.lines import Line
from benchmarks.sizes import Size
from benchmarks.timing import Cost, cost_of, peak_mb, statements_of
from breathecode.authenticate.domain.tokens import renew_calendar_token
from breathecode.events.models import LiveClass

AFTER_CHANGE = 3.0
POLL = 0.05


def measure(size: Size) -> Iterator[Line]:
    reader = make_reader("feed", classes=size.feed)
    client, address = Client(), f"/v1/events/ical/me?token={renew_calendar_token(user=reader.user)}"
    first = client.get(address)
    if first.status_code != 200 or first.content.count(b"BEGIN:VEVENT") != size.feed:
        raise RuntimeError(f"The feed does not hold {size.feed} classes.")

    def read() -> None:
        if client.get(address).status_code != 200:
            raise RuntimeError("The feed is gone.")

    def poll() -> None:
        if client.get(address, headers={"If-None-Match": first["ETag"]}).status_code != 304:
            raise RuntimeError("The feed has changed.")

    def build() -> None:
        cache.clear()
        read()

    built, polled, unchanged = cost_of(build, times=1), cost_of(poll, times=20), cost_of(read, times=20)
    yield Line(
        f"feed of {size.feed:,}: 304", polled.cpu_ms / built.cpu_ms, POLL, "building its text", **polled.fields(),
        statements=statements_of(poll),
    )  # fmt: skip
    changed = [_after_change(read, f"Renamed {number}") for number in range(5)]
    cpu_ms = sorted(cost.cpu_ms for cost in changed)[len(changed) // 2]
    clock = sorted(cost.p50_ms for cost in changed)
    rename(f"Renamed {len(changed)}")
    yield Line(
        f"feed of {size.feed:,}: after one change", cpu_ms / unchanged.cpu_ms, AFTER_CHANGE, "the same, unchanged",
        cpu_ms=cpu_ms, p50_ms=clock[len(clock) // 2], p99_ms=clock[-1], statements=statements_of(read),
        peak_mb=peak_mb(),
    )  # fmt: skip


def _after_change(read: Callable[[], None], title: str) -> Cost:
    rename(title)
    return cost_of(read, times=1)


def rename(title: str) -> None:
    live_class = LiveClass.objects.order_by("-id")[0]
    live_class.title = title
    live_class.save()
