"""Test oracle: a plain Python evaluation of filters on tasks as the API returns them."""

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.filters.nodes import (
    AllOf,
    AnyOf,
    Condition,
    FlagCondition,
    NameCondition,
    Node,
    Not,
    NumberCondition,
    Point,
    PointCondition,
    TextCondition,
)

Task = Mapping[str, Any]
_OPEN = ("todo", "in_progress")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass
class Evaluator:
    """Evaluates resolved filters on the tasks of one workspace.

    Attributes:
        tasks: all tasks, live and trashed, with their descriptions.
        now: the current time.
        zone: the time zone of days.
        me: the id of the user of the request.
        members: the name and the e-mail address of each member by id.
        completions: the times at which occurrences of repeating tasks were completed, by number.
    """

    tasks: Sequence[Task]
    now: datetime
    zone: ZoneInfo
    me: str
    members: Mapping[str, tuple[str, str]]
    completions: Mapping[int, Sequence[str]] = field(default_factory=dict)
    # The tasks that meet a condition, because random filters often contain the same conditions.
    _found: dict[Condition, frozenset[int]] = field(default_factory=dict)

    def find(self, node: Node) -> frozenset[int]:
        """Return the numbers of the tasks that match, live and trashed."""
        match node:
            case AllOf():
                return self._find_all().intersection(*map(self.find, node.parts))
            case AnyOf():
                return frozenset().union(*map(self.find, node.parts))
            case Not():
                return self._find_all() - self.find(node.part)
        if node not in self._found:
            self._found[node] = frozenset(
                task["number"] for task in self.tasks if self._meets(task, node)
            )
        return self._found[node]

    def find_live(self) -> frozenset[int]:
        """Return the numbers of the tasks that are not in the trash."""
        return frozenset(task["number"] for task in self.tasks if task["deleted_at"] is None)

    def _find_all(self) -> frozenset[int]:
        return frozenset(task["number"] for task in self.tasks)

    def _meets(self, task: Task, condition: Condition) -> bool:
        match condition:
            case PointCondition():
                return self._meets_points(task, condition)
            case NumberCondition():
                return _meets_numbers(task[condition.field], condition)
            case NameCondition():
                is_mine = condition.includes_me and task["assignee"] == self.me
                return is_mine or any(
                    self._has_name(task, condition, value) for value in condition.values
                )
            case TextCondition():
                return _contains_text(task, condition)
            case FlagCondition():
                return self._has_flag(task, condition.field, condition.word)
            case _:
                raise TypeError(f"{condition} is not resolved")

    def _meets_points(self, task: Task, condition: PointCondition) -> bool:
        text = task["due_date"] if condition.field == "due" else task[f"{condition.field}_at"]
        texts = [] if text is None else [text]
        if condition.field == "completed":
            texts += self.completions.get(task["number"], ())
        zone_name = task["due_time_zone"] if condition.field == "due" else None
        return any(self._meets_points_at(text, zone_name, condition) for text in texts)

    def _meets_points_at(self, text: str, zone_name: str | None, condition: PointCondition) -> bool:
        sides = [self._compare(text, zone_name, point) for point in condition.points]
        if condition.comparison == "=":
            return sides[0] == 0
        if condition.comparison == "between":
            return sides[0] >= 0 >= sides[1]
        return _OPERATORS[condition.comparison](sides[0], 0)

    def _compare(self, text: str, zone_name: str | None, point: Point) -> int:
        """Return -1 if a time is before a point or day, 0 if it is at it, and 1 if it is after."""
        time = datetime.fromisoformat(text)
        if zone_name and "T" in text and time.tzinfo is None:
            time = time.replace(tzinfo=ZoneInfo(zone_name))
        if "T" not in point.exact:
            local = time if time.tzinfo is None else time.astimezone(self.zone)
            return _sign(local.date(), date.fromisoformat(point.exact))
        other = datetime.fromisoformat(point.exact)
        if time.tzinfo is None:
            # A date is midnight. It has no zone, and neither has a floating time.
            other = other if other.tzinfo is None else other.astimezone(self.zone)
            return _sign(time, other.replace(tzinfo=None))
        if other.tzinfo is None:
            other = other.replace(tzinfo=self.zone)
        return _sign(time - other, timedelta())

    def _has_name(self, task: Task, condition: NameCondition, value: str) -> bool:
        folded = value.casefold()
        match condition.field:
            case "status":
                return bool(task["status"] == value)
            case "tag":
                return folded in {tag.casefold() for tag in task["tags"]}
            case "category":
                category = task["category"]
                return category is not None and folded in (
                    category["name"].casefold(),
                    category["id"],
                )
            case "parent":
                parent = self._find_task(task["parent"])
                return parent is not None and folded in (str(parent["number"]), parent["id"])
            case "assignee":
                id_ = task["assignee"]
                names = [name.casefold() for name in self.members.get(id_, ())]
                return id_ is not None and folded in [id_, *names]

    def _find_task(self, id_: str | None) -> Task | None:
        return next((task for task in self.tasks if task["id"] == id_), None)

    def _has_flag(self, task: Task, kind: str, word: str) -> bool:
        if kind == "is":
            flags: dict[str, Callable[[], bool]] = {
                "overdue": lambda: self._is_overdue(task),
                "open": lambda: task["status"] in _OPEN,
                "done": lambda: task["status"] == "done",
                "cancelled": lambda: task["status"] == "cancelled",
                "repeating": lambda: task["repeat_rule"] is not None,
                "trashed": lambda: task["deleted_at"] is not None,
                "subtask": lambda: task["parent"] is not None,
            }
            return flags[word]()
        flags = {
            "due": lambda: task["due_date"] is not None,
            "time": lambda: task["due_date"] is not None and "T" in task["due_date"],
            "category": lambda: task["category"] is not None,
            "tag": lambda: bool(task["tags"]),
            "parent": lambda: task["parent"] is not None,
            "assignee": lambda: task["assignee"] is not None,
            "subtasks": lambda: any(
                other["parent"] == task["id"] and other["deleted_at"] is None
                for other in self.tasks
            ),
            "repeat": lambda: task["repeat_rule"] is not None,
            "reminder": lambda: False,
            "description": lambda: task["description"] != "",
        }
        return flags[word]()

    def _is_overdue(self, task: Task) -> bool:
        if task["due_date"] is None or task["status"] not in _OPEN:
            return False
        is_day = "T" not in task["due_date"]
        at = self.now.astimezone(self.zone).date() if is_day else self.now
        point = Point(at.isoformat(), at.isoformat())
        return self._compare(task["due_date"], task["due_time_zone"], point) < 0


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _meets_numbers(number: int, condition: NumberCondition) -> bool:
    if condition.comparison == "=":
        return number in condition.values
    if condition.comparison == "between":
        return condition.values[0] <= number <= condition.values[1]
    return _OPERATORS[condition.comparison](number, condition.values[0])


def _contains_text(task: Task, condition: TextCondition) -> bool:
    """Return whether a field contains the words of a condition one after another."""
    wanted = _split(condition.text)
    fields = ("title", "description") if condition.field == "text" else (condition.field,)
    if not wanted:
        return False
    for name in fields:
        words = _split(task[name])
        for start in range(len(words) - len(wanted) + 1):
            *first, last = words[start : start + len(wanted)]
            is_last = last.startswith(wanted[-1]) if condition.is_prefix else last == wanted[-1]
            if first == wanted[:-1] and is_last:
                return True
    return False


def _split(text: str) -> list[str]:
    """Return the words of a text without case and accents. The text has Latin letters only."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return re.findall(r"[a-z0-9]+", "".join(each for each in plain if ord(each) < 0x300))
