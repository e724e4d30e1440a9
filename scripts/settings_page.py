"""Generates docs/reference/settings.md from ``taskstead.config.settings``.

Usage: `python -m scripts.settings_page`. A test fails when the page is not up to date.
"""

from pathlib import Path
from typing import Any

from taskstead.config.settings import PREFIX, SECTIONS, Settings

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"

HEAD = """\
# Settings

Every setting is optional. The server takes a value from the first of these sources that has one:

1. a command-line option: `taskstead serve --host --port --workers --database-url`;
2. the environment variable with the setting's name;
3. the file `.env.development`, `.env.test` or `.env.production` in the working directory, selected
   by `TASKSTEAD_ENVIRONMENT`;
4. the file `.env` in the working directory;
5. a file with the setting's name in the folder `TASKSTEAD_SECRETS_DIR`, whose content is the value.
   Use this for Docker and Kubernetes secrets, such as a database URL with a password.

An empty value counts as not set. If a value is invalid, the server does not start and prints the
setting's name and the reason. The same happens for an unknown name that begins with `TASKSTEAD_`,
because it is probably misspelt. (Kubernetes sets such variables for a service named `taskstead`:
set `enableServiceLinks: false` or choose another name for the service.) The server ignores the
[variables of the command line](cli.md#settings), such as `TASKSTEAD_URL`.

| Section | Settings |
|---|---|
"""

_TYPES = {"integer": "integer", "number": "number", "boolean": "`true` or `false`"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}


def render_settings_page() -> str:
    """Return the page: the introduction, a table of contents and the settings by section."""
    schema = Settings.model_json_schema()
    contents: dict[str, list[str]] = {}
    parts = []
    heading = ""
    for name, shape in schema["properties"].items():
        if name in SECTIONS:
            heading = SECTIONS[name]
            contents[heading] = []
            parts.append(f"## {heading}\n")
        contents[heading].append(f"[`{name}`](#{PREFIX.lower()}{name})")
        parts.append(_render_setting(name, shape, schema["$defs"]))
    rows = [f"| {heading} | {', '.join(links)} |\n" for heading, links in contents.items()]
    return "\n".join([HEAD + "".join(rows), *parts])


def _render_setting(name: str, shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    lines = [shape["description"], "", f"- Values: {_describe_values(shape, definitions)}"]
    if shape.get("default") is not None:
        lines.append(f"- Default: `{_render_value(shape['default'])}`")
    return f"### {PREFIX}{name.upper()}\n\n" + "\n".join(lines) + "\n"


def _describe_values(shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in shape:
        choices = definitions[shape["$ref"].rpartition("/")[2]]["enum"]
        return ", ".join(f"`{choice}`" for choice in choices)
    kinds = [shape, *shape.get("anyOf", ())]
    kind = next(kind for kind in kinds if kind.get("type", "null") != "null")
    if kind.get("format") == "path":
        return "path"
    if "pattern" in kind:
        return "a number per `second`, `minute`, `hour` or `day`"
    bounds = [text.format(kind[key]) for key, text in _BOUNDS.items() if key in kind]
    return ", ".join([_TYPES.get(kind["type"], "text"), *bounds])


def _render_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(render_settings_page(), encoding="utf-8")
