"""How the routes of nouns are made: strict with queries, and if they write, repeatable.

Those that write take an ``Idempotency-Key``. A query parameter that a route does not know,
or that comes twice, is refused: a misspelt ``move_to`` must not send tasks to the trash.

A router says ``route_class=Route``, and its routes need to know no more about it. A test holds all
that write to it, but for ``/auth``, where neither answers nor fingerprints may be kept.
"""

from collections.abc import Callable, Coroutine
from typing import Any, get_args, get_origin

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from taskstead.http.batch_headers import add_batch_headers
from taskstead.http.idempotency import make_repeatable
from taskstead.http.json_bodies import JsonRoute
from taskstead.http.queries import check_query_names

_WRITING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def _is_list(annotation: Any) -> bool:
    """Tell whether it is a list, or one that may be left out."""
    return any(get_origin(each) is list for each in (annotation, *get_args(annotation)))


class Route(JsonRoute):
    """A route that refuses unknown parameters and, where it writes, does nothing twice.

    Attributes:
        takes_key: whether it takes an ``Idempotency-Key``.
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
        """Make what handles the requests; FastAPI calls it once, when the route is made."""
        handle = super().get_route_handler()
        # Those of a model are in no signature; ``read_query`` refuses what it does not know.
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
        """Match a request, but not one whose path is fixed in another route.

        ``GET /api/v1/tasks/bulk`` is the wrong method for that path, not a task called "bulk".
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
        return make_repeatable(endpoint)


class StreamRoute(Route):
    """A route whose endpoint reads its body as a stream, and takes the key by ``receive_once``."""

    @staticmethod
    def _take_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return endpoint


class LenientRoute(Route):
    """A route that passes over unknown parameters, as the API that it stands in for did."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what handles the requests."""
        return JsonRoute.get_route_handler(self)
