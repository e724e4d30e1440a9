"""The errors of routes in the OpenAPI document, and the list of all error codes."""

import inspect
from typing import Any

from taskstead.errors import (
    BodyTooLargeError,
    CrossSiteRequestError,
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseFullError,
    DatabaseReplacedError,
    DatabaseUnavailableError,
    ForbiddenError,
    HeadersTooLargeError,
    InsufficientRoleError,
    InsufficientScopeError,
    InternalError,
    MalformedRequestError,
    NotFoundError,
    RateLimitedError,
    TasksteadError,
    TokenExpiredError,
    UnauthenticatedError,
    UnknownHostError,
    UnsupportedMediaTypeError,
    UriTooLongError,
    ValidationFailedError,
)
from taskstead.http.responses.error_mapping import get_status

# The OpenAPI extension that lists the error codes of a response.
ERROR_CODES = "x-error-codes"

# The errors that groups of routes share.
COMMON_ERRORS = (
    InternalError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnavailableError,
    DatabaseReplacedError,
    DatabaseDamagedError,
    RateLimitedError,
    UriTooLongError,
    UnknownHostError,
    HeadersTooLargeError,
    ValidationFailedError,
)
BODY_ERRORS = (MalformedRequestError, BodyTooLargeError, UnsupportedMediaTypeError)
TOKEN_ERRORS = (
    UnauthenticatedError,
    TokenExpiredError,
    InsufficientScopeError,
    CrossSiteRequestError,
)
WORKSPACE_ERRORS = (*TOKEN_ERRORS, ForbiddenError, InsufficientRoleError, NotFoundError)


def document_problems(*errors: type[TasksteadError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses`` for these errors: the error codes by status.

    ``faces/api/openapi/components.py`` completes each response from its codes.
    """
    by_status: dict[int, list[type[TasksteadError]]] = {}
    for error in errors:
        by_status.setdefault(get_status(error), []).append(error)
    return {
        status: {"description": "", ERROR_CODES: [kind.code for kind in kinds]}
        for status, kinds in by_status.items()
    }


def list_error_kinds() -> list[type[TasksteadError]]:
    """Return all error classes with their own code, sorted by status and code."""
    found: list[type[TasksteadError]] = []
    pending: list[type[TasksteadError]] = [TasksteadError]
    while pending:
        kind = pending.pop()
        if "code" in vars(kind):
            found.append(kind)
        pending += kind.__subclasses__()
    return sorted(found, key=lambda kind: (get_status(kind), kind.code))


def describe_error_kind(kind: type[TasksteadError]) -> str:
    """Return the docstring of an error class as Markdown."""
    return (inspect.getdoc(kind) or "").replace("``", "`")
