"""Random filters, and the tasks of the workspace that they are made for."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from taskstead.domain.filters.conditions import HAS_WORDS, IS_WORDS
from taskstead.ids import make_named_id

ZONES = ("Etc/UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati")
STATUSES = ("todo", "in_progress", "done", "cancelled")
CATEGORIES = ("Work", "Garden", "Home improvements", "Später")
TAGS = ("home", "Errand", "later, maybe", "später", "milk")
WORDS = ("milk", "oat", "gym", "Ärger", "report", "buy", "2026")
TASK_COUNT = 80
# The last tasks are sub-tasks of the first ones.
_PARENT_COUNT = 12
_MOMENTS = (
    *("today", "tomorrow", "yesterday", "friday", "sunday", "+7d", "-2w", "+1m", "-1y"),
    *("+2h", "-30h", "2026-06-14", "2026-06-15T12:00:00Z", "2026-06-15T00:30", "2026-01-31"),
)
_PERIODS = ("week", "next-week", "last-week", "month", "next-month", "last-month")
_DATE_FIELDS = ("due", "due", "due", "created", "updated", "completed")


def make_task_id(number: int) -> str:
    """Return the id of a task of the workspace."""
    return make_named_id(f"task {number}")


def make_lines(dice: random.Random, now: datetime, members: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lines of a file to import: tasks of all kinds, with and without each value.

    Args:
        dice: the source of randomness.
        now: the current time.
        members: the ids of the members.
    """
    return [_make_task(dice, number, now, members) for number in range(1, TASK_COUNT + 1)]


def _make_task(
    dice: random.Random, number: int, now: datetime, members: Sequence[str]
) -> dict[str, Any]:
    status = dice.choice(STATUSES)
    created_at = now - timedelta(days=dice.choice([0, 1, 3, 14, 40]), minutes=dice.randint(0, 900))
    is_subtask = number > _PARENT_COUNT and dice.random() < 0.5
    # A task in the trash cannot be a parent.
    is_trashed = number > _PARENT_COUNT and dice.random() < 0.2
    due_date, zone = _make_due_date(dice, now)
    parent = make_task_id(dice.randint(1, _PARENT_COUNT)) if is_subtask else None
    return {
        "id": make_task_id(number),
        "number": number,
        "title": " ".join(dice.sample(WORDS, dice.randint(1, 3))),
        "description": " ".join(dice.sample(WORDS, dice.choice([0, 0, 1, 3]))),
        "status": status,
        "priority": dice.randint(1, 5),
        "due_date": due_date,
        "due_time_zone": zone,
        "repeat_rule": "FREQ=DAILY" if due_date and dice.random() < 0.4 else None,
        "category": dice.choice([None, *CATEGORIES]),
        "tags": dice.sample(TAGS, dice.randint(0, 3)),
        "parent": parent,
        "assignee": dice.choice([None, *members]),
        "created_at": created_at.isoformat(),
        "updated_at": (now - timedelta(hours=dice.randint(0, 200))).isoformat(),
        "completed_at": (now - timedelta(hours=dice.randint(0, 100))).isoformat()
        if status == "done"
        else None,
        "deleted_at": now.isoformat() if is_trashed else None,
    }


def _make_due_date(dice: random.Random, now: datetime) -> tuple[str | None, str | None]:
    """Return a due date of any kind near the current time, and its time zone, or None."""
    day = now.date() + timedelta(days=dice.choice([-400, -30, -7, -2, -1, 0, 0, 1, 2, 6, 8, 31]))
    time = dice.choice(["00:00", "00:30", "12:30:30", "23:30"])
    return dice.choice(
        [
            (None, None),
            (day.isoformat(), None),
            (f"{day.isoformat()}T{time}", None),
            (f"{day.isoformat()}T{time}", "America/New_York"),
            (f"{day.isoformat()}T{time}+02:00", None),
            (f"{day.isoformat()}T{time}-08:00", "Europe/Berlin"),
            (datetime.combine(day, now.time(), UTC).isoformat(), None),
        ]
    )


