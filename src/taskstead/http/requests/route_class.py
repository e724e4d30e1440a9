"""Route classes of the API: strict query parameters, and idempotent writes.

Unknown and repeated query parameters are rejected. Otherwise a misspelt ``move_to`` would be
ignored, and the tasks of a deleted category would be trashed instead of moved. Routes that write
accept an ``Idempotency-Key``.

A router selects the class with ``route_class=Route``. A test checks that all routes that write use
it, except ``/auth``. The requests and responses of ``/auth`` contain passwords and tokens, so
neither a response nor the hash of a request may be stored.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, get_args, get_origin

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from taskstead.http.requests.idempotency import make_idempotent
from taskstead.http.requests.json_bodies import JsonRoute
from taskstead.http.requests.query_params import QUERY_MODEL, check_query_names
from taskstead.http.responses.batch_headers import add_batch_headers

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_WRITE_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def _is_list(annotation: Any) -> bool:
    """Return whether the annotation is a list or an optional list."""
    return any(get_origin(type_) is list for type_ in (annotation, *get_args(annotation)))


class Route(JsonRoute):
    """A route that rejects unknown parameters and makes writes idempotent.

    Attributes:
        accepts_key: whether the route accepts an ``Idempotency-Key``.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        **options: Any,
    ) -> None:
        self.accepts_key = not _WRITE_METHODS.isdisjoint(methods or ())
        if self.accepts_key:
            endpoint = self._add_key_support(add_batch_headers(endpoint))
        super().__init__(path, endpoint, methods=methods, **options)

    def get_route_handler(self) -> Handler:
        """Return the request handler; FastAPI calls this once, when the route is created."""
        handle = super().get_route_handler()
        # The endpoint parses its parameters into a model with ``read_query``, which also checks
        # their names.
        if QUERY_MODEL in (self.openapi_extra or {}):
            return handle
        allowed = {
            field.alias: _is_list(field.field_info.annotation)
            for field in self.dependant.query_params
        }
        handle_without_query = self._make_default_handler() or handle

        async def handle_checked(request: Request) -> Response:
            if not request.scope["query_string"]:
                return await handle_without_query(request)
            check_query_names(request, allowed)
            return await handle(request)

        return handle_checked

    def _make_default_handler(self) -> Handler | None:
        """Return a handler that leaves all query parameters at the defaults of the endpoint.

        FastAPI takes as long to find that two optional parameters are absent as the database takes
        to read a task. If a parameter is required, return None.
        """
        dependant = self.dependant
        if any(field.field_info.is_required() for field in dependant.query_params):
            return None
        self.dependant = replace(dependant, query_params=[])
        try:
            return super().get_route_handler()
        finally:
            self.dependant = dependant

    @staticmethod
    def _add_key_support(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return make_idempotent(endpoint)


class StreamRoute(Route):
    """A route whose endpoint streams the body and handles the key with ``receive_once``."""

    @staticmethod
    def _add_key_support(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return endpoint


class LenientRoute(Route):
    """A route that ignores unknown parameters, for compatibility with the deprecated APIs."""

    def get_route_handler(self) -> Handler:
        """Return the request handler."""
        return JsonRoute.get_route_handler(self)


def exclude_fixed_paths(routes: Iterable[BaseRoute]) -> None:
    """Exclude fixed paths, those without parameters, from the routes with path parameters.

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
