"""The fields of repeating tasks, and requests that are rejected."""

from typing import Any

import pytest

from tests.harness.client import Client
from tests.integration.repeats.repeating import DAILY, act, create_repeating, get, patch

STATE = ("repeat_start", "repeat_at", "repeat_gone")
NO_REPEAT: dict[str, Any] = {
    "repeat_rule": None,
    "repeat_mode": None,
    "repeat_except": [],
    "repeat_start": None,
    "repeat_at": None,
    "repeat_gone": None,
}


def pick(task: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(task[name] for name in names)


async def test_a_task_does_not_repeat_by_default(owner: Client) -> None:
    task = await owner.create_task(due_date="2026-11-26")
    assert {name: task[name] for name in NO_REPEAT} == NO_REPEAT


async def test_rule_counts_from_the_due_date(owner: Client) -> None:
    task = await create_repeating(owner, repeat_except=["2026-12-24"])
    assert pick(task, *STATE) == ("2026-11-26", "2026-11-26", 0)
    assert pick(task, "repeat_rule", "repeat_mode") == (DAILY, "schedule")
    assert task["repeat_except"] == ["2026-12-24"]


async def test_occurrence_of_an_instant_is_its_local_time(owner: Client) -> None:
    task = await create_repeating(
        owner, due_date="2026-11-26T08:00:00Z", due_time_zone="Europe/Berlin"
    )
    assert task["repeat_at"] == "2026-11-26T09:00:00"


async def test_new_due_date_moves_the_occurrence_only(owner: Client) -> None:
    task = await create_repeating(owner)
    moved = await patch(owner, task, due_date="2026-11-28")
    assert pick(moved, "due_date", *STATE) == ("2026-11-28", "2026-11-26", "2026-11-26", 0)


async def test_new_rule_and_due_date_restart_the_series(owner: Client) -> None:
    task = await create_repeating(owner)
    rule = "FREQ=WEEKLY"
    restarted = await patch(owner, task, due_date="2026-11-28", repeat_rule=rule)
    assert pick(restarted, "repeat_rule", *STATE) == (rule, "2026-11-28", "2026-11-28", 0)


async def test_same_rule_with_a_new_due_date_restarts(owner: Client) -> None:
    task = await create_repeating(owner)
    moved = await patch(owner, task, due_date="2026-11-28", repeat_rule=DAILY)
    assert pick(moved, *STATE) == ("2026-11-28", "2026-11-28", 0)


async def test_same_rule_in_lower_case_does_not_restart(owner: Client) -> None:
    task = await create_repeating(owner)
    await patch(owner, task, due_date="2026-11-28")
    same = await patch(owner, task, repeat_rule=DAILY.lower())
    assert same["repeat_at"] == "2026-11-26"


async def test_moved_occurrence_may_be_after_the_end(owner: Client) -> None:
    rule = "FREQ=WEEKLY;UNTIL=20261127"
    task = await create_repeating(owner, repeat_rule=rule)
    assert (await patch(owner, task, due_date="2026-11-30"))["due_date"] == "2026-11-30"


async def test_new_time_zone_converts_the_series(owner: Client) -> None:
    task = await create_repeating(owner, due_date="2026-11-26T08:00:00Z")
    zoned = await patch(owner, task, due_time_zone="Europe/Berlin")
    assert zoned["repeat_at"] == "2026-11-26T09:00:00"
    assert (await act(owner, task, "skip"))["due_date"] == "2026-11-27T08:00:00Z"


async def test_time_of_day_is_added_to_the_series(owner: Client) -> None:
    task = await create_repeating(owner)
    timed = await patch(owner, task, due_date="2026-11-27T08:00:00")
    assert pick(timed, *STATE) == ("2026-11-26T08:00:00", "2026-11-26T08:00:00", 0)


async def test_null_rule_ends_the_repetition(owner: Client) -> None:
    task = await create_repeating(owner, repeat_mode="each", repeat_except=["2026-12-24"])
    plain = await patch(owner, task, repeat_rule=None)
    assert {name: plain[name] for name in NO_REPEAT} == NO_REPEAT
    assert plain["due_date"] == "2026-11-26"


async def test_mode_changes_without_a_restart(owner: Client) -> None:
    task = await create_repeating(owner)
    await patch(owner, task, due_date="2026-11-28")
    changed = await patch(owner, task, repeat_mode="completion")
    assert pick(changed, "repeat_mode", *STATE) == ("completion", "2026-11-26", "2026-11-26", 0)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"repeat_rule": DAILY}, "/repeat_rule", "repeat_without_date"),
        ({"repeat_mode": "each"}, "/repeat_mode", "repeat_without_rule"),
        ({"repeat_except": ["2026-12-24"]}, "/repeat_except", "repeat_without_rule"),
        (
            {"due_date": "2026-11-26", "repeat_rule": "FREQ=HOURLY"},
            "/repeat_rule",
            "rule_not_supported",
        ),
        (
            {"due_date": "2026-11-26", "repeat_rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"},
            "/repeat_rule",
            "rule_never",
        ),
        (
            {"due_date": "2026-11-26", "repeat_rule": DAILY, "repeat_except": ["tomorrow"]},
            "/repeat_except/0",
            "occurrence",
        ),
    ],
)
async def test_invalid_repeat_fields_are_rejected(
    owner: Client, fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await owner.post("/api/v1/tasks", {"title": "A task", **fields})
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_due_date_of_a_repeating_task_stays(owner: Client) -> None:
    task = await create_repeating(owner)
    answer = await owner.patch(f"/api/v1/tasks/{task['id']}", {"due_date": None})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/due_date", "repeat_without_date")
    assert (await get(owner, task))["due_date"] == "2026-11-26"


async def test_rule_and_due_date_are_removed_together(owner: Client) -> None:
    task = await create_repeating(owner)
    plain = await patch(owner, task, due_date=None, repeat_rule=None)
    assert pick(plain, "due_date", "repeat_rule") == (None, None)
