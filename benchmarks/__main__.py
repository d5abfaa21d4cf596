"""`make bench`: how fast is what people wait for, beside the least that it could cost?

On a PostgreSQL of its own, which is gone afterwards. Each part has a process and a database of its own.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

import psycopg

from benchmarks.lines import Line, load, results, table
from benchmarks.server import run, template
from benchmarks.sizes import SIZES

PARTS = ("generation", "workers", "lists", "joins", "feed", "sweeps", "mails", "growth")


def main(arguments: list[str]) -> int:
    options = _parsed(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server and its folder go first
    lines: list[Line] = []
    failed = []
    with template() as (url, folder):
        for part in options.parts or PARTS:
            begun = time.monotonic()
            found = _measure(part, options.size, url=url, folder=folder)
            print(f"{part}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
            lines += found
            failed += [] if found else [part]
    print(table(lines))
    if options.json:
        options.json.write_text(results(lines))
    if failed:
        print(f"Not measured: {', '.join(failed)}.", file=sys.stderr)
    return bool(failed)


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures the product beside its limits.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them if none is named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write name, ratio, target and met of each line")
    parser.add_argument("--quick", dest="size", action="store_const", const="quick", help="in at most three minutes")
    parser.add_argument("--size", choices=SIZES, help=argparse.SUPPRESS)
    parser.set_defaults(size="full")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"unknown part: {', '.join(unknown)}")
    return options


def _measure(part: str, size: str, *, url: str, folder: Path) -> list[Line]:
    """The lines of a part; none where it failed, as its output says."""
    server, _, source = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {part} TEMPLATE {source}".encode())
        file = folder / f"{part}.json"
        done = run([sys.executable, "-m", "benchmarks.part", part, size, str(file)], f"{server}/{part}") == 0
        admin.execute(f"DROP DATABASE {part} WITH (FORCE)".encode())
    return load(file.read_text()) if done else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
