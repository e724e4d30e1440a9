"""How the routes of nouns are made: those that write take an ``Idempotency-Key``.

A router says ``route_class=Route``, and its routes need to know no more about it. A test holds all
that write to it, but for ``/auth``, where neither answers nor fingerprints may be kept.
"""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute

from taskstead.http.idempotency import make_repeatable

_WRITING = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class Route(APIRoute):
    """A route that, where it writes, can be repeated without doing anything twice.

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
            endpoint = self._take_key(endpoint)
        super().__init__(path, endpoint, methods=methods, **options)

    @staticmethod
    def _take_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return make_repeatable(endpoint)


class StreamRoute(Route):
    """A route whose endpoint reads its body as a stream, and takes the key by ``receive_once``."""

    @staticmethod
    def _take_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        return endpoint