class FilterDice:
    """Makes random filters.

    Args:
        dice: the source of randomness.
        members: the ids, names and e-mail addresses of members.
    """

    def __init__(self, dice: random.Random, members: Sequence[str]) -> None:
        self._dice = dice
        self._members = members
        self._shape = dice

    def make_variants(self, count: int) -> list[str]:
        """Return filters that differ only in their values, so that they have the same statement."""
        seed = self._dice.random()
        variants = []
        for _ in range(count):
            self._shape = random.Random(seed)  # noqa: S311 - not used for secrets
            variants.append(self.make_filter())
        self._shape = self._dice
        return variants

    def make_filter(self, depth: int = 3) -> str:
        """Return a filter with at most this depth."""
        kind = self._shape.random()
        if depth == 0 or kind < 0.35:
            return self._make_condition()
        if kind < 0.5:
            negation = self._shape.choice(["not ", "!", "NOT "])
            return f"{negation}{self._group(self.make_filter(depth - 1))}"
        joined = self._shape.choice([" ", " and ", " & ", " or ", " | ", "|"])
        parts = [self.make_filter(depth - 1) for _ in range(self._shape.randint(2, 3))]
        return joined.join(map(self._group, parts))

    def _group(self, text: str) -> str:
        return f"({text})" if self._shape.random() < 0.8 else text

    def _make_condition(self) -> str:
        makers = (
            *(self._make_date, self._make_date, self._make_date, self._make_number),
            *(self._make_name, self._make_name, self._make_text, self._make_flag, self._make_day),
        )
        return self._shape.choice(makers)()

    def _make_date(self) -> str:
        field = self._shape.choice(_DATE_FIELDS)
        choose = self._dice.choice
        return self._shape.choice(
            [
                f"{field}<{choose(_MOMENTS)}",
                f"{field}<={choose(_MOMENTS)}",
                f"{field}>{choose(_MOMENTS)}",
                f"{field}>={choose(_MOMENTS)}",
                f"{field}:{choose([*_MOMENTS, *_PERIODS])}",
                f"{field}!={choose([*_MOMENTS, *_PERIODS])}",
                f"{field}:{choose(_MOMENTS)},{choose(_PERIODS)}",
                f"{field}:{choose(_MOMENTS)}..{choose([*_MOMENTS, *_PERIODS])}",
                f"{field}:..{choose(_PERIODS)}",
                f"{field}:{choose(_PERIODS)}..",
            ]
        )

    def _make_number(self) -> str:
        number, priority = self._dice.randint(1, TASK_COUNT), self._dice.randint(1, 5)
        return self._shape.choice(
            [
                *(f"number<{number}", f"number:{number}..", f"number:{number},7"),
                *(f"p{priority}", f"priority:p1..{priority}", f"priority!={priority}"),
                *(f"priority<{priority}", f"priority<={priority}"),
                *(f"priority>{priority}", f"priority>={priority}"),
            ]
        )

    def _make_name(self) -> str:
        choose = self._dice.choice
        category, tag = choose([*CATEGORIES, "nowhere"]), choose([*TAGS, "nothing"])
        status, member = choose(STATUSES), choose(self._members)
        parent = self._dice.randint(1, TASK_COUNT)
        return self._shape.choice(
            [
                f'#"{category}"',
                f'category:work,"{category.upper()}"',
                f'category!="{category}"',
                f'@"{tag}"',
                f'tag:HOME,"{tag}"',
                f'tag!="{tag.upper()}"',
                f"status:{status},todo",
                f"status!={status}",
                f"parent:{parent},{make_task_id(1)}",
                f'assignee:"{member}"',
                f'assignee!=me,"{member}"',
            ]
        )

    def _make_text(self) -> str:
        one, other = self._dice.choice(WORDS), self._dice.choice(WORDS)
        return self._shape.choice(
            [
                one,
                f"-{one}",
                f'"{one} {other}"',
                f'-"{one} {other}"',
                f"{one[:2]}*",
                f"title:{one}",
                f'description:"{one} {other}"',
                f"title!={one.upper()},{other[:1]}*",
                f"text:{one}-{other}",
                '"?!"',
            ]
        )

    def _make_flag(self) -> str:
        choose = self._shape.choice
        return choose(
            [f"is:{choose(IS_WORDS)}", f"has:{choose(HAS_WORDS)}", f"no:{choose(HAS_WORDS)}"]
        )

    def _make_day(self) -> str:
        day = self._dice.choice(["today", "tomorrow", "yesterday"])
        return self._shape.choice([day, "overdue"])
