"""The `fields` parameter of tasks."""

import pytest

from taskstead.domain.task_fields import FIELDS, parse_fields
from taskstead.schemas.tasks.tasks import TaskListed


def test_fields_are_those_of_the_schema() -> None:
    assert (*TaskListed.model_fields, "description") == FIELDS


def test_field_groups_and_names_combine_without_repetition() -> None:
    summary = parse_fields("summary")
    assert parse_fields("summary, tags,id") == (*summary, "tags")
    assert parse_fields("all") == FIELDS


@pytest.mark.parametrize("text", ["", "id,", "ID", "color", "id title"])
def test_unknown_field_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="fields"):
        parse_fields(text)
