"""Test oracle: a plain Python model of a workspace with the server's rules.

The model has no ids, times or revisions, because the tests of the change log cover those. Names are
matched without regard to case.
"""

from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 8
DEFAULTS = {
    "description": "",
    "status": "todo",
    "priority": 3,
    "due_date": None,
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

    def list_live_tasks(self) -> list[Task]:
        return [task for task in self.tasks if task.trashed_by is None]

    def list_live_categories(self) -> list[Category]:
        live = [category for category in self.categories if not category.is_trashed]
        return sorted(live, key=lambda category: category.position)

    def list_tags(self) -> list[Tag]:
        return sorted(self.tags, key=lambda tag: tag.name.casefold())

    def _list_descendants(self, task: Task) -> list[Task]:
        """Return the task and all its descendants, trashed or not."""
        children = [child for child in self.tasks if child.parent is task]
        return [task, *(below for child in children for below in self._list_descendants(child))]

    def _get_height(self, task: Task) -> int:
        return (
            1 + max(below.get_depth() for below in self._list_descendants(task)) - task.get_depth()
        )

    # Tasks. A body is the API's, with the parent as a Task object.

    def create_task(self, body: dict[str, Any]) -> Task:
        if not self._has_valid_references(None, body):
            raise RefusedError(422)
        task = Task(number=len(self.tasks) + 1)
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
        parent = body.get("parent")
        if parent is None:
            return True
        height = 1 if task is None else self._get_height(task)
        is_below = task is not None and parent in self._list_descendants(task)
        too_deep = parent.get_depth() + height > MAX_DEPTH
        return parent.trashed_by is None and not is_below and not too_deep

    def _write(self, task: Task, body: dict[str, Any]) -> None:
        values = dict(body)
        if "category" in values:
            name = values.pop("category")
            task.category = None if name is None else self._ensure_category(name)
        if "tags" in values:
            task.tags = [self._ensure_tag(name) for name in values.pop("tags")]
        if "parent" in values:
            task.parent = values.pop("parent")
        task.values |= values

    def trash_task(self, task: Task) -> None:
        self._acts += 1
        self._trash([task])

    def _trash(self, tasks: list[Task]) -> None:
        for task in tasks:
            if task.trashed_by is None:
                for below in self._list_descendants(task):
                    below.trashed_by = below.trashed_by or self._acts

    def restore_task(self, task: Task) -> None:
        if task.trashed_by is None:
            return
        if task.parent is not None and task.parent.trashed_by is not None:
            raise RefusedError(409)
        act = task.trashed_by
        back = [below for below in self._list_descendants(task) if below.trashed_by == act]
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
