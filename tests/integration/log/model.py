"""Test oracle: a plain Python model of a workspace with the server's rules.

The model has no ids, times or revisions, because the tests of the change log cover those. Names are
matched without regard to case.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

MAX_DEPTH = 8
OPEN = ("todo", "in_progress")
DEFAULTS = {
    "description": "",
    "status": "todo",
    "priority": 3,
    "due_date": None,
    "repeat_rule": None,
    "category": None,
    "tags": [],
    "parent": None,
    "assignee": None,
}


class RefusedError(Exception):
    """The server must reject the request with one of these statuses.

    It may check either condition first.
    """

    def __init__(self, *statuses: int) -> None:
        super().__init__(*statuses)
        self.statuses = statuses


@dataclass(eq=False)
class Category:
    """A category. A trashed category keeps its tasks."""

    name: str
    position: int
    color: str | None = None
    is_trashed: bool = False


@dataclass(eq=False)
class Tag:
    """A tag. A trashed tag is not in the model."""

    name: str
    color: str | None = None


@dataclass(eq=False)
class Task:
    """A task. ``values`` are its plain fields, named as in the API."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    category: Category | None = None
    tags: list[Tag] = field(default_factory=list)
    parent: "Task | None" = None
    # The number of the operation that trashed it. Tasks trashed together are restored together.
    trashed_by: int | None = None
    # A repeating task: the day of the current occurrence, how many are over, and the ended ones.
    # All rules are daily, all modes are ``each``, and all times of day are 9 o'clock.
    day: date | None = None
    gone: int = 0
    occurrences: list[tuple[str, str]] = field(default_factory=list)

    def is_open(self) -> bool:
        return self.trashed_by is None and self.values["status"] in OPEN

    def is_repeating(self) -> bool:
        return self.values["repeat_rule"] is not None

    def is_at_last_occurrence(self) -> bool:
        rule: str = self.values["repeat_rule"]
        return "COUNT=" in rule and self.gone + 1 >= int(rule.partition("COUNT=")[2])

    def get_depth(self) -> int:
        return 1 + (self.parent.get_depth() if self.parent else 0)


