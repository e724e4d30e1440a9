"""JSON schemas for the OpenAPI document, generated from pydantic models.

The schemas differ from those of pydantic in three ways. They have no titles, because titles repeat
the field names. They have no defaults, because client generators would make such fields mandatory.
Parameters cannot be null, because a URL cannot contain null.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import CoreModeRef, DefsRef, GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

Schema = dict[str, Any]

# The names of fields that contain UUIDs. `request_id` is excluded, because clients may send any
# text as the request id.
_ID_FIELD = re.compile(r"(?!request_id)(.*_)?ids?|batch|batches|parent|assignee")
_CONSTRAINTS = {"format", "pattern", "enum", "const", "maxLength", "minLength"}
# Keywords whose value contains schemas: a mapping by name, a list or a single schema.
_SCHEMA_MAPPINGS = {"properties", "patternProperties", "$defs"}
_SCHEMA_KEYWORDS = _SCHEMA_MAPPINGS | {
    *("anyOf", "oneOf", "allOf", "prefixItems"),
    *("items", "additionalProperties", "propertyNames", "not"),
}
_SIMPLE = {bool, int, float, str}
_NULL = {"type": "null"}
_TEMPLATE = "#/components/schemas/{model}"


class _Generator(GenerateJsonSchema):
    """Names schemas by class name only, which takes half the time of pydantic's naming."""

    def __init__(self) -> None:
        super().__init__(ref_template=_TEMPLATE)
        self._owners: dict[DefsRef, str] = {}

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        """Return the name of a schema: ``Page[Task]`` becomes ``Page_Task``."""
        reference = core_mode_ref[0]
        without_ids = re.sub(r":\d+", "", reference)
        name = DefsRef("_".join(re.findall(r"\w+", re.sub(r"[\w<>]+\.", "", without_ids))))
        if self._owners.setdefault(name, reference) != reference:
            raise ValueError(f"Two models are named {name}. Rename one of them.")
        return name

    @property
    def mode(self) -> JsonSchemaMode:
        """Return the mode.

        pydantic also looks for a mode in the configuration of the model. No model has one.
        """
        return self._mode

    def encode_default(self, dft: Any) -> Any:
        """Return a default as JSON, without a type adapter where none is needed."""
        return dft if dft is None or type(dft) in _SIMPLE else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's hook
        """Omit titles, because they repeat the field names."""
        return False


class Schemas:
    """Renders types as JSON schemas and collects the models of one document."""

    def __init__(self) -> None:
        self._generator = _Generator()
        self._parameters: dict[str, Schema] = {}

    @property
    def components(self) -> Mapping[str, Schema]:
        """The schemas of all models rendered so far, by name."""
        return cast("dict[str, Schema]", self._generator.definitions)

    def render(self, type_: Any) -> Schema:
        """Return the schema of a type; for a model, a reference to its component."""
        schema: CoreSchema
        if isinstance(type_, type) and issubclass(type_, BaseModel):
            schema = type_.__pydantic_core_schema__
        else:
            schema = TypeAdapter(type_).core_schema
        return self._generator.generate_inner(schema)

    def render_parameter(self, info: FieldInfo) -> Schema:
        """Return the schema of a parameter; cached, because many routes share parameters."""
        cache_parts = (
            info.annotation,
            info.default,
            info.metadata,
            info.examples,
            info.json_schema_extra,
        )
        key = repr(cache_parts)
        if key not in self._parameters:
            self._parameters[key] = self.render(Annotated[info.annotation, info])
        return self._parameters[key]

    def finalize(self) -> None:
        """Remove titles and defaults from all components and set the format of ids."""
        for component in self.components.values():
            for schema in walk_schema(component):
                schema.pop("title", None)
                _describe_default(schema)
                _shorten_nullable(schema)
                for name, field in schema.get("properties", {}).items():
                    if _ID_FIELD.fullmatch(name):
                        _set_uuid_format(field)


def walk_schema(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all nested schemas."""
    pending = [schema]
    while pending:
        schema = pending.pop()
        yield schema
        for keyword in schema.keys() & _SCHEMA_KEYWORDS:
            inner = schema[keyword]
            if keyword in _SCHEMA_MAPPINGS:
                pending += inner.values()
            elif isinstance(inner, list):
                pending += inner
            elif isinstance(inner, dict):
                pending.append(inner)


def _set_uuid_format(field: Schema) -> None:
    """Set the format of text without other constraints in a field to UUID."""
    for schema in walk_schema(field):
        if (
            schema.get("type") in ("string", ["string", "null"])
            and not schema.keys() & _CONSTRAINTS
        ):
            schema["format"] = "uuid"


def _shorten_nullable(schema: Schema) -> None:
    """Replace a choice between a plain schema and null by a list of two types."""
    if schema.get("anyOf", ())[1:] != [_NULL]:
        return
    only_choice = schema["anyOf"][0]
    is_plain = isinstance(only_choice.get("type"), str) and not only_choice.keys() & {
        "enum",
        "const",
    }
    if is_plain and not only_choice.keys() & schema.keys():
        del schema["anyOf"]
        schema |= {**only_choice, "type": [only_choice["type"], "null"]}


def _describe_default(schema: Schema) -> None:
    """Move a default that is not empty from the schema to its description."""
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
