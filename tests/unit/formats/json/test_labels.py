"""JSON of categories and tags."""

from taskstead.formats.json.labels import (
    render_category,
    render_counted_category,
    render_counted_tag,
    render_tag,
)
from taskstead.schemas.labels.categories import Category, CountedCategory
from taskstead.schemas.labels.tags import CountedTag, Tag
from tests.unit.formats.rows import CATEGORY, TAG


def test_category_has_the_fields_of_its_schema() -> None:
    category = Category.model_validate(render_category(CATEGORY))
    assert (category.name, category.color, category.archived) == ("Home", "#123456", True)


def test_counted_category_also_has_its_counts() -> None:
    category = CountedCategory.model_validate(render_counted_category(CATEGORY))
    assert (category.task_count, category.open_task_count) == (3, 1)


def test_tag_has_the_fields_of_its_schema() -> None:
    tag = Tag.model_validate(render_tag(TAG))
    assert (tag.name, tag.color) == ("Errand", None)


def test_counted_tag_also_has_its_counts() -> None:
    tag = CountedTag.model_validate(render_counted_tag(TAG))
    assert (tag.task_count, tag.open_task_count) == (2, 2)
