"""The workloads: the requests that are sent to a server, and the performance goals.

A workload returns prepared requests for a `Target` (a seeded server). They are sent in random
order.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

CATEGORIES = (
    "Home",
    "Work",
    "Garden",
    "Errands",
    "Reading",
    "Health",
    "Travel",
    "Ideas",
    "Money",
    "Family",
)
TAGS = tuple(f"label-{number}" for number in range(20))
WORDS = (
    "check",
    "write",
    "call",
    "plan",
    "order",
    "window",
    "letter",
    "report",
    "garden",
    "ticket",
    "invoice",
    "kitchen",
)
PREPARED_CREATES = 200


@dataclass(frozen=True)
class Request:
    """One HTTP request, without host and authorization."""

    method: str
    path: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The data of a seeded server that workloads need. `task_ids` are UUIDs as text."""

    tasks_path: str
    task_ids: tuple[str, ...]


@dataclass(frozen=True)
class Workload:
    """A kind of request.

    Attributes:
        status: the expected status.
        goals: for each engine, the maximum CPU time per request relative to the baseline.
    """

    name: str
    title: str
    status: int
    goals: Mapping[str, float]
    build_requests: Callable[[Target], list[Request]]


def build_task(source: random.Random) -> dict[str, object]:
    """Return a new task: a category, up to three tags, a description of about 200 characters."""
    return {
        "title": " ".join(source.choices(WORDS, k=5)).capitalize(),
        "description": " ".join(source.choices(WORDS, k=30)).capitalize() + ".",
        "priority": source.randint(1, 5),
        "due_date": f"2027-{source.randint(1, 12):02}-{source.randint(1, 28):02}"
        if source.randint(0, 1)
        else None,
        "category": source.choice(CATEGORIES),
        "tags": source.sample(TAGS, k=source.randint(0, 3)),
    }


def build_get_requests(target: Target) -> list[Request]:
    """Return requests for every seeded task by id."""
    return [Request("GET", f"{target.tasks_path}/{task_id}") for task_id in target.task_ids]


def build_list_requests(target: Target) -> list[Request]:
    """Return a request for the newest 50 tasks."""
    return [Request("GET", f"{target.tasks_path}?limit=50")]


def build_create_requests(target: Target) -> list[Request]:
    """Return requests that create tasks. Their categories and tags exist already."""
    source = random.Random(2)  # noqa: S311 - the same bodies on every run, nothing secret
    headers = {"Content-Type": "application/json"}
    bodies = [json.dumps(build_task(source)) for _ in range(PREPARED_CREATES)]
    return [Request("POST", target.tasks_path, body, headers) for body in bodies]


def build_patch_requests(target: Target) -> list[Request]:
    """Return requests that change the titles of seeded tasks. The words occur in other tasks."""
    source = random.Random(3)  # noqa: S311 - the same bodies on every run, nothing secret
    headers = {"Content-Type": "application/json"}
    requests = []
    for task_id in target.task_ids[:PREPARED_CREATES]:
        body = json.dumps({"title": " ".join(source.choices(WORDS, k=5)).capitalize()})
        requests.append(Request("PATCH", f"{target.tasks_path}/{task_id}", body, headers))
    return requests


# Each request of `patch` changes the title that an earlier one has set, mostly to another one.
# `create` is last, because it adds as many rows as a server can insert.
WORKLOADS = (
    Workload("get", "get one", 200, {"postgresql": 1 / 4, "sqlite": 1 / 6}, build_get_requests),
    Workload("list", "list 50", 200, {"postgresql": 1 / 4, "sqlite": 1 / 6}, build_list_requests),
    Workload(
        "patch", "change title", 200, {"postgresql": 1 / 2, "sqlite": 1 / 3}, build_patch_requests
    ),
    Workload(
        "create", "create", 201, {"postgresql": 1 / 3, "sqlite": 1 / 6}, build_create_requests
    ),
)
