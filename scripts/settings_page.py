"""Generates docs/reference/settings.md from ``taskstead.settings``.

Usage: `python -m scripts.settings_page`. A test fails when the page is not up to date.
"""

from pathlib import Path
from typing import Any

from taskstead.settings import PREFIX, Settings

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"

HEAD = """\
# Settings

Every setting has a default, so a server starts without any. The sources of a value, in order of
precedence:

1. a command-line option: `taskstead serve --host --port --workers --database-url`;
2. an environment variable with the name below;
3. the file `.env.development`, `.env.test` or `.env.production` in the working directory,
   selected by `TASKSTEAD_ENVIRONMENT`;
4. the file `.env` in the working directory;
5. a file in the folder `TASKSTEAD_SECRETS_DIR`. Its name is the variable's, its content the value.
   Docker and Kubernetes pass secrets this way. Use it for a database URL with a password.

An empty value counts as unset. The server does not start with an invalid value, and the error
names the setting. It does not start either if a variable begins with `TASKSTEAD_` but is not a
setting, because it is probably misspelt. Kubernetes creates such variables for a service named
`taskstead`: set `enableServiceLinks: false` or choose another name for the service.
"""

_TYPES = {"integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


def render_settings_page() -> str:
    """Return the page: the introduction and a section for each setting."""
    schema = Settings.model_json_schema()
    sections = [
        _render_setting(name, shape, schema["$defs"])
        for name, shape in schema["properties"].items()
    ]
    return "\n".join([HEAD, *sections])


def _render_setting(name: str, shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    lines = [shape["description"], "", f"- Values: {_describe_values(shape, definitions)}"]
    if shape.get("default") is not None:
        lines.append(f"- Default: `{_render_value(shape['default'])}`")
    return f"## {PREFIX}{name.upper()}\n\n" + "\n".join(lines) + "\n"


def _describe_values(shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in shape:
        choices = definitions[shape["$ref"].rpartition("/")[2]]["enum"]
        return ", ".join(f"`{choice}`" for choice in choices)
    kinds = [shape, *shape.get("anyOf", ())]
    kind = next(kind for kind in kinds if kind.get("type", "null") != "null")
    if kind.get("format") == "path":
        return "path"
    bounds = [text.format(kind[key]) for key, text in _BOUNDS.items() if key in kind]
    return ", ".join([_TYPES.get(kind["type"], "text"), *bounds])


def _render_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(render_settings_page(), encoding="utf-8")
