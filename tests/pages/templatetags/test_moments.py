"""Moments as people say them (rule V4)."""

import datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from tests.support.classes import NOW

pytestmark = pytest.mark.usefixtures("clock")


def written(value, *, reader="", zone=""):
    template = Template("{% load moments %}{% moment value of %}")
    return template.render(Context({"value": value, "of": zone, "zone": reader}))


def after(**time):
    return NOW + datetime.timedelta(**time)


@pytest.mark.parametrize(
    ("hours", "text"),
    [(1, "Today 19:30"), (24, "Tomorrow 18:30"), (-24, "Yesterday 18:30"), (48, "Fri 7 Mar 18:30")],
)
def test_days(hours, text):
    """V4: by name where they are near, else the date; NOW is 18:30 UTC on Wednesday 5 March 2025."""
    assert text in written(after(hours=hours), reader="UTC")


def test_another_year():
    """V4: the year is said where it is not this one."""
    assert "Sun 5 Apr 2026" in written(after(days=396), reader="UTC")


def test_the_readers_zone_and_the_classes_own():
    """V4: the reader's hour, and the class's own beside it where that differs, with its zone and day."""
    html = written(after(hours=8), reader="Europe/Madrid", zone="America/New_York")
    assert html == (
        '<time datetime="2025-03-06T02:30:00Z">Tomorrow 03:30</time> <span class="quiet">(Wed 21:30 EST)</span>'
    )
    assert "(" not in written(after(hours=8), reader="Europe/Paris", zone="Europe/Madrid")


def test_an_unknown_reader():
    """V4: the class's own hour with its zone's short name, until the browser writes its own."""
    html = written(after(hours=1), zone="America/New_York")
    assert html == '<time datetime="2025-03-05T19:30:00Z" data-local>Today 14:30 EST</time>'
    assert "UTC-03:00" in written(after(hours=1), zone="America/Sao_Paulo")


def test_spanish():
    """V5: days and months in the language of the page."""
    with translation.override("es"):
        assert "vie 7 mar 18:30" in written(after(hours=48), reader="UTC")


def dated(tag, day, **context):
    template = Template("{% load moments %}{% " + tag + " day %}")
    return template.render(Context({"day": day, **context}))


def test_dates_count_from_the_readers_today(world):
    """V4: it is Thursday in Tokyo already; where the reader's zone is not known, the academy's counts."""
    thursday = NOW.date() + datetime.timedelta(days=1)
    assert dated("spoken_date", thursday, zone="Asia/Tokyo", academy=world.miami) == "Today"
    assert dated("spoken_date", thursday, zone="", academy=world.miami) == "Tomorrow"
    world.miami.timezone = "Asia/Tokyo"
    assert dated("spoken_date", thursday, zone="", academy=world.miami) == "Today"
    assert dated("spoken_date", thursday) == "Tomorrow"


def test_dates_of_headings():
    """V4: a heading has the date itself, however near."""
    assert dated("plain_date", NOW.date(), zone="UTC") == "Wed 5 Mar"
    with translation.override("es"):
        assert dated("plain_date", NOW.date(), zone="UTC") == "mié 5 mar"
