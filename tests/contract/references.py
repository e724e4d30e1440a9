"""References inside of the OpenAPI document."""

from copy import deepcopy
from typing import Any

# What `default` stands for in our document: the server may refuse any request with these.
DEFAULT_STATUSES = ("414", "421", "429", "431", "500", "503")


def resolve(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Return what an item refers to, or the item itself."""
    while "$ref" in item:
        target = document
        for step in item["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        item = target
    return item


def spell_out(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy whose operations have parameters and responses in full, by single statuses.

    A checker that reads `default` would let any status pass.
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
            operation["responses"] = {**dict.fromkeys(DEFAULT_STATUSES, default), **responses}
    return copy
