"""JSON data of problem documents."""

from datetime import UTC, datetime
from typing import Any

import pytest

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.http.responses.problem_details import make_problem

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field_error", "expected"),
    [
        (
            FieldError("/text", "A second priority", "two_priority", 12, 14),
            {"start": 12, "end": 14},
        ),
        (FieldError("/text", "Empty", "no_title", 0, 0), {"start": 0, "end": 0}),
        (FieldError("/text", "Too long", "string_too_long"), {}),
    ],
)
def test_field_error_has_positions_only_if_it_is_about_a_part(
    field_error: FieldError, expected: dict[str, Any]
) -> None:
    error = ValidationFailedError("The text is invalid.", errors=[field_error])
    (shown,) = make_problem(error, request_id="r", now=NOW)["errors"]
    common = {
        "pointer": "/text",
        "message": field_error.message,
        "code": field_error.code,
    }
    assert shown == {**common, **expected}
