"""`make bench [ARGS="generation feed …"]`: how fast is what people wait for, beside the least that it could cost?

Each benchmark runs in a process of its own, since settings are read once a process.
"""

import subprocess
import sys

BENCHMARKS = ("generation", "listing", "joins", "feed")


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    failed = [
        name
        for name in names or BENCHMARKS
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    ]
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
