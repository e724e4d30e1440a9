"""Writes docs/settings.md from ``taskstead.settings``: `python -m scripts.settings_page`.

A test holds the file to it.
"""

from pathlib import Path
from typing import Any

from taskstead.settings import PREFIX, Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = """\
# Settings

Every setting has a default; a server needs none to be set. A value comes from the strongest of
these sources that has one:

1. an option of the command: `taskstead serve --host --port --workers --database-url`;
2. the environment: the variable named below;
3. the file `.env.development`, `.env.test` or `.env.production` in the working directory, as
   `TASKSTEAD_ENVIRONMENT` says;
4. the file `.env` in the working directory;
5. a file in the folder that `TASKSTEAD_SECRETS_DIR` names, called as the variable, with the value
   as its content. This is how Docker and Kubernetes hand on secrets; a database URL with a password
   belongs there.

An empty value counts as none. A value that makes no sense stops the start with a sentence that
names the setting. So does a name that begins with `TASKSTEAD_` and is no setting, as a misspelt one
would be lost in silence. (Kubernetes makes such variables for a service called `taskstead`: set
`enableServiceLinks: false`, or call the service otherwise.)
"""

_TYPES = {"integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


def render_settings_page() -> str:
    """Return the page: the head above and a section for each setting, in the order of the class."""
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
