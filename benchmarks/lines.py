"""A line of the bench: what something costs beside its limit, as a ratio, and the ratio that it may have."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

COLUMNS = ("cpu_ms", "p50_ms", "p99_ms", "statements", "peak_mb")


@dataclass(frozen=True)
class Line:
    """`ratio` is to `beside`, which was measured in the same run; at most `target` is wanted.

    Of one call, where it was measured: CPU of this program, milliseconds on the clock, SQL statements. `peak_mb` is the
    most memory that the process of the measurement had, in MB.
    """

    name: str
    ratio: float
    target: float
    beside: str
    cpu_ms: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    statements: float | None = None
    peak_mb: float | None = None

    @property
    def met(self) -> bool:
        return round(self.ratio, 4) <= self.target

    def as_result(self) -> dict[str, Any]:
        """As the file of `--json` has it."""
        return {"name": self.name, "ratio": round(self.ratio, 4), "target": self.target, "met": self.met}


def dump(lines: Sequence[Line]) -> str:
    return json.dumps([asdict(line) for line in lines])


def load(text: str) -> list[Line]:
    return [Line(**fields) for fields in json.loads(text)]


def results(lines: Sequence[Line]) -> str:
    return json.dumps([line.as_result() for line in lines], indent=1) + "\n"


def table(lines: Sequence[Line]) -> str:
    """All lines in columns, widest text first, for a terminal."""
    head = ("what", "beside", "ratio", "target", "met", "CPU ms", "p50 ms", "p99 ms", "SQL", "MB")
    rows = [head, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _cells(line: Line) -> tuple[str, ...]:
    values = (getattr(line, name) for name in COLUMNS)
    measured = ("" if value is None else f"{value:.4g}" for value in values)
    return (line.name, line.beside, f"{line.ratio:.2f}", f"{line.target:g}", "yes" if line.met else "NO", *measured)


def _padded(row: tuple[str, ...], widths: list[int]) -> list[str]:
    texts = [text.ljust(width) for text, width in zip(row[:2], widths[:2], strict=True)]
    return texts + [text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)]
