"""Loads, validates and creates the labels (categories and tags) that requests refer to.

A request refers to a label by name or by id. A label with an unknown name is created. An unknown id
is an error. The values of a request are a mapping by field, see ``TaskReplace`` and ``TaskPatch``.
"""

from collections.abc import Collection, Iterable, Sequence

from taskstead.db.database import Reader
from taskstead.domain.names import make_name_key, make_sort_key
from taskstead.domain.task_fields import MAX_TAGS
from taskstead.entities.entity import Values
from taskstead.entities.labels import CATEGORY, TAG
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.ids import is_id, make_id
from taskstead.queries.labels.categories import get_last_position
from taskstead.queries.labels.labels import LabelRow, list_labels
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import create_rows
from taskstead.tables.labels.categories import CategoryRow
from taskstead.tables.labels.tags import TagRow

CATEGORY_FIELDS = frozenset({"category", "category_id"})
# By field with tag names, the corresponding field with tag ids.
_ID_FIELD_OF = {"tags": "tag_ids", "add_tags": "add_tag_ids", "remove_tags": "remove_tag_ids"}
TAG_FIELDS = frozenset({*_ID_FIELD_OF, *_ID_FIELD_OF.values()})
_LABEL_FIELDS = CATEGORY_FIELDS | TAG_FIELDS
# Fields that add tags to a task or remove some. The other fields replace all tags.
_ADD_REMOVE_FIELDS = TAG_FIELDS - {"tags", "tag_ids"}


class _LabelIndex:
    """The existing labels of one kind, by id and by case-folded name."""

    def __init__(self, rows: Iterable[LabelRow]) -> None:
        self.by_id: dict[str, LabelRow] = {}
        self.by_name_key: dict[str, LabelRow] = {}
        self.add(rows)

    def add(self, rows: Iterable[LabelRow]) -> None:
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

    def is_missing(self, name: str) -> bool:
        """Return whether no label has this name."""
        return make_name_key(name) not in self.by_name_key

    def list_missing(self, names: Iterable[str]) -> list[str]:
        """Return the names that no label has.

        Names that differ only in case are one label, which has the first spelling.
        """
        names_by_key: dict[str, str] = {}
        for name in names:
            names_by_key.setdefault(make_name_key(name), name)
        return [name for key, name in names_by_key.items() if key not in self.by_name_key]


