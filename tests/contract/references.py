"""Test helper that resolves references within the OpenAPI document."""

from copy import deepcopy
from typing import Any

# Expansion of `default`: the error statuses that any request, any request with a body, any request
# with a token, and any request with a precondition may get.
DEFAULT_STATUSES = ("414", "421", "422", "429", "431", "500", "503")
DEFAULT_WITH_BODY = ("400", "413", "415")
# The 404 is that of the workspace. Operations with a path parameter document their own.
DEFAULT_WITH_TOKEN = ("401", "403", "404")
DEFAULT_WITH_PRECONDITION = ("428",)


def resolve(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Return the target of a reference, or the item itself."""
    while "$ref" in item:
        target = document
        for step in item["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        item = target
    return item


def expand_operations(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy whose operations have complete parameters and responses for single statuses.

    A checker that reads `default` would accept any status.
    """
    copy = deepcopy(document)
    for path in copy["paths"].values():
        for operation in path.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [resolve(copy, parameter) for parameter in parameters]
            responses = {
                status: resolve(copy, response)
                for status, response in operation["responses"].items()
            }
            default = responses.pop("default")
            has_precondition = any(one["name"] == "If-Match" for one in operation["parameters"])
            statuses = [
                *DEFAULT_STATUSES,
                *(DEFAULT_WITH_BODY if "requestBody" in operation else ()),
                *(DEFAULT_WITH_TOKEN if operation.get("security") else ()),
                *(DEFAULT_WITH_PRECONDITION if has_precondition else ()),
            ]
            operation["responses"] = {**dict.fromkeys(statuses, default), **responses}
    return copy
