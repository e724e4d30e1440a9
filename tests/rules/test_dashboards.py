"""Grafana dashboard and Prometheus alerts query only existing metrics and labels."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.observability.exposition import PROCESS_LABEL
from taskstead.observability.metrics import TABLE

DEPLOY = Path(__file__).parents[2] / "deploy"
# Prometheus' own metric, and the labels that it adds to all metrics of a job.
OWN = {"up"}
ADDED = {"job", "instance", PROCESS_LABEL}

_NAME = re.compile(r"\b((?:taskstead|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
_GROUPING = re.compile(r"\b(?:by|without) \(([^)]*)\)")
_LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")


def list_known() -> dict[str, set[str]]:
    """Return the labels of every existing sample by its name."""
    known: dict[str, set[str]] = {}
    for metric in TABLE:
        labels = {*metric.labels, *ADDED}
        if metric.kind == "histogram":
            known |= {f"{metric.name}_{end}": labels for end in ("count", "sum")}
            known[f"{metric.name}_bucket"] = {*labels, "le"}
        else:
            known[metric.name] = labels
    return known


def find_unknown(query: str) -> Iterator[str]:
    """Return the names and labels in a query that do not exist."""
    known = list_known()
    asked: set[str] = set()
    # A name in a grouping is a label, even if a metric has the same name.
    for name, selector in _NAME.findall(_GROUPING.sub("", query)):
        if name in OWN:
            continue
        if name not in known:
            yield f"no metric {name}: {query}"
            continue
        asked |= known[name]
        for label in _LABEL.findall(selector):
            if label not in known[name]:
                yield f"{name} has no label {label}: {query}"
    for labels in _GROUPING.findall(query):
        for label in labels.replace(" ", "").split(","):
            if label not in asked:
                yield f"nothing has the label {label}: {query}"


def list_dashboard_queries() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "taskstead.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def list_alert_queries() -> list[str]:
    text = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    queries = re.findall(r"^ +expr: '(.*)'$", text, re.MULTILINE)
    assert len(queries) == text.count("- alert:")
    return [query.replace("''", "'") for query in queries]


def test_every_query_uses_existing_metrics() -> None:
    queries = [*list_dashboard_queries(), *list_alert_queries()]
    assert len(queries) > 25
    assert [fault for query in queries for fault in find_unknown(query)] == []
    assert not [query for query in queries if query.count("(") != query.count(")")]


def test_every_metric_is_on_the_dashboard() -> None:
    text = " ".join(list_dashboard_queries())
    missing = {metric.name for metric in TABLE if metric.name not in text}
    assert missing == {"process_open_fds", "process_start_time_seconds"}


def test_legends_use_labels_of_their_queries() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "taskstead.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                assert label in target["expr"] or label in ADDED


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(taskstead_requests_totals[5m]))",
        'taskstead_requests_total{state="x"}',
        "sum by (path) (rate(taskstead_requests_total[5m]))",
        "taskstead_request_duration_seconds",
    ],
)
def test_wrong_query_is_detected(query: str) -> None:
    assert list(find_unknown(query))
