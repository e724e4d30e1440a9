"""Dashboard and alerts ask for metrics and labels that the application tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.telemetry.exposition import PROCESS_LABEL
from taskstead.telemetry.metrics import TABLE

DEPLOY = Path(__file__).parents[2] / "deploy"
# Prometheus' own metric, and the labels that it adds to all of a job.
OWN = {"up"}
ADDED = {"job", "instance", PROCESS_LABEL}

_NAME = re.compile(r"\b((?:taskstead|process)_[a-z_]+|up)\b(?:\{([^}]*)\})?")
_GROUPING = re.compile(r"\b(?:by|without) \(([^)]*)\)")
_LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")


def list_known() -> dict[str, set[str]]:
    """Return the names of all samples there are, each with its labels."""
    known: dict[str, set[str]] = {}
    for metric in TABLE:
        labels = {*metric.labels, *ADDED}
        if metric.kind == "histogram":
            known |= {f"{metric.name}_{end}": labels for end in ("count", "sum")}
            known[f"{metric.name}_bucket"] = {*labels, "le"}
        else:
            known[metric.name] = labels
    return known


def find_faults(query: str) -> Iterator[str]:
    """Find names and labels in a query that are nowhere."""
    known = list_known()
    asked: set[str] = set()
    # What is grouped by is a label and no metric, whatever it is called.
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


def test_every_query_asks_for_what_there_is() -> None:
    queries = [*list_dashboard_queries(), *list_alert_queries()]
    assert len(queries) > 25
    assert [fault for query in queries for fault in find_faults(query)] == []
    assert not [query for query in queries if query.count("(") != query.count(")")]


def test_every_metric_is_on_the_dashboard() -> None:
    text = " ".join(list_dashboard_queries())
    missing = {metric.name for metric in TABLE if metric.name not in text}
    assert missing == {"process_open_fds", "process_start_time_seconds"}


def test_legends_name_labels_of_their_queries() -> None:
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
def test_a_wrong_query_is_noticed(query: str) -> None:
    assert list(find_faults(query))