class Labels:
    """The categories and tags that some requests refer to. See :func:`load_labels`."""

    def __init__(self, categories: Iterable[LabelRow], tags: Iterable[LabelRow]) -> None:
        self._categories = _LabelIndex(categories)
        self._tags = _LabelIndex(tags)

    def check(self, values: Values, current_tag_ids: Collection[str] = ()) -> None:
        """Validate the labels that a request refers to.

        Args:
            values: the values of a new task or of a change.
            current_tag_ids: ids of the current tags of the task; empty for a new task.

        Raises:
            ValidationFailedError: an id does not exist; a name and an id refer to different labels;
                the name of a label to create is a UUID; or the task would have too many tags.
        """
        if _LABEL_FIELDS.isdisjoint(values):
            return
        errors = [
            *self._check_category(values.get("category"), values.get("category_id")),
            *self._check_tags(values),
            *self._check_tag_changes(values, current_tag_ids),
        ]
        if errors:
            raise ValidationFailedError(errors[0].message, errors=errors)

    def _check_category(self, name: str | None, id_: str | None) -> Iterable[FieldError]:
        if id_ is not None and id_ not in self._categories.by_id:
            message = f"There is no category {id_} in this workspace."
            yield FieldError("/category_id", message, "category")
        elif name is not None and id_ is not None:
            if self._categories.identify([name]) != {id_}:
                actual = self._categories.by_id[id_]["name"]
                message = f"category_id refers to {actual!r}, but category is {name!r}."
                yield FieldError("/category_id", message, "category_contradiction")
        elif name is not None and is_id(name) and self._categories.is_missing(name):
            message = f"There is no category named {name}. To refer to it by id, use category_id."
            yield FieldError("/category", message, "id_as_name")

    def _check_tags(self, values: Values) -> Iterable[FieldError]:
        for field, id_field in _ID_FIELD_OF.items():
            for index, name in enumerate(values.get(field, ())):
                if is_id(name) and self._tags.is_missing(name):
                    message = f"There is no tag named {name}. To refer to it by id, use {id_field}."
                    yield FieldError(f"/{field}/{index}", message, "id_as_name")
            for index, id_ in enumerate(values.get(id_field, ())):
                # Removing a deleted tag is not an error, because no task has it.
                if id_ not in self._tags.by_id and field != "remove_tags":
                    message = f"There is no tag {id_} in this workspace."
                    yield FieldError(f"/{id_field}/{index}", message, "tag")
        names, ids = values.get("tags"), values.get("tag_ids")
        if names and ids and self._tags.identify(names) != set(ids):
            message = "tags and tag_ids refer to different tags."
            yield FieldError("/tag_ids", message, "tag_contradiction")

    def _check_tag_changes(
        self, values: Values, current_tag_ids: Collection[str]
    ) -> Iterable[FieldError]:
        added, removed = self._identify(values, "add_tags"), self._identify(values, "remove_tags")
        if added & removed:
            message = "A tag cannot be both added and removed."
            yield FieldError("/remove_tags", message, "tag_contradiction")
        if added and len((added | set(current_tag_ids)) - removed) > MAX_TAGS:
            message = f"A task can have at most {MAX_TAGS} tags."
            yield FieldError("/add_tags", message, "too_long")

    def _identify(self, values: Values, field: str) -> set[str]:
        """Return the ids of the tags in a field of names and the corresponding field of ids."""
        names, ids = values.get(field, ()), values.get(_ID_FIELD_OF[field], ())
        return self._tags.identify(names).union(ids)

    async def create_missing(self, batch: Batch, requests: Collection[Values]) -> None:
        """Create the missing categories and tags that the requests refer to by name."""
        names = [
            values["category"]
            for values in requests
            if values.get("category") and not values.get("category_id")
        ]
        missing = self._categories.list_missing(names)
        self._categories.add(await _create_categories(batch, missing))
        tag_names = [
            name
            for values in requests
            for name in (
                *(() if values.get("tag_ids") else values.get("tags", ())),
                *values.get("add_tags", ()),
            )
        ]
        self._tags.add(await _create_tags(batch, self._tags.list_missing(tag_names)))

    def make_category_values(self, values: Values) -> dict[str, str | None]:
        """Return the id and the name of the category of a request.

        Call ``create_missing`` first.
        """
        name, id_ = values.get("category"), values.get("category_id")
        if id_ is not None:
            category = self._categories.by_id[id_]
        elif name is not None:
            category = self._categories.by_name_key[make_name_key(name)]
        else:
            return {"category_id": None, "category_name": None}
        return {"category_id": category["id"], "category_name": category["name"]}

    def make_tag_values(
        self, values: Values, current_tag_ids: Iterable[str] = ()
    ) -> dict[str, list[str]]:
        """Return the ids and names of the tags that a task has after a request.

        Call ``create_missing`` first.

        Args:
            values: the values of the request.
            current_tag_ids: ids of the current tags of the task; empty for a new task.
        """
        if not adds_or_removes_tags(values):
            ids = self._identify(values, "tags")
        else:
            added = self._identify(values, "add_tags")
            ids = (set(current_tag_ids) | added) - self._identify(values, "remove_tags")
        names = sorted((self._tags.by_id[id_]["name"] for id_ in ids), key=make_sort_key)
        return {"tag_ids": sorted(ids), "tags": names}


def adds_or_removes_tags(values: Values) -> bool:
    """Return whether a request adds or removes tags of a task, instead of replacing all."""
    return not _ADD_REMOVE_FIELDS.isdisjoint(values)


async def load_labels(
    reader: Reader,
    workspace_id: str,
    requests: Collection[Values],
    current_tag_ids: Iterable[str] = (),
) -> Labels:
    """Load the existing categories and tags that requests refer to, in one SQL statement.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        requests: the values of each request.
        current_tag_ids: ids of the tags of the tasks whose tags the requests change.
    """
    categories, tags = await list_labels(
        reader,
        workspace_id,
        category_name_keys={
            make_name_key(values["category"]) for values in requests if values.get("category")
        },
        tag_name_keys={make_name_key(name) for name in _list_all(requests, [*_ID_FIELD_OF])},
        category_ids={values["category_id"] for values in requests if values.get("category_id")},
        tag_ids={*_list_all(requests, [*_ID_FIELD_OF.values()]), *current_tag_ids},
    )
    return Labels(categories, tags)


def _list_all(requests: Iterable[Values], fields: Sequence[str]) -> Iterable[str]:
    for values in requests:
        for field in fields:
            yield from values.get(field, ())


async def _create_categories(batch: Batch, names: Sequence[str]) -> list[CategoryRow]:
    """Create categories at the end of the order; return their rows.

    Args:
        batch: the open batch.
        names: different names that no category has.
    """
    if not names:
        return []
    position = await get_last_position(batch.transaction, batch.workspace_id)
    rows = [
        {
            "id": make_id(),
            "name": name,
            "color": None,
            "position": position + offset,
            "is_archived": False,
        }
        for offset, name in enumerate(names, start=1)
    ]
    return await create_rows(batch, CATEGORY, rows)


async def _create_tags(batch: Batch, names: Sequence[str]) -> list[TagRow]:
    """Create tags; return their rows.

    Args:
        batch: the open batch.
        names: different names that no tag has.
    """
    rows = [{"id": make_id(), "name": name, "color": None} for name in names]
    return await create_rows(batch, TAG, rows)
