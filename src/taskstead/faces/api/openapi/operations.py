"""Generation of OpenAPI operations from FastAPI routes.

FastAPI's own generator takes more than one second for this API, mostly for the error models that
every route repeats. This generator omits these models. ``components.py`` adds the errors.
"""

import http
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.utils import deep_dict_update

from taskstead.faces.api.openapi.schemas import Schemas, make_parameter_schema
from taskstead.http.requests.authentication import Access
from taskstead.http.requests.query_params import QUERY_MODEL, build_query_parameters

Operation = dict[str, Any]

PASSWORD_SCHEME = "Password"  # noqa: S105 - the name of a security scheme
BEARER_SCHEME = "Bearer"
_JSON = "application/json"
_NO_CONTENT = 204


def build_operation(route: APIRoute, schemas: Schemas) -> Operation:
    """Return the OpenAPI operation of a route.

    Its error responses contain only their error codes. ``components.py`` replaces them.
    """
    summary = route.summary or route.name
    operation: Operation = {
        "tags": list(route.tags),
        "summary": summary,
        "description": route.description,
        "operationId": make_operation_id(summary),
    }
    if route.deprecated:
        operation["deprecated"] = True
    dependants = list(_walk_dependants(route.dependant))
    operation["security"] = _build_security(dependants)
    parameters = list(_build_parameters(dependants, schemas))
    if parameters:
        operation["parameters"] = parameters
    if route.body_field is not None:
        operation["requestBody"] = _build_body(route.body_field, schemas)
    operation["responses"] = _build_responses(route, schemas)
    extra = dict(route.openapi_extra or {})
    if query_model := extra.pop(QUERY_MODEL, None):
        extra["parameters"] = build_query_parameters(query_model)
    deep_dict_update(operation, deepcopy(extra))
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = make_parameter_schema(parameter["schema"])
    return operation


def make_operation_id(summary: str) -> str:
    """Return the operation id, the method name in generated clients: ``create_task``."""
    return "_".join(re.findall("[a-z0-9]+", summary.lower()))


def _walk_dependants(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for dependency in dependant.dependencies:
        yield from _walk_dependants(dependency)


def _build_security(dependants: list[Dependant]) -> list[dict[str, list[str]]]:
    """Return the security requirements of a route; empty for public routes."""
    scopes = [each.call.scope for each in dependants if isinstance(each.call, Access)]
    return [{name: scopes} for name in (PASSWORD_SCHEME, BEARER_SCHEME)] if scopes else []


def _build_parameters(dependants: list[Dependant], schemas: Schemas) -> Iterator[dict[str, Any]]:
    for dependant in dependants:
        for location, fields in (
            ("path", dependant.path_params),
            ("query", dependant.query_params),
            ("header", dependant.header_params),
        ):
            for field in fields:
                info = field.field_info
                parameter: dict[str, Any] = {"name": field.alias, "in": location}
                if info.is_required():
                    parameter["required"] = True
                parameter["schema"] = schemas.render_parameter(info)
                if info.description:
                    parameter["description"] = info.description
                yield parameter


def _build_body(field: Any, schemas: Schemas) -> dict[str, Any]:
    info = field.field_info
    schema = schemas.render_parameter(info)
    schema.pop("default", None)
    body: dict[str, Any] = {"content": {info.media_type: {"schema": schema}}}
    if info.is_required():
        body["required"] = True
    return body


def _build_responses(route: APIRoute, schemas: Schemas) -> dict[str, Any]:
    status = route.status_code or http.HTTPStatus.OK
    success: dict[str, Any] = {"description": "Success"}
    # Routes with other content than JSON set a response class and describe the content themselves.
    is_json = isinstance(route.response_class, DefaultPlaceholder)
    if status != _NO_CONTENT and is_json:
        success["content"] = {_JSON: {"schema": _render_content(route.response_model, schemas)}}
    responses = {str(int(status)): success}
    for code, documented in sorted(route.responses.items(), key=lambda item: str(item[0])):
        # Later steps change only nested dictionaries, so only these are copied.
        response = {
            key: deepcopy(value) if isinstance(value, dict) else value
            for key, value in documented.items()
            if key != "model"
        }
        if "model" in documented:
            content = {_JSON: {"schema": _render_content(documented["model"], schemas)}}
            response.setdefault("content", {}).update(content)
        deep_dict_update(responses.setdefault(str(code), {}), response)
    return responses


def _render_content(model: Any, schemas: Schemas) -> dict[str, Any]:
    return {} if model is None else schemas.render(model)
