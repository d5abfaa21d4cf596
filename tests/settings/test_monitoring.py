"""The dashboard and the alerts of `deploy/`, against what `/metrics` tells (rules O1, O9)."""

import json
import re
from collections import defaultdict
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from breathecode.common.observability.task_counts import _increment
from tests.settings.test_deploy import DEPLOY, OPERATIONS
from tests.support.world import World

# Labels that Prometheus itself adds, and the one that tells the buckets of a histogram.
ADDED = {"job", "instance"}
OTHERS = {"probe_success"}  # of the blackbox exporter
_SELECTOR = re.compile(r"\b((?:breathecode|probe)_\w+)(?:\{([^}]*)\})?")


def dashboard() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = json.loads((DEPLOY / "grafana" / "live-classes.json").read_text())["panels"]
    return panels


def alerts() -> dict[str, dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def expressions() -> dict[str, str]:
    shown = {
        f"{panel['title']} {target['refId']}": target["expr"] for panel in dashboard() for target in panel["targets"]
    }
    return shown | {name: rule["expr"] for name, rule in alerts().items()}


@pytest.fixture
def told(world: World, client: Client) -> dict[str, set[str]]:
    """The names of `/metrics`, and the labels of each."""
    client.get("/v1/events/me/event/liveclass/join/" + "ab" * 20)
    _increment("breathecode.common.tasks.record_periodic_run", "FAILURE")
    found: dict[str, set[str]] = defaultdict(set)
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            found[sample.name] |= sample.labels.keys()
    return dict(found)


@pytest.mark.django_db
def test_what_they_ask_for_is_told(told):
    """O9: every name and every label in the dashboard and in the alerts is one of `/metrics`."""
    for name, expression in expressions().items():
        selectors = _SELECTOR.findall(expression)
        assert selectors, name
        labels = set().union(*(told.get(metric, set()) for metric, _ in selectors)) | ADDED
        for metric, conditions in selectors:
            assert metric in OTHERS or metric in told, name
            assert set(re.findall(r"(\w+)\s*[=!]~?", conditions)) <= labels, name
        for grouped in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
            assert set(re.split(r",\s*", grouped)) <= labels, name


@pytest.mark.django_db
def test_everything_of_our_own_is_shown(told):
    """O9: a new number that is told has a place on the dashboard."""
    shown = {
        metric
        for panel in dashboard()
        for target in panel["targets"]
        for metric, _ in _SELECTOR.findall(target["expr"])
    }
    families = {re.sub(r"_(total|bucket|sum|count|created)$", "", metric) for metric in shown}
    own = {name for name in told if name.startswith("breathecode_")}
    assert {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in own} == families


@pytest.mark.django_db
def test_joins_are_counted_by_their_route(told, client):
    """O9: the dashboard finds joins by a pattern that fits the route of the private link."""
    (expression,) = [text for name, text in expressions().items() if name.startswith("Joins ")]
    pattern = re.search(r'route=~"([^"]+)"', expression)
    assert pattern
    counted = re.findall(
        r'breathecode_http_requests_total\{[^}]*route="([^"]+)"', client.get("/metrics").content.decode()
    )
    assert any(re.fullmatch(pattern[1], route) for route in counted)


def test_each_alert_says_what_to_do():
    """O9: each has its row in docs/operations.md, and each row its alert, with the same number in both."""
    section = OPERATIONS.partition("## Logs and alerts")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", section, re.MULTILINE))
    assert rows.keys() == alerts().keys()
    for name, rule in alerts().items():
        assert rule["annotations"]["summary"]
        told = set(re.findall(r"> (\d+)", rows[name])) - {"0"}
        assert told <= set(re.findall(r"> (\d+)", rule["expr"])), name
        assert {metric for metric, _ in _SELECTOR.findall(rows[name])} <= set(re.findall(r"\w+", rule["expr"])), name


def test_the_dashboard_can_be_laid_out():
    """O9: panels have ids of their own, do not overlap, and ask the data source that is chosen on top."""
    cells = [
        (x, y)
        for panel in dashboard()
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in dashboard()}) == len(dashboard())
    assert {panel["datasource"]["uid"] for panel in dashboard()} == {"${datasource}"}
