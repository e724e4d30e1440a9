"""Prometheus text format: renders the metrics, and reads the process metrics of the system."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from taskstead.observability.metrics import (
    CPU_SECONDS,
    MEMORY,
    OPEN_FILES,
    STARTED,
    TABLE,
    Metric,
    Sample,
)

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# The label that distinguishes the processes of one server.
PROCESS_LABEL = "process"


def read_process_samples() -> Iterator[Sample]:
    """Return CPU, memory and file metrics of this process; none on unsupported systems."""
    from prometheus_client import ProcessCollector  # noqa: PLC0415 - not needed for a start

    names = {metric.name for metric in (CPU_SECONDS, MEMORY, OPEN_FILES, STARTED)}
    for family in ProcessCollector(registry=None).collect():
        for sample in family.samples:
            if sample.name in names:
                yield sample.name, [], sample.value


def render_samples(by_process: Mapping[str, Iterable[Sample]]) -> bytes:
    """Render samples in the order of the metrics table.

    Args:
        by_process: the samples by the number of their process. The key "" contains the samples that
            do not belong to a single process.
    """
    from prometheus_client import generate_latest  # noqa: PLC0415 - not needed for a start
    from prometheus_client.core import Metric as Family  # noqa: PLC0415

    metrics = {metric.name: metric for metric in TABLE}
    families: dict[str, Family] = {
        metric.name: Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
        for metric in TABLE
    }
    for process, samples in by_process.items():
        for name, labels, value in samples:
            # During an update, a process of another version may report metrics that this version
            # does not have.
            if name in metrics:
                _add_sample(families[name], metrics[name], process, (labels, value))

    class SampleCollector:
        def collect(self) -> Iterator["Family"]:
            return (family for family in families.values() if family.samples)

    return generate_latest(SampleCollector())


def _add_sample(
    family: "Family", metric: Metric, process: str, sample: tuple[list[str], float | list[float]]
) -> None:
    label_values, value = sample
    labels = dict(zip(metric.labels, label_values, strict=True))
    if process:
        labels[PROCESS_LABEL] = process
    if not isinstance(value, list):
        family.add_sample(metric.name, labels, value)
        return
    counts = list(accumulate(value[:-1]))
    for bound, count in zip((*metric.buckets, float("inf")), counts, strict=True):
        text = "+Inf" if bound == float("inf") else str(float(bound))
        family.add_sample(f"{metric.name}_bucket", {**labels, "le": text}, count)
    family.add_sample(f"{metric.name}_count", labels, counts[-1])
    family.add_sample(f"{metric.name}_sum", labels, value[-1])
