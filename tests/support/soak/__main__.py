"""`make soak`: exits with 1 where something is wrong."""

import argparse
import sys

from tests.support.soak.run import soak

parser = argparse.ArgumentParser(prog="make soak", description="Runs everything under load while parts of it fail.")
parser.add_argument("--minutes", type=float, default=20)
parser.add_argument("--pause", type=float, default=15, help="seconds between two drills")
options = parser.parse_args()
result = soak(seconds=options.minutes * 60, pause=options.pause)
sys.stdout.write(result.text() + "\n")
sys.exit(bool(result.problems))
