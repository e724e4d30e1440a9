"""The TypeScript types made from the OpenAPI document."""

from typing import Any

import pytest

from scripts.web_types import render_types


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "export type Thing = string;"),
        ({"type": ["string", "null"]}, "export type Thing = string | null;"),
        ({"type": "string", "enum": ["a", "b"]}, 'export type Thing = "a" | "b";'),
        ({"const": True, "type": "boolean"}, "export type Thing = true;"),
        ({"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
         "export type Thing = Other | null;"),
        ({"type": "array", "items": {"type": ["string", "null"]}},
         "export type Thing = (string | null)[];"),
        ({"type": "object", "additionalProperties": {"type": "integer"}},
         "export type Thing = Record<string, number>;"),
        ({}, "export type Thing = unknown;"),
    ],
)  # fmt: skip
def test_schema_becomes_type(schema: dict[str, Any], text: str) -> None:
    assert text in render_types({"Thing": schema})


def test_object_becomes_interface() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "a-b": {"type": "integer"}},
        "required": ["id"],
    }
    assert render_types({"Thing": schema}).endswith(
        'export interface Thing {\n  id: string;\n  "a-b"?: number;\n}\n'
    )


def test_first_sentence_becomes_comment() -> None:
    schema = {"type": "string", "description": "A thing. It is not used, e.g. here.\n\nMore."}
    assert "/** A thing. */\nexport type Thing" in render_types({"Thing": schema})


def test_types_are_sorted() -> None:
    text = render_types({"B": {"type": "string"}, "A": {"type": "string"}})
    assert text.index("type A") < text.index("type B")
