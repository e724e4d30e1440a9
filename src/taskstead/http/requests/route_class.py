"""The routes of the API: how a request is parsed, executed and answered.

The handler of a route does the following, in this order:

1. It checks the names of the query parameters. Otherwise a misspelt ``move_to`` would be ignored,
   and the tasks of a deleted category would be trashed instead of moved.
2. It decodes the JSON body.
3. FastAPI authenticates the request and builds the arguments of the endpoint, as their types
   declare.
4. The endpoint is called. If the route writes, a repeated request with an ``Idempotency-Key`` gets
   the stored response instead.
5. The response of a write gets the headers of the written batches.
6. If the endpoint enqueued a job, the worker is woken.

A router selects a class with ``route_class=``.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, get_args, get_origin

from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.utils import solve_dependencies
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from taskstead.http.app_state import Server
from taskstead.http.requests.authentication import WriteAccess
from taskstead.http.requests.idempotency import KEY_HEADER, held_key, run_once
from taskstead.http.requests.json_bodies import NO_BODY, read_body, read_json
from taskstead.http.requests.query_params import QUERY_MODEL, check_query_names
from taskstead.http.responses.batch_headers import add_batch_headers
from taskstead.services.context import WriteContext

Arguments = dict[str, Any]
Endpoint = Callable[..., Coroutine[Any, Any, Response]]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Responses = dict[int | str, dict[str, Any]]


class Route(APIRoute):
    """A route of the API.

    The endpoint is an ``async`` function. It returns a complete ``Response`` and declares defaults
    as plain values. FastAPI's validation of responses, its background tasks and its injected
    responses are not supported.

    Attributes:
        supports_keys: false for routes that must never store a response.
        reads_body_as_stream: whether the endpoint reads the body as a stream and handles the key.
        ignores_unknown_parameters: whether unknown query parameters are ignored.
        accepts_key: whether this route accepts an ``Idempotency-Key``: it supports keys and writes.
    """

    supports_keys = True
    reads_body_as_stream = False
    ignores_unknown_parameters = False
    accepts_key: bool

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        response_model: Any = None,
        responses: Responses | None = None,
        **options: Any,
    ) -> None:
        # Without models, FastAPI builds no validators for responses, which nothing would use.
        super().__init__(path, endpoint, response_model=None, responses={}, **options)
        # The OpenAPI document is generated from these.
        is_documented = not isinstance(response_model, DefaultPlaceholder)
        self.response_model = response_model if is_documented else None
        self.responses = responses or {}

    def get_route_handler(self) -> Handler:
        """Return the request handler; FastAPI calls this once, when the route is created."""
        fields = self.dependant.query_params
        self._parameters = {field.alias: _is_list(field.field_info.annotation) for field in fields}
        # FastAPI needs as much time to look for two absent parameters as the database needs to read
        # a task. Without a query string it does not look, and the endpoint's defaults apply.
        has_defaults = not any(field.field_info.is_required() for field in fields)
        self._dependant_without_query = (
            replace(self.dependant, query_params=[]) if has_defaults else self.dependant
        )
        self._write_context_name = next(
            (
                dependency.name
                for dependency in self.dependant.dependencies
                if isinstance(dependency.call, WriteAccess)
            ),
            None,
        )
        self.accepts_key = self.supports_keys and self._write_context_name is not None
        # The form of POST /auth/token is left to FastAPI. The steps above do not apply to it.
        is_form = self.body_field is not None and isinstance(self.body_field.field_info, Form)
        return super().get_route_handler() if is_form else self._handle

    async def _handle(self, request: Request) -> Response:
        """Return the response to a request."""
        self._check_query(request)
        body = NO_BODY if self.body_field is None else await read_json(request)
        arguments = await self._make_arguments(request, body)
        if self._write_context_name is None:
            response: Response = await self.endpoint(**arguments)
            return response
        return await self._write(request, arguments[self._write_context_name], arguments)

    def _check_query(self, request: Request) -> None:
        if not request.scope["query_string"] or self.ignores_unknown_parameters:
            return
        # An endpoint with a query model parses its parameters with ``read_query``, which also
        # checks their names.
        if QUERY_MODEL not in (self.openapi_extra or {}):
            check_query_names(request, self._parameters)

    async def _make_arguments(self, request: Request, body: Any) -> Arguments:
        """Return the arguments of the endpoint.

        Raises:
            RequestValidationError: a parameter or the body is invalid.
            TasksteadError: the client may not use the route; see ``authentication.py``.
        """
        has_query = request.scope["query_string"]
        solved = await solve_dependencies(
            request=request,
            dependant=self.dependant if has_query else self._dependant_without_query,
            body=body,
            async_exit_stack=request.scope["fastapi_inner_astack"],
            embed_body_fields=self._embed_body_fields,
        )
        if solved.errors:
            raise RequestValidationError(solved.errors, body=None if body is NO_BODY else body)
        return solved.values

    async def _write(self, request: Request, ctx: WriteContext, arguments: Arguments) -> Response:
        """Call an endpoint that writes, at most once for each ``Idempotency-Key``."""
        call = partial(self._call_endpoint, ctx, arguments)
        try:
            if self.reads_body_as_stream or not self.accepts_key:
                return await call()
            # Only the fingerprint needs the bytes of the body. Without a key, they are not awaited.
            body = await read_body(request) if KEY_HEADER in request.headers else b""
            with held_key(request, ctx) as key_hash:
                return await run_once(request, ctx, key_hash, body, call)
        finally:
            # Also after an error, because the job may have been committed before it.
            if ctx.has_new_jobs:
                server: Server = request.app.state.server
                server.wakeup.notify()

    async def _call_endpoint(self, ctx: WriteContext, arguments: Arguments) -> Response:
        response: Response = await self.endpoint(**arguments)
        add_batch_headers(response, ctx.written)
        return response


class StreamRoute(Route):
    """A route whose endpoint reads the body as a stream and handles the key itself."""

    reads_body_as_stream = True


class SecretRoute(Route):
    """A route of ``/auth``, whose requests and responses contain passwords and tokens.

    It ignores an ``Idempotency-Key``, because neither a response nor the hash of a request may be
    stored. It ignores unknown parameters, as these routes always have.
    """

    supports_keys = False
    ignores_unknown_parameters = True


class LenientRoute(Route):
    """A route that ignores unknown parameters, for compatibility with the deprecated APIs."""

    ignores_unknown_parameters = True


def _is_list(annotation: Any) -> bool:
    """Return whether the annotation is a list or an optional list."""
    return any(get_origin(type_) is list for type_ in (annotation, *get_args(annotation)))


def exclude_fixed_paths(routes: Iterable[BaseRoute]) -> None:
    """Keep routes with path parameters from matching a path that another route has literally.

    ``GET /api/v1/tasks/bulk`` then gets a 405. Without the exclusion, it would be a request for the
    task "bulk".
    """
    fixed_paths = {path for route in routes if "{" not in (path := getattr(route, "path", "{"))}
    for route in routes:
        if isinstance(route, Route) and route.param_convertors:
            excluded = sorted(path for path in fixed_paths if route.path_regex.match(path))
            if excluded:
                paths = "|".join(map(re.escape, excluded))
                pattern = rf"(?!(?:{paths})\Z){route.path_regex.pattern}"
                route.path_regex = re.compile(pattern, route.path_regex.flags)
