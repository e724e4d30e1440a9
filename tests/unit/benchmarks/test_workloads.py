"""Workloads: their requests are the same on every run."""

import pytest

from benchmarks.databases import ENGINES
from benchmarks.workloads import WORKLOADS, Target, Workload


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_workloads_are_the_same_on_every_run(workload: Workload) -> None:
    target = Target("/tasks", ("one", "two"))

    assert workload.build_requests(target) == workload.build_requests(target)
    assert set(workload.goals) == set(ENGINES)
