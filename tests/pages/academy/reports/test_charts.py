"""The geometry of charts (rule V2: what they show has words and shapes)."""

import datetime

import pytest

from breathecode.pages.academy.reports.charts import BOTTOM, NAMES, TOP, Series, attendance_chart, scores_chart

MONDAY = datetime.date(2025, 1, 6)


def weeks(number):
    return [MONDAY + n * datetime.timedelta(weeks=1) for n in range(number)]


def numbers(*texts):
    return [float(text.rstrip("%")) for text in texts]


def test_a_bar_is_as_high_as_its_share():
    """V2: the whole bar is who attended, its striped top who was late."""
    chart = attendance_chart(weeks(10), on_time=[0.5] + [None] * 9, late=[0.25] + [None] * 9)
    late, present = chart.bars
    assert (late.kind, present.kind) == ("late", "present")
    whole = BOTTOM - TOP
    assert numbers(late.y, late.height) == [BOTTOM - 0.75 * whole, 0.25 * whole]
    assert numbers(present.y, present.height) == [BOTTOM - 0.5 * whole, 0.5 * whole]
    assert (late.x, late.width) == (present.x, present.width)
    assert numbers(late.x, late.width) == [1.5, 7.0]  # of a tenth of the width
    assert late.text == "6 Jan: 75%"


@pytest.mark.parametrize("number", [1, 2, 12, 30, 53])
def test_everything_is_within_the_chart(number):
    """V2: whatever the number of weeks; few enough of them have their names below."""
    ones = [1.0] * number
    chart = attendance_chart(weeks(number), on_time=ones, late=[0.0] * number)
    assert len(chart.bars) == number  # nobody was late: no empty part
    for bar in chart.bars:
        x, width, y, height = numbers(bar.x, bar.width, bar.y, bar.height)
        assert 0 <= x < x + width <= 100.01
        assert TOP <= y <= y + height <= BOTTOM
    assert 1 <= len(chart.names) <= NAMES


def test_a_week_without_a_score_interrupts_the_line():
    """V2: nothing is drawn where nothing is known."""
    chart = scores_chart(weeks(4), [Series("of-class", "Classes", [8, None, 6, 7])])
    assert [dot.text for dot in chart.dots] == ["6 Jan, Classes: 8.0", "20 Jan, Classes: 6.0", "27 Jan, Classes: 7.0"]
    [line] = chart.lines
    assert (line.x1, line.y1, line.x2, line.y2) == (*chart.dots[1][1:3], *chart.dots[2][1:3])
    assert numbers(chart.dots[0].y) == [BOTTOM - 0.8 * (BOTTOM - TOP)]


def test_what_is_read_aloud():
    """V2: the text alternative gives the highest, the lowest and the last value of each series."""
    series = [Series("a", "Classes", [8, 9.26, 6, None]), Series("b", "Teachers", [None] * 4)]
    assert scores_chart(weeks(4), series).description == (
        "Classes: Highest 9.3 (week of 13 Jan), lowest 6.0 (week of 20 Jan), last 6.0 (20 Jan)."
        " The table below has the figures."
    )
