"""Exit codes and messages of errors."""

from typing import Any

import pytest

from taskstead.client.errors import describe_problem, get_exit_code


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [
        *((400, 7), (401, 4), (403, 5), (404, 3), (409, 6), (410, 3), (412, 6), (413, 7)),
        *((415, 7), (422, 7), (429, 8), (500, 1), (502, 1), (503, 8), (504, 1), (418, 1)),
    ],
)
def test_status_has_an_exit_code(status: int, exit_code: int) -> None:
    assert get_exit_code(status) == exit_code


@pytest.mark.parametrize(
    ("problem", "text", "message"),
    [
        ({"detail": "It failed."}, None, "It failed."),
        ({"title": "Failure"}, None, "Failure"),
        ({}, None, "The server refused the request."),
        (
            {"detail": "Invalid.", "errors": [{"pointer": "/title", "message": "Too long"}]},
            None,
            "Invalid.\n/title: Too long",
        ),
        (
            {"detail": "Too long", "errors": [{"pointer": "/title", "message": "Too long"}]},
            None,
            "Too long",
        ),
        (
            {"detail": "Two.", "errors": [{"message": "Two.", "start": 12, "end": 14}]},
            "Buy milk p1 p2",
            "Two.\n  Buy milk p1 p2\n              ^^",
        ),
        (
            {
                "detail": "Conflict.",
                "conflicts": [{"kind": "task", "id": "1", "message": "Changed again."}],
            },
            None,
            "Conflict.\ntask 1: Changed again.",
        ),
        (
            {"detail": "Two.", "errors": [{"message": "Two.", "start": 3, "end": 5}]},
            "牛乳 p1",
            "Two.\n  牛乳 p1\n       ^^",
        ),
        (
            {"detail": "Wide.", "errors": [{"message": "Wide.", "start": 3, "end": 5}]},
            "p1 牛乳",
            "Wide.\n  p1 牛乳\n     ^^^^",
        ),
        (
            {"detail": "Tab.", "errors": [{"message": "Tab.", "start": 2, "end": 3}]},
            "a\tb",
            "Tab.\n  a\\tb\n     ^",
        ),
        ({"detail": "Foreign.", "errors": ["x"], "conflicts": [1]}, None, "Foreign."),
        ({"detail": "Foreign.", "errors": "xy", "conflicts": {"a": 1}}, None, "Foreign."),
        ({"detail": ["x"], "errors": 5}, None, "['x']"),
        (
            {"detail": "Eleven.", "conflicts": [{"kind": "tag", "message": "m"}] * 11},
            None,
            "\n".join(["Eleven.", *["tag : m"] * 10, "and 1 more"]),
        ),
        (
            {"detail": "End.", "errors": [{"message": "End.", "start": 5, "end": 5}]},
            "a and",
            "End.\n  a and\n       ^",
        ),
    ],
)
def test_problem_is_described(problem: dict[str, Any], text: str | None, message: str) -> None:
    assert describe_problem(problem, text) == message
