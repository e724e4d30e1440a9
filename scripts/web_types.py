"""Generates web/src/api/schema.ts, the TypeScript types of the API.

The types are those of the component schemas of the app's own OpenAPI document.

Usage: `python -m scripts.web_types`. With `--check`, it writes nothing and fails if the file is not
up to date.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taskstead.app import create_app
from taskstead.config.settings import Settings

FILE = Path(__file__).parent.parent / "web" / "src" / "api" / "schema.ts"

HEAD = """\
/**
 * The component schemas of the API. `python -m scripts.web_types` writes this file.
 */
"""

_REFERENCE = "#/components/schemas/"
_SCALARS = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def render_types(schemas: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the TypeScript file: one exported type per component schema, in alphabetical order."""
    return "\n".join([HEAD, *(_render_schema(name, schemas[name]) for name in sorted(schemas))])


def _render_schema(name: str, schema: Mapping[str, Any]) -> str:
    comment = _render_comment(schema.get("description", ""), "")
    if schema.get("type") == "object" and "properties" in schema:
        return f"{comment}export interface {name} {_render_object(schema, '')}\n"
    return f"{comment}export type {name} = {_render_type(schema, '')};\n"


def _render_object(schema: Mapping[str, Any], indent: str) -> str:
    required = set(schema.get("required", ()))
    deeper = indent + "  "
    lines = ["{"]
    for field, shape in schema["properties"].items():
        comment = _render_comment(shape.get("description", ""), deeper)
        name = field if _IDENTIFIER.fullmatch(field) else json.dumps(field)
        mark = "" if field in required else "?"
        lines.append(f"{comment}{deeper}{name}{mark}: {_render_type(shape, deeper)};")
    lines.append(indent + "}")
    return "\n".join(lines)


def _render_type(schema: Mapping[str, Any], indent: str) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REFERENCE)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _join(_render_type(option, indent) for option in schema[key])
    if "allOf" in schema:
        return " & ".join(_render_type(part, indent) for part in schema["allOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return _join(json.dumps(value) for value in schema["enum"])
    types = schema.get("type", ())
    if isinstance(types, str):
        types = (types,)
    return _join(_render_simple(kind, schema, indent) for kind in types) or "unknown"


def _render_simple(kind: str, schema: Mapping[str, Any], indent: str) -> str:
    if kind == "array":
        item = _render_type(schema.get("items", {}), indent)
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        if "properties" in schema:
            return _render_object(schema, indent)
        values = schema.get("additionalProperties")
        value = _render_type(values, indent) if isinstance(values, dict) else "unknown"
        return f"Record<string, {value}>"
    return _SCALARS[kind]


def _join(types: Any) -> str:
    return " | ".join(dict.fromkeys(types))


def _render_comment(description: str, indent: str) -> str:
    """Return a doc comment of the first sentence, or an empty text."""
    text = " ".join(description.split("\n\n", maxsplit=1)[0].split())
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z`])", text)[0].replace("*/", "* /")
    return f"{indent}/** {sentence} */\n" if sentence else ""


def main(arguments: Sequence[str]) -> None:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description="Generate web/src/api/schema.ts.")
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(arguments)
    text = render_types(create_app(Settings()).openapi()["components"]["schemas"])
    if not options.check:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(text, encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is not up to date: run `python -m scripts.web_types`.")


if __name__ == "__main__":
    main(sys.argv[1:])
