"""Conditions of filters, and whether they are long reads."""

from datetime import UTC, datetime

import pytest

from taskstead.domain.principal import PERSONAL_SCOPES, Principal
from taskstead.queries.tasks.filters import FILTER, Conditions, build_conditions
from taskstead.schemas.tasks.filters import TaskFilter

ID = "01a1fbe6-20bc-7000-8e52-ea79cce82543"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
PRINCIPAL = Principal(
    user_id=ID,
    email="ada@example.com",
    name="Ada",
    time_zone="Europe/Berlin",
    is_admin=False,
    personal_workspace_id=ID,
    scopes=PERSONAL_SCOPES,
    session_id=None,
    api_token_id=None,
    job_credential_id=None,
    bound_workspace_id=None,
    api_token_expires_at=None,
    workspace_id=ID,
    role="owner",
    revision=1,
)


def build(text: str) -> Conditions:
    return build_conditions(PRINCIPAL, TaskFilter(filter=text), NOW, dialect="sqlite")


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("p1", False),
        ("p1 " * 8, False),
        ("p1 " * 9, True),
        ("due:" + ",".join(["today"] * 9), True),
        ("milk", True),
        ("not title:milk", True),
    ],
)
def test_long_filters_are_long_reads(text: str, is_long: bool) -> None:  # noqa: FBT001
    assert build(text).is_long == is_long


@pytest.mark.parametrize("text", ["", " "])
def test_empty_filter_has_no_placeholder(text: str) -> None:
    conditions = build(text)
    assert FILTER not in conditions.names
    assert conditions.expressions == frozenset()


def test_me_and_names_are_combined() -> None:
    other = "01a1fbe6-20bc-7000-8e52-ea79cce82544"
    conditions = build(f"assignee:me,{other}")
    assert conditions.values["filter_0"] == [ID, other]
