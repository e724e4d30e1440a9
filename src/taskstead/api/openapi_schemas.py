"""JSON schemas for the OpenAPI document, generated from pydantic models.

Besides what pydantic does: no titles that repeat a field's name, no defaults in shapes (generators
would make such fields mandatory), and no null in parameters (a URL cannot carry it).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import CoreModeRef, DefsRef, GenerateJsonSchema
from pydantic_core import CoreSchema

Schema = dict[str, Any]

# Fields that hold ids, which are UUIDs. Not `request_id`: that may be any text of the client's.
_ID = re.compile(r"(?!request_id)(.*_)?ids?|batch|batches|parent|assignee")
_LIMITS = {"format", "pattern", "enum", "const", "maxLength", "minLength"}
_TEMPLATE = "#/components/schemas/{model}"


class _Generator(GenerateJsonSchema):
    """Names shapes by their class alone, which takes half the time of pydantic's way."""

    def __init__(self) -> None:
        super().__init__(ref_template=_TEMPLATE)
        self._owners: dict[DefsRef, str] = {}

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        """Return the name of a shape: ``Page[Task]`` is ``Page_Task``."""
        reference = core_mode_ref[0]
        without_ids = re.sub(r":\d+", "", reference)
        name = DefsRef("_".join(re.findall(r"\w+", re.sub(r"[\w<>]+\.", "", without_ids))))
        if self._owners.setdefault(name, reference) != reference:
            raise ValueError(f"Two models are named {name}; OpenAPI needs a name for each.")
        return name

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's hook
        """Leave out titles: they repeat the names of the fields."""
        return False


class Schemas:
    """The shapes of one document: renders types, and collects the models among them."""

    def __init__(self) -> None:
        self._generator = _Generator()
        self._parameters: dict[str, Schema] = {}

    @property
    def components(self) -> Mapping[str, Schema]:
        """The schemas of all models so far, by name."""
        return cast("dict[str, Schema]", self._generator.definitions)

    def render(self, type_: Any) -> Schema:
        """Return the schema of a type; of a model, a reference to its component."""
        schema: CoreSchema
        if isinstance(type_, type) and issubclass(type_, BaseModel):
            schema = type_.__pydantic_core_schema__
        else:
            schema = TypeAdapter(type_).core_schema
        return self._generator.generate_inner(schema)

    def render_parameter(self, info: FieldInfo) -> Schema:
        """Return the schema of a parameter; many routes have the same ones."""
        facts = (
            info.annotation,
            info.default,
            info.metadata,
            info.examples,
            info.json_schema_extra,
        )
        key = repr(facts)
        if key not in self._parameters:
            self._parameters[key] = self.render(Annotated[info.annotation, info])
        return self._parameters[key]

    def tidy(self) -> None:
        """Take titles and defaults out of the components, and mark ids, once all are there."""
        for component in self.components.values():
            for schema in walk_schema(component):
                schema.pop("title", None)
                _describe_default(schema)
                for name, field in schema.get("properties", {}).items():
                    if _ID.fullmatch(name):
                        _mark_ids(field)


def walk_schema(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all schemas inside of it."""
    yield schema
    for keyword in ("properties", "patternProperties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from walk_schema(inner)
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in schema.get(keyword, ()):
            yield from walk_schema(inner)
    for keyword in ("items", "additionalProperties", "propertyNames", "not"):
        inner = schema.get(keyword)
        if isinstance(inner, dict):
            yield from walk_schema(inner)


def _mark_ids(field: Schema) -> None:
    """Give plain text of a field the format of UUIDs; what has other limits is left as it is."""
    for schema in walk_schema(field):
        if schema.get("type") == "string" and not schema.keys() & _LIMITS:
            schema["format"] = "uuid"


def _describe_default(schema: Schema) -> None:
    """Say in words what a field is when it is left out, where that is not just nothing."""
    if "default" not in schema:
        return
    default = schema.pop("default")
    if default is None or default in ("", [], {}) or "const" in schema:
        return
    text = f"Default: `{_render_value(default)}`."
    schema["description"] = f"{schema.get('description', '')} {text}".strip()


def _render_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def make_parameter_schema(schema: Schema) -> Schema:
    """Return the schema of a query, path or header parameter: without null and titles."""
    result = {key: value for key, value in schema.items() if key not in ("title", "description")}
    if result.get("default", ...) is None:
        del result["default"]
    choices = [choice for choice in result.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del result["anyOf"]
        result = {**choices[0], **result}
    elif choices:
        result["anyOf"] = choices
    for inner in walk_schema(result):
        inner.pop("title", None)
    return result
