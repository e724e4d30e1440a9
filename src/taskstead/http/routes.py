"""Route classes of the API: strict query parameters, and idempotent writes.

A query parameter that is unknown or repeated is rejected, because a misspelt ``move_to`` must not
trash tasks. Routes that write accept an ``Idempotency-Key``.

A router selects the class with ``route_class=Route``. A test checks that all routes that write use
it. ``/auth`` is exempt, because its responses and fingerprints must not be stored.
"""

from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_origin

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from taskstead.http.batch_headers import add_batch_headers
from taskstead.http.idempotency import make_idempotent
from taskstead.http.json_bodies import JsonRoute
from taskstead.http.queries import check_query_names

_WRITING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def _is_list(annotation: Any) -> bool:
    """Return whether the annotation is a list or an optional list."""
    return any(get_origin(each) is list for each in (annotation, *get_args(annotation)))


class Route(JsonRoute):
    """A route that rejects unknown parameters and makes writes idempotent.

    Attributes:
        takes_key: whether the route accepts an ``Idempotency-Key``.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        **options: Any,
    ) -> None:
        self.takes_key = not _WRITING.isdisjoint(methods or ())
        if self.takes_key:
            endpoint = self._take_key(add_batch_headers(endpoint))
        super().__init__(path, endpoint, methods=methods, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the request handler; FastAPI calls this once, when the route is created."""
        handle = super().get_route_handler()
        # Parameters of a model are not in the signature; ``read_query`` checks them.
        if "parameters" in (self.openapi_extra or {}):
            return handle
        known = {
            field.alias: _is_list(field.field_info.annotation)
            for field in self.dependant.query_params
        }

        async def handle_checked(request: Request) -> Response:
            if request.scope["query_string"]:
                check_query_names(request, known)
            return await handle(request)

        return handle_checked

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request, unless its path is the fixed path of another route.

        ``GET /api/v1/tasks/bulk`` is a wrong method for that path, not a request for the task
        "bulk".
        """
        match, child_scope = super().matches(scope)
        if (
            match is not Match.NONE
            and self.param_convertors
            and scope["path"] in scope["app"].state.fixed_paths
        ):
            return Match.NONE, {}
        return match, child_scope

    @staticmethod
    def _take_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return make_idempotent(endpoint)


class StreamRoute(Route):
    """A route whose endpoint streams the body and handles the key with ``receive_once``."""

    @staticmethod
    def _take_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return endpoint


class LenientRoute(Route):
    """A route that ignores unknown parameters, for compatibility with the deprecated APIs."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the request handler."""
        return JsonRoute.get_route_handler(self)
