"""Loads, validates and creates the labels (categories and tags) that request bodies refer to.

A body refers to a label by name or by id. A label with an unknown name is created. An unknown id is
an error.
"""

from collections.abc import Collection, Iterable, Sequence

from taskstead.db.database import Reader
from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.ids import is_id
from taskstead.queries.labels import list_labels
from taskstead.schemas.tasks import MAX_TAGS, TaskFields, TaskPatch
from taskstead.schemas.text import make_name_key, make_sort_key
from taskstead.services.categories import create_categories_in_batch
from taskstead.services.changes import Batch
from taskstead.services.tags import create_tags_in_batch

# Fields of a body with tag names, each with the corresponding field for tag ids.
_TAG_FIELDS = {"tags": "tag_ids", "add_tags": "add_tag_ids", "remove_tags": "remove_tag_ids"}
# Fields that change the current tags of a task. The other fields replace them.
_CHANGING_FIELDS = frozenset(("add_tags", "add_tag_ids", "remove_tags", "remove_tag_ids"))


def _list_names(body: TaskFields, name: str) -> Sequence[str]:
    """Return a list field of a body; empty for a body without the field."""
    # getattr is slow for a field that a pydantic model does not have.
    names: Sequence[str] = vars(body).get(name, ())
    return names


class _LabelIndex:
    """The existing labels of one kind, by id and by case-folded name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.by_id: dict[str, Row] = {}
        self.by_name_key: dict[str, Row] = {}
        self.add(rows)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.by_id[row["id"]] = row
            self.by_name_key[row["name_key"]] = row

    def identify(self, names: Iterable[str]) -> set[str]:
        """Return the ids of the labels with these names.

        A missing label is represented by its case-folded name. So two sets of names can be compared
        before the missing labels are created.
        """
        keys = map(make_name_key, names)
        return {self.by_name_key[key]["id"] if key in self.by_name_key else key for key in keys}

    def list_missing(self, names: Iterable[str]) -> list[str]:
        """Return the names that no label has.

        Names that differ only in case are one label, which has the first spelling.
        """
        names_by_key: dict[str, str] = {}
        for name in names:
            names_by_key.setdefault(make_name_key(name), name)
        return [name for key, name in names_by_key.items() if key not in self.by_name_key]


class Labels:
    """The categories and tags that a list of request bodies refers to. See :func:`load_labels`."""

    def __init__(self, categories: Iterable[Row], tags: Iterable[Row]) -> None:
        self._categories = _LabelIndex(categories)
        self._tags = _LabelIndex(tags)

    def check(self, body: TaskFields, current_tag_ids: Collection[str] = ()) -> None:
        """Validate the labels that a body refers to.

        Args:
            body: the body of a new task or of a change.
            current_tag_ids: ids of the current tags of the task; empty for a new task.

        Raises:
            ValidationFailedError: an id does not exist; a name and an id refer to different labels;
                the name of a label to create is a UUID; or the task would have too many tags.
        """
        errors = [*self._check_category(body), *self._check_tags(body, current_tag_ids)]
        if errors:
            raise ValidationFailedError(errors[0].message, errors=errors)

    def _check_category(self, body: TaskFields) -> Iterable[FieldError]:
        name, id_ = body.category, body.category_id
        if id_ is not None and id_ not in self._categories.by_id:
            message = f"There is no category {id_} in this workspace."
            yield FieldError("/category_id", message, "category")
        elif name is not None and id_ is not None:
            if self._categories.identify([name]) != {id_}:
                actual = self._categories.by_id[id_]["name"]
                message = f"category_id refers to {actual!r}, but category is {name!r}."
                yield FieldError("/category_id", message, "category_contradiction")
        elif name is not None and is_id(name) and self._is_missing(self._categories, name):
            message = f"There is no category named {name}. To refer to it by id, use category_id."
            yield FieldError("/category", message, "id_as_name")

    def _check_tags(
        self, body: TaskFields, current_tag_ids: Collection[str]
    ) -> Iterable[FieldError]:
        for field, id_field in _TAG_FIELDS.items():
            for index, name in enumerate(_list_names(body, field)):
                if is_id(name) and self._is_missing(self._tags, name):
                    message = f"There is no tag named {name}. To refer to it by id, use {id_field}."
                    yield FieldError(f"/{field}/{index}", message, "id_as_name")
            for index, id_ in enumerate(_list_names(body, id_field)):
                # Removing a deleted tag is not an error, because no task has it.
                if id_ not in self._tags.by_id and field != "remove_tags":
                    message = f"There is no tag {id_} in this workspace."
                    yield FieldError(f"/{id_field}/{index}", message, "tag")
        if body.tags and body.tag_ids and self._tags.identify(body.tags) != set(body.tag_ids):
            message = "tags and tag_ids refer to different tags."
            yield FieldError("/tag_ids", message, "tag_contradiction")
        if not isinstance(body, TaskPatch):
            return
        added, removed = self._identify(body, "add_tags"), self._identify(body, "remove_tags")
        if added & removed:
            message = "A tag cannot be both added and removed."
            yield FieldError("/remove_tags", message, "tag_contradiction")
        if added and len((added | set(current_tag_ids)) - removed) > MAX_TAGS:
            message = f"A task can have at most {MAX_TAGS} tags."
            yield FieldError("/add_tags", message, "too_long")

    @staticmethod
    def _is_missing(labels: _LabelIndex, name: str) -> bool:
        return make_name_key(name) not in labels.by_name_key

    def _identify(self, body: TaskFields, field: str) -> set[str]:
        """Return the ids of the tags in a field of names and the corresponding field of ids."""
        names, ids = _list_names(body, field), _list_names(body, _TAG_FIELDS[field])
        return self._tags.identify(names).union(ids)

    async def create_missing(self, batch: Batch, bodies: Collection[TaskFields]) -> None:
        """Create the missing categories and tags that the bodies refer to by name."""
        names = [body.category for body in bodies if body.category and not body.category_id]
        missing = self._categories.list_missing(names)
        self._categories.add(await create_categories_in_batch(batch, missing))
        names = [
            name
            for body in bodies
            for name in (*(() if body.tag_ids else body.tags), *_list_names(body, "add_tags"))
        ]
        self._tags.add(await create_tags_in_batch(batch, self._tags.list_missing(names)))

    def find_category(self, body: TaskFields) -> Row | None:
        """Return the category that a body refers to, or None. Call ``create_missing`` first."""
        if body.category_id is not None:
            return self._categories.by_id[body.category_id]
        return self._categories.by_name_key[make_name_key(body.category)] if body.category else None

    def list_tags(self, body: TaskFields) -> list[Row]:
        """Return the tags of a body's ``tags`` and ``tag_ids``, in alphabetical order."""
        rows = [self._tags.by_id[id_] for id_ in self._identify(body, "tags")]
        return sorted(rows, key=lambda row: make_sort_key(row["name"]))

    def make_tag_ids(self, body: TaskFields, current_tag_ids: Iterable[str]) -> set[str]:
        """Return the tag ids that a task has after a change.

        Args:
            body: the body of the change.
            current_tag_ids: ids of the current tags of the task.
        """
        if isinstance(body, TaskPatch) and _CHANGING_FIELDS & body.model_fields_set:
            added, removed = self._identify(body, "add_tags"), self._identify(body, "remove_tags")
            return (set(current_tag_ids) | added) - removed
        return self._identify(body, "tags")


async def load_labels(reader: Reader, workspace_id: str, bodies: Collection[TaskFields]) -> Labels:
    """Load the existing categories and tags that the bodies refer to, in one SQL statement."""
    tag_names = {
        name for body in bodies for field in _TAG_FIELDS for name in _list_names(body, field)
    }
    categories, tags = await list_labels(
        reader,
        workspace_id,
        category_name_keys={make_name_key(body.category) for body in bodies if body.category},
        tag_name_keys={make_name_key(name) for name in tag_names},
        category_ids={body.category_id for body in bodies if body.category_id},
        tag_ids={
            id_
            for body in bodies
            for field in _TAG_FIELDS.values()
            for id_ in _list_names(body, field)
        },
    )
    return Labels(categories, tags)
