"""What fails meanwhile, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tests.support.product import until
from tests.support.soak.site import BOOT, Site

AWAY = 2.0  # seconds for which a part is not there


def kill_worker(site: Site) -> None:
    site.kill_worker()


def restart_broker(site: Site) -> None:
    site.broker.stop()
    time.sleep(AWAY)
    site.broker.start()


def restart_cache(site: Site) -> None:
    site.cache.stop()
    time.sleep(AWAY)
    site.cache.start()


def restart_database(site: Site) -> None:
    site.database.stop()
    time.sleep(AWAY)
    site.database.start()


def reload_web(site: Site) -> None:
    site.reload_web()


REPLACING = (kill_worker, reload_web)  # end processes of the program, and with them what these could have gathered
OTHERS = (restart_broker, restart_cache, restart_database)


def run_drills(site: Site, drills: Sequence[Callable[[Site], None]], *, seconds: float, pause: float) -> list[str]:
    """The drills by turns for `seconds`, each once at least. Returns the names of those that were run.

    After each, the program has to be ready again before the next.
    """
    begun = time.monotonic()
    done: list[str] = []
    while time.monotonic() - begun < seconds:
        for drill in drills:
            time.sleep(pause)
            drill(site)
            done.append(drill.__name__)
            until(lambda: site.product.call(site.web.url, "GET", "/readyz")[0] == 200, seconds=BOOT)
    return done
