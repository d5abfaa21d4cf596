"""The geometry of a chart by week: pure numbers and texts, which `pages/parts/chart.html` draws as SVG.

Across, everything is in percent of the width, so that a chart fills any screen and its text keeps its size; down, in
pixels. What it shows is never a colour alone: late students are striped, teachers are squares on a dashed line.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from breathecode.pages.templatetags.figures import percent, score

TOP, BOTTOM = 12, 172  # of the plot; 200 is the height with the names of the weeks
FEWEST = 8  # places: one week alone does not fill the chart
NAMES = 5  # at most so many weeks have their name below: more would touch each other on a phone

Format = Callable[[float], str]


class Rule(NamedTuple):
    """A line across, at a value."""

    y: str
    text: str


class Name(NamedTuple):
    """A week's name below."""

    x: str
    text: str


class Bar(NamedTuple):
    kind: str
    x: str
    y: str
    width: str
    height: str
    text: str


class Line(NamedTuple):
    kind: str
    x1: str
    y1: str
    x2: str
    y2: str


class Dot(NamedTuple):
    kind: str
    x: str
    y: str
    text: str


@dataclass
class Chart:
    """`name` is for ids. `title` and `description` are the text alternative; the table has the figures themselves."""

    name: str
    title: str
    description: str
    rules: list[Rule]
    names: list[Name]
    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)


@dataclass(frozen=True)
class Series:
    """A value a week, from 0 to `highest`; None where there is none. `kind` is that of the style."""

    kind: str
    name: str
    values: Sequence[float | None]


class Scale:
    """Where a week and a value are."""

    def __init__(self, weeks: Sequence[datetime.date], *, highest: float) -> None:
        self.weeks, self.highest = weeks, highest
        self.step = 100 / max(len(weeks), FEWEST)

    def centre(self, number: int) -> float:
        return (number + 0.5) * self.step

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * value / self.highest

    def rules(self, texts: dict[float, str]) -> list[Rule]:
        return [Rule(_pixels(self.y(value)), text) for value, text in texts.items()]

    def names(self) -> list[Name]:
        every = -(-len(self.weeks) // NAMES)
        named = list(enumerate(self.weeks))[::every]
        return [Name(_percent(self.centre(number)), short_day(day)) for number, day in named]


def short_day(day: datetime.date) -> str:
    # Translators: a day in Django's format characters.
    return date_format(day, _("j M"))


def attendance_chart(
    weeks: Sequence[datetime.date], *, on_time: Sequence[float | None], late: Sequence[float | None]
) -> Chart:
    """Bars of the share that attended; the late part is at the top of each. Shares are from 0 to 1."""
    scale = Scale(weeks, highest=1)
    whole = [None if a is None or b is None else a + b for a, b in zip(on_time, late, strict=True)]
    bars = []
    for number, (day, share) in enumerate(zip(weeks, whole, strict=True)):
        if share is not None:
            text = f"{short_day(day)}: {percent(share)}"
            bars += _bars(scale, number, share=share, late=late[number] or 0, text=text)
    return Chart(
        name="attendance",
        title=_("Attendance by week"),
        description=_described(weeks, [Series("", "", whole)], as_text=percent),
        rules=scale.rules({0: percent(0), 0.5: percent(0.5), 1: percent(1)}),
        names=scale.names(),
        bars=bars,
    )


def _bars(scale: Scale, number: int, *, share: float, late: float, text: str) -> list[Bar]:
    width = scale.step * 0.7
    x, top, middle = scale.centre(number) - width / 2, scale.y(share), scale.y(share - late)
    parts = (("late", top, middle), ("present", middle, scale.y(0)))
    return [
        Bar(kind, _percent(x), _pixels(upper), _percent(width), _pixels(lower - upper), text)
        for kind, upper, lower in parts
        if lower > upper
    ]


def scores_chart(weeks: Sequence[datetime.date], series: Sequence[Series]) -> Chart:
    """Lines of average scores from 0 to 10; a week without a score interrupts its line."""
    scale = Scale(weeks, highest=10)
    chart = Chart(
        name="scores",
        title=_("Survey scores by week"),
        description=_described(weeks, series, as_text=score),
        rules=scale.rules({0: "0", 5: "5", 10: "10"}),
        names=scale.names(),
    )
    for one in series:
        _add_line(chart, scale, one)
    return chart


def _add_line(chart: Chart, scale: Scale, series: Series) -> None:
    before: tuple[str, str] | None = None
    for number, value in enumerate(series.values):
        if value is None:
            before = None
            continue
        here = _percent(scale.centre(number)), _pixels(scale.y(value))
        if before:
            chart.lines.append(Line(series.kind, *before, *here))
        text = f"{short_day(scale.weeks[number])}, {series.name}: {score(value)}"
        chart.dots.append(Dot(series.kind, *here, text))
        before = here


def _described(weeks: Sequence[datetime.date], series: Sequence[Series], *, as_text: Format) -> str:
    sentences = [_described_series(weeks, one, as_text=as_text) for one in series]
    return " ".join([*(sentence for sentence in sentences if sentence), _("The table below has the figures.")])


def _described_series(weeks: Sequence[datetime.date], series: Series, *, as_text: Format) -> str:
    known = [(value, day) for value, day in zip(series.values, weeks, strict=True) if value is not None]
    if not known:
        return ""
    (highest, high_day), (lowest, low_day), (last, last_day) = max(known), min(known), known[-1]
    sentence = _(
        "Highest {highest} (week of {high_day}), lowest {lowest} (week of {low_day}), last {last} ({last_day})."
    )
    text = sentence.format(
        highest=as_text(highest), lowest=as_text(lowest), last=as_text(last),
        high_day=short_day(high_day), low_day=short_day(low_day), last_day=short_day(last_day),
    )  # fmt: skip
    return f"{series.name}: {text}" if series.name else text


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _pixels(value: float) -> str:
    return f"{value:.1f}"
