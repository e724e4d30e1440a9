"""The `fields` parameter of tasks."""

from taskstead.domain.task_fields import FIELDS, parse_fields
from taskstead.schemas.tasks.tasks import TaskListed


def test_the_schema_and_the_fields_parameter_have_the_same_fields() -> None:
    assert (*TaskListed.model_fields, "description") == FIELDS


def test_field_groups_and_names_combine_without_repetition() -> None:
    summary = parse_fields("summary")
    assert parse_fields("summary, tags,id") == (*summary, "tags")
    assert parse_fields("all") == FIELDS