class Model:
    """The model of one workspace."""

    def __init__(self, owner_id: str) -> None:
        self.name = ""
        self.members = {owner_id: "owner"}
        self.tasks: list[Task] = []
        self.categories: list[Category] = []
        self.tags: list[Tag] = []
        self._acts = 0
        self._last_number = 0

    def list_live_tasks(self) -> list[Task]:
        return [task for task in self.tasks if task.trashed_by is None]

    def list_live_categories(self) -> list[Category]:
        live = [category for category in self.categories if not category.is_trashed]
        return sorted(live, key=lambda category: category.position)

    def list_tags(self) -> list[Tag]:
        return sorted(self.tags, key=lambda tag: tag.name.casefold())

    def list_descendants(self, task: Task) -> list[Task]:
        """Return the task and all its descendants, trashed or not."""
        children = [child for child in self.tasks if child.parent is task]
        return [task, *(below for child in children for below in self.list_descendants(child))]

    def _get_height(self, task: Task) -> int:
        return (
            1 + max(below.get_depth() for below in self.list_descendants(task)) - task.get_depth()
        )

    # Tasks. A body is the API's, with the parent as a Task object.

    def create_task(self, body: dict[str, Any]) -> Task:
        if not self._has_valid_references(None, body):
            raise RefusedError(422)
        self._last_number += 1
        task = Task(number=self._last_number)
        self.tasks.append(task)
        self._write(task, {**DEFAULTS, **body})
        return task

    def update_task(self, task: Task, body: dict[str, Any]) -> None:
        is_well_referenced = self._has_valid_references(task, body)
        if task.trashed_by is not None:
            raise RefusedError(409, *([] if is_well_referenced else [422]))
        if not is_well_referenced:
            raise RefusedError(422)
        self._write(task, body)

    def replace_task(self, task: Task, body: dict[str, Any]) -> None:
        self.update_task(task, {**DEFAULTS, **body})

    def _has_valid_references(self, task: Task | None, body: dict[str, Any]) -> bool:
        if body.get("assignee") is not None and body["assignee"] not in self.members:
            return False
        if not self._has_needed_due_date(task, body):
            return False
        parent = body.get("parent")
        if parent is None:
            return True
        height = 1 if task is None else self._get_height(task)
        is_below = task is not None and parent in self.list_descendants(task)
        too_deep = parent.get_depth() + height > MAX_DEPTH
        return parent.trashed_by is None and not is_below and not too_deep

    def _has_needed_due_date(self, task: Task | None, body: dict[str, Any]) -> bool:
        values = {**(DEFAULTS if task is None else task.values), **body}
        return values["repeat_rule"] is None or values["due_date"] is not None

    def _write(self, task: Task, body: dict[str, Any]) -> None:
        values = dict(body)
        if "category" in values:
            name = values.pop("category")
            task.category = None if name is None else self._ensure_category(name)
        if "tags" in values:
            task.tags = [self._ensure_tag(name) for name in values.pop("tags")]
        if "parent" in values:
            task.parent = values.pop("parent")
        old = dict(task.values)
        task.values |= values
        rule = task.values["repeat_rule"]
        is_moved = task.values["due_date"] != old.get("due_date")
        if rule != old.get("repeat_rule") or (rule and "repeat_rule" in values and is_moved):
            task.day = rule and date.fromisoformat(task.values["due_date"][:10])
            task.gone = 0
        was_open = bool(old) and old["status"] in ("todo", "in_progress")
        if was_open and rule and task.values["status"] == "done":
            self._end_occurrence(task, "done")

    # Completing, and the end of occurrences.

    def complete_task(self, task: Task, choice: str | None) -> None:
        if task.trashed_by is not None:
            raise RefusedError(409)
        if task.values["status"] == "done":
            return
        below = self._list_open_below(task)
        if choice == "refuse" and below:
            raise RefusedError(409)
        restarts = task.is_open() and task.is_repeating() and not task.is_at_last_occurrence()
        for one in below if choice == "complete" and not restarts else ():
            self._complete(one)
        self._complete(task)

    def _complete(self, task: Task) -> None:
        if task.is_open() and task.is_repeating():
            self._end_occurrence(task, "done")
        else:
            task.values["status"] = "done"

    def _list_open_below(self, task: Task) -> list[Task]:
        """Return the open sub-tasks, without those of open repeating sub-tasks."""
        found = []
        for child in self.tasks:
            if child.parent is task and child.trashed_by is None:
                found += [child] if child.is_open() else []
                if not (child.is_open() and child.is_repeating()):
                    found += self._list_open_below(child)
        return found

    def skip_occurrence(self, task: Task) -> None:
        is_over = task.values["status"] not in OPEN
        if task.trashed_by is not None or not task.is_repeating() or is_over:
            raise RefusedError(409)
        self._end_occurrence(task, "skipped")

    def _end_occurrence(self, task: Task, outcome: str) -> None:
        due: str = task.values["due_date"]
        assert task.day is not None
        time_of_day = "T09:00:00" if len(due) > len("2026-12-01") else ""
        task.occurrences.append((f"{task.day}{time_of_day}", outcome))
        if task.is_at_last_occurrence():
            task.values["status"] = "done"
            return
        task.day += timedelta(1)
        task.gone += 1
        task.values |= {"status": "todo", "due_date": f"{task.day}{due[10:]}"}
        # The sub-tasks move with the occurrence, even if the due date itself was moved.
        self._restart_below(task, timedelta(1))

    def _restart_below(self, task: Task, shift: timedelta) -> None:
        for child in self.tasks:
            if child.parent is not task or child.trashed_by is not None or child.is_repeating():
                continue
            due, status = child.values["due_date"], child.values["status"]
            if status == "done":
                child.values["status"] = "todo"
            if status != "cancelled" and due is not None:
                child.values["due_date"] = f"{date.fromisoformat(due[:10]) + shift}{due[10:]}"
            self._restart_below(child, shift)

    # The trash.

    def trash_task(self, task: Task, choice: str | None) -> None:
        if task.trashed_by is not None:
            return
        below = self._list_open_below(task)
        if choice == "refuse" and below:
            raise RefusedError(409)
        for one in below if choice == "complete" else ():
            self._complete(one)
        for child in self.tasks if choice == "keep" else ():
            if child.parent is task and child.trashed_by is None:
                child.parent = task.parent
        self._acts += 1
        self._trash([task])

    def _trash(self, tasks: list[Task]) -> None:
        for task in tasks:
            if task.trashed_by is None:
                for below in self.list_descendants(task):
                    below.trashed_by = below.trashed_by or self._acts

    def purge_task(self, task: Task) -> None:
        for below in self.list_descendants(task):
            self.tasks.remove(below)

    def restore_task(self, task: Task) -> None:
        if task.trashed_by is None:
            return
        if task.parent is not None and task.parent.trashed_by is not None:
            raise RefusedError(409)
        act = task.trashed_by
        back = [below for below in self.list_descendants(task) if below.trashed_by == act]
        # Older categories come first: of two with one name, the older one is restored.
        for category in self.categories:
            self._restore_category(category, [one for one in back if one.category is category])
        for below in back:
            below.trashed_by = None

    def _restore_category(self, category: Category, tasks: list[Task]) -> None:
        if not tasks or not category.is_trashed:
            return
        namesake = self._find_category(category.name)
        if namesake is None:
            category.is_trashed = False
        else:
            for task in tasks:
                task.category = namesake

    # Categories.

    def _find_category(self, name: str) -> Category | None:
        live = self.list_live_categories()
        return next((one for one in live if one.name.casefold() == name.casefold()), None)

    def _ensure_category(self, name: str) -> Category:
        return self._find_category(name) or self.create_category(name)

    def create_category(self, name: str) -> Category:
        if self._find_category(name):
            raise RefusedError(409)
        last = max((category.position for category in self.list_live_categories()), default=0)
        self.categories.append(Category(name, position=last + 1))
        return self.categories[-1]

    def update_category(self, category: Category, changes: dict[str, Any]) -> None:
        if "name" in changes and self._find_category(changes["name"]) not in (None, category):
            raise RefusedError(409)
        for name, value in changes.items():
            setattr(category, name, value)

    def trash_category(self, category: Category, target: Category | None) -> None:
        if target is category:
            raise RefusedError(422)
        filed = [task for task in self.tasks if task.category is category]
        self._acts += 1
        if target is None:
            self._trash(filed)
        for task in filed if target else ():
            task.category = target
        category.is_trashed = True

    # Tags.

    def _find_tag(self, name: str) -> Tag | None:
        return next((tag for tag in self.tags if tag.name.casefold() == name.casefold()), None)

    def _ensure_tag(self, name: str) -> Tag:
        return self._find_tag(name) or self.create_tag(name)

    def create_tag(self, name: str) -> Tag:
        if self._find_tag(name):
            raise RefusedError(409)
        self.tags.append(Tag(name))
        return self.tags[-1]

    def update_tag(self, tag: Tag, changes: dict[str, Any]) -> None:
        if "name" in changes and self._find_tag(changes["name"]) not in (None, tag):
            raise RefusedError(409)
        for name, value in changes.items():
            setattr(tag, name, value)

    def merge_tag(self, tag: Tag, into: Tag) -> None:
        if tag is into:
            raise RefusedError(422)
        self._remove_tag(tag, into)

    def trash_tag(self, tag: Tag) -> None:
        self._remove_tag(tag, None)

    def _remove_tag(self, tag: Tag, replacement: Tag | None) -> None:
        for task in self.tasks:
            if tag in task.tags:
                task.tags.remove(tag)
                if replacement is not None and replacement not in task.tags:
                    task.tags.append(replacement)
        self.tags.remove(tag)

    # Members.

    def add_member(self, user_id: str, role: str) -> None:
        if user_id in self.members:
            raise RefusedError(409)
        self.members[user_id] = role

    def update_member(self, user_id: str, role: str) -> None:
        self._check_membership(user_id, stays_owner=role == "owner")
        self.members[user_id] = role

    def remove_member(self, user_id: str) -> None:
        self._check_membership(user_id, stays_owner=False)
        del self.members[user_id]
        for task in self.tasks:
            if task.values["assignee"] == user_id:
                task.values["assignee"] = None

    def _check_membership(self, user_id: str, *, stays_owner: bool) -> None:
        if user_id not in self.members:
            raise RefusedError(404)
        owners = [one for one, role in self.members.items() if role == "owner"]
        if owners == [user_id] and not stays_owner:
            raise RefusedError(409)
