"""Exception handlers: errors of services, FastAPI and Starlette become error responses."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from taskstead.errors import (
    BodyTooLargeError,
    FieldError,
    InternalError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    TasksteadError,
    UnsupportedMediaTypeError,
    ValidationFailedError,
)
from taskstead.formats.json.validation_errors import (
    describe_validation_error,
    make_field_error,
    make_pointer,
)
from taskstead.http.responses.error_formats import ErrorFormat, register_error_formats
from taskstead.http.responses.error_mapping import get_status
from taskstead.http.responses.negotiation import NEGOTIATION_HEADERS, prefers_html
from taskstead.http.responses.problem_details import NO_SUCH_PATH, build_problem_response

_PATCH_TYPE = "application/json"
# The error classes for errors that Starlette raises itself (unknown path, wrong method), by status.
_ERRORS_BY_STATUS: dict[int, type[TasksteadError]] = {
    400: MalformedRequestError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    413: BodyTooLargeError,
    415: UnsupportedMediaTypeError,
}
# The type and location of pydantic's error for a body with another content type than JSON. FastAPI
# passes such a body to pydantic as bytes.
_BYTES_INSTEAD_OF_JSON = ("model_attributes_type", ("body",))
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_DETAILS_BY_STATUS = {
    404: NO_SUCH_PATH,
    405: "This path does not support this method. The Allow header lists the supported ones.",
    413: "The body is larger than the limit of this server. Send it in parts.",
}


def add_exception_handlers(
    app: FastAPI,
    build_unknown_page: Callable[[], Response],
    *,
    error_formats: Sequence[ErrorFormat] = (),
) -> None:
    """Register the exception handlers and error formats of an application.

    Args:
        app: the application.
        build_unknown_page: returns the HTML response for an unknown path.
        error_formats: the error formats that replace problem documents under some paths.
    """

    async def handle_starlette(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        if error.status_code != get_status(NotFoundError):
            return _build_starlette_error_response(request, error)
        # The path is unknown. A missing resource at a known path raises NotFoundError instead.
        is_browser = prefers_html(request.headers)
        response = (
            build_unknown_page() if is_browser else _build_starlette_error_response(request, error)
        )
        response.headers.update(NEGOTIATION_HEADERS)
        return response

    register_error_formats(app, error_formats)
    app.add_exception_handler(TasksteadError, _handle_taskstead_error)
    app.add_exception_handler(RequestValidationError, _handle_validation)
    app.add_exception_handler(HTTPException, handle_starlette)


async def _handle_taskstead_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, TasksteadError):
        raise error
    return build_problem_response(request, error)


def _build_starlette_error_response(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, TasksteadError):
        # FastAPI wraps errors raised while a form is read.
        return build_problem_response(request, error.__cause__)
    kind = _ERRORS_BY_STATUS.get(error.status_code, InternalError)
    detail = _DETAILS_BY_STATUS.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    if error.status_code == get_status(MethodNotAllowedError):
        headers |= _list_methods(request)
    return build_problem_response(request, kind(detail), headers=headers)


def _list_methods(request: Request) -> dict[str, str]:
    """Return ``Allow`` with all methods of the path; Starlette lists those of one route only."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    # HEAD is allowed wherever GET is, except on streams; see http/middleware/head.py.
    if "GET" in methods and request.method != "HEAD":
        methods = methods | {"HEAD"}
    headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
    if "PATCH" in methods:
        headers["Accept-Patch"] = _PATCH_TYPE
    return headers


async def _handle_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    pydantic_errors = error.errors()
    required_type = _find_required_type(request, pydantic_errors, error.body)
    if required_type is not None:
        # RFC 5789, section 2.2.
        headers = {"Accept-Patch": required_type} if request.method == "PATCH" else None
        unsupported = UnsupportedMediaTypeError(f"Send the body as {required_type}.")
        return build_problem_response(request, unsupported, headers=headers)
    errors = [_make_field_error(pydantic_error, error.body) for pydantic_error in pydantic_errors]
    first = errors[0]
    detail = (f"{first.pointer}: " if first.pointer else "") + first.message
    if len(errors) > 1:
        detail += f" (and {len(errors) - 1} more)"
    return build_problem_response(request, ValidationFailedError(detail, errors=errors))


def _find_required_type(
    request: Request, pydantic_errors: Sequence[Any], body: object
) -> str | None:
    """Return the required media type if the body was sent with another one."""
    sent_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if any(
        (pydantic_error["type"], pydantic_error["loc"]) == _BYTES_INSTEAD_OF_JSON
        for pydantic_error in pydantic_errors
    ):
        return None if sent_type == "application/json" else "application/json"
    # FastAPI reads a body of another type as an empty form. Without a content type, there may be no
    # body.
    if isinstance(body, FormData) and sent_type and sent_type not in _FORM_TYPES:
        return _FORM_TYPES[0]
    return None


def _make_field_error(pydantic_error: dict[str, Any], body: object) -> FieldError:
    """Convert a pydantic error to a ``FieldError``."""
    location, *path = pydantic_error["loc"]
    if location == "body":
        pointer = make_pointer(path, pydantic_error, body)
        is_missing = not path and pydantic_error["type"] == "missing"
        message = (
            "The body must be a JSON object"
            if is_missing
            else describe_validation_error(pydantic_error)
        )
    else:
        pointer = "/".join(str(step) for step in (location, *path))
        is_unknown = pydantic_error["type"] == "extra_forbidden"
        message = "Unknown parameter" if is_unknown else pydantic_error["msg"]
    return make_field_error(pydantic_error, pointer, message)
