"""Query parameters: parsing into a pydantic model, and the model's OpenAPI parameters.

FastAPI can also parse parameters into a model. For the thirty optional parameters of a task
listing, it takes 40 % of the request's time (measured), as much as the database. This module
therefore parses them itself.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

# The key of the model in the ``openapi_extra`` of a route. The OpenAPI parameters are generated
# only when the document is built, because their generation would slow the start of the server.
QUERY_MODEL = "x-query-model"


@cache
def _get_list_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name for name, field in model.model_fields.items() if get_origin(field.annotation) is list
    )


def read_query(request: Request, model: type[Model]) -> Model:
    """Parse the query parameters into a model; list fields are repeated parameters.

    Raises:
        RequestValidationError: a parameter is unknown, invalid or repeated.
    """
    lists = _get_list_fields(model)
    values: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise RequestValidationError([_make_repeated_error(name)])
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors = [
            {**pydantic_error, "loc": ("query", *pydantic_error["loc"])}
            for pydantic_error in error.errors()
        ]
        raise RequestValidationError(errors) from None


def check_query_names(request: Request, allowed: Mapping[str, bool]) -> None:
    """Check that all query parameters are allowed and are not repeated.

    Args:
        request: the request.
        allowed: the allowed parameters. The value is True for a list, which may be repeated.

    Raises:
        RequestValidationError: a parameter is unknown or repeated.
    """
    counts = Counter(name for name, _ in request.query_params.multi_items())
    errors = []
    for name, count in counts.items():
        if name not in allowed:
            errors.append(
                {"type": "extra_forbidden", "loc": ("query", name), "msg": "Unknown parameter"}
            )
        elif count > 1 and not allowed[name]:
            errors.append(_make_repeated_error(name))
    if errors:
        raise RequestValidationError(errors)


def _make_repeated_error(name: str) -> dict[str, Any]:
    return {"type": "repeated", "loc": ("query", name), "msg": "Send this parameter only once"}


def document_query(model: type[BaseModel]) -> dict[str, Any]:
    """Return the ``openapi_extra`` of a route that parses its query into this model."""
    return {QUERY_MODEL: model}


def build_query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    """Return the OpenAPI parameters of a route that parses its query into this model."""
    parameters = []
    for name, schema in model.model_json_schema()["properties"].items():
        description = schema.pop("description", "")
        parameter = {"name": name, "in": "query", "schema": schema}
        if description:
            parameter["description"] = description
        parameters.append(parameter)
    return parameters
