"""Authentication of requests by token (RFC 6750) or cookie, and the context of each request.

The web app uses a session cookie, and all other clients a bearer token. If a request has both, only
the token counts. The module parses the headers, counts the request against the rate limits and
returns the context, which contains the principal. A principal is the user who makes a request, with
the scopes of the token and the workspace in which the request acts. Reading it takes one SQL query.
The rules of access are in ``services/accounts/access.py``.

A route declares the access that it requires by the type of its parameter ``ctx``. ``TasksRead``,
``TasksWrite`` and ``TasksPurge`` require a workspace and a sufficient role in it. ``AccountRead``,
``AccountWrite``, ``AdminRead`` and ``AdminWrite`` require no workspace. ``OwnToken`` is for
operations on the request's own credential. It requires only ``account:read``.
"""

import logging
from abc import ABC, abstractmethod
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from taskstead.domain.principal import Credential, Principal
from taskstead.errors import (
    CrossSiteRequestError,
    FieldError,
    ServerError,
    TasksteadError,
    UnauthenticatedError,
    ValidationFailedError,
)
from taskstead.http.app_state import Server
from taskstead.http.requests.session_cookie import (
    check_same_origin,
    clear_session_cookie,
    read_session_cookie,
)
from taskstead.ids import is_same_secret, parse_id
from taskstead.observability.request_record import current_request
from taskstead.services.accounts.access import authenticate, check_access
from taskstead.services.accounts.session_use import update_session_use
from taskstead.services.accounts.tokens import update_last_used
from taskstead.services.context import ReadContext, WriteContext

WORKSPACE_HEADER = "Taskstead-Workspace"
TOKEN_PATH = "/auth/token"  # noqa: S105 - a path

logger = logging.getLogger("taskstead.http")


class Access(ABC):
    """Base class of dependencies that authenticate a request and check scope, workspace and role.

    The OpenAPI document lists the scope for each route that uses such a dependency.

    Args:
        scope: the scope that the token must have.
        in_workspace: whether the request acts in a workspace. The user must then be a member, and
            for a scope that writes, an editor or owner.
    """

    def __init__(self, scope: str, *, in_workspace: bool) -> None:
        self.scope = scope
        self._in_workspace = in_workspace

    @abstractmethod
    async def __call__(self, request: Request) -> Any:
        """Return the value of the dependency; raise the same errors as :meth:`authenticate`."""

    async def authenticate(self, request: Request) -> Principal:
        """Return the principal of the request.

        Raises:
            UnauthenticatedError: there is no token, it is unknown or revoked, or its account is
                disabled. The same applies to a cookie.
            CrossSiteRequestError: the request has the cookie, but does not come from the app.
            TokenExpiredError: the token or session has expired.
            ValidationFailedError: the workspace header is not a UUID.
            InsufficientScopeError, ForbiddenError, NotFoundError, InsufficientRoleError: as for
                ``check_access``.
            RateLimitedError: the client has sent too many requests.
        """
        credential = await _authenticate_and_count(request)
        return self.check_credential(request, credential)

    def check_credential(self, request: Request, credential: Credential) -> Principal:
        """Return the principal of a credential; raise the same errors as :meth:`authenticate`."""
        principal = credential.principal
        self._record_principal(principal)
        check_access(
            principal,
            self.scope,
            in_workspace=self._in_workspace,
            target_workspace_id=request.path_params.get("workspace_id"),
        )
        return principal

    def _record_principal(self, principal: Principal) -> None:
        record = current_request.get()
        if record is not None:
            record.user_id = principal.user_id
            record.workspace_id = principal.workspace_id if self._in_workspace else None
            # Fair queues share the server between workspaces, even if the request uses none.
            record.share = principal.workspace_id


class ReadAccess(Access):
    """Dependency that returns the context of a read."""

    async def __call__(self, request: Request) -> ReadContext:
        """Return the context of the request; raise the same errors as :meth:`authenticate`."""
        return self.make_context(request, await self.authenticate(request))

    def make_context(self, request: Request, principal: Principal) -> ReadContext:
        """Return the context of a request with this principal."""
        server: Server = request.app.state.server
        return ReadContext(principal, server.database, server.clock(), server.replica)


class WriteAccess(Access):
    """Dependency that returns the context of a write."""

    async def __call__(self, request: Request) -> WriteContext:
        """Return the context of the request; raise the same errors as :meth:`authenticate`."""
        principal = await self.authenticate(request)
        server: Server = request.app.state.server
        return WriteContext(principal, server.database, server.clock)


class ScraperAccess(Access):
    """Dependency of the metrics endpoint: accepts the metrics token or an administrator's token.

    The metrics token is a setting. Checking it needs no database, so metrics stay available during
    a database outage.
    """

    def __init__(self) -> None:
        super().__init__("admin", in_workspace=False)

    async def __call__(self, request: Request) -> None:
        """Check the token; raise the same errors as :meth:`authenticate`."""
        server: Server = request.app.state.server
        metrics_token = server.settings.metrics_token
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if (
            metrics_token
            and kind.lower() == "bearer"
            and is_same_secret(token.strip(), metrics_token)
        ):
            return
        await self.authenticate(request)


async def _authenticate_and_count(request: Request) -> Credential:
    server: Server = request.app.state.server
    try:
        credential = await _read_credential(request, server)
    except (UnauthenticatedError, CrossSiteRequestError, ValidationFailedError):
        await server.limits.count_request(request)
        raise
    principal = credential.principal
    await server.limits.count_request(request, principal.api_token_id or principal.user_id)
    try:
        if principal.api_token_id is not None:
            await update_last_used(server.database, credential, now=server.clock())
        else:
            await update_session_use(
                server.database, server.settings, credential, now=server.clock()
            )
    except TasksteadError:
        # A failed write (for example, a full disk) must not block reads.
        logger.warning("Cannot record the last use of a token or session.", exc_info=True)
    return credential


async def _read_credential(request: Request, server: Server) -> Credential:
    """Return the credential of a request. This is the only function that determines it."""
    cookie = read_session_cookie(request)
    token = _get_bearer_token(request, has_cookie=cookie is not None)
    secret = token or cookie
    if secret is None:
        raise UnauthenticatedError(
            "The request has no token and no session cookie. Send a token as "
            "`Authorization: Bearer …`. POST /auth/login returns one.",
            reason=None,
        )
    if token is None:
        check_same_origin(request)
    return await authenticate(
        server.database,
        secret,
        workspace_id=_get_requested_workspace(request),
        now=server.clock(),
        is_cookie=token is None,
    )


def _get_bearer_token(request: Request, *, has_cookie: bool) -> str | None:
    """Return the bearer token of a request; None if it has no Authorization header.

    Beside a session cookie, other schemes than Bearer are ignored. A proxy with HTTP authentication
    may need them.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not kind or (has_cookie and kind.lower() != "bearer"):
        return None
    if kind.lower() != "bearer" or not token:
        raise UnauthenticatedError(
            "The Authorization header must be `Bearer` followed by a token.",
            reason="invalid_request",
        )
    return token.strip()


def clear_used_cookie(request: Request, response: Response) -> None:
    """Delete the session cookie in the browser if an authenticated request used it, not a token."""
    has_cookie = read_session_cookie(request) is not None
    if has_cookie and _get_bearer_token(request, has_cookie=True) is None:
        clear_session_cookie(request, response)


def _get_requested_workspace(request: Request) -> str | None:
    requested = request.headers.get(WORKSPACE_HEADER)
    if requested is None:
        return None
    try:
        return parse_id(requested)
    except ValueError:
        message = f"The header {WORKSPACE_HEADER} must be the id of a workspace, a UUID."
        field_error = FieldError(f"header/{WORKSPACE_HEADER}", message, "uuid")
        raise ValidationFailedError(message, errors=[field_error]) from None


_READS_TASKS = ReadAccess("tasks:read", in_workspace=True)


async def check_reader_again(request: Request) -> ReadContext:
    """Check again, during a long request, that the client may read tasks; return a new context.

    The check does not count against the rate limits and does not update the last use of the token.
    It raises the same errors as ``Access.authenticate``.
    """
    credential = await _read_credential(request, request.app.state.server)
    return _READS_TASKS.make_context(request, _READS_TASKS.check_credential(request, credential))


async def is_still_allowed_to_read(request: Request) -> bool:
    """Return whether the reader still has access; True if a server error prevents the check."""
    try:
        await check_reader_again(request)
    except TasksteadError as error:
        return isinstance(error, ServerError)
    return True


TasksRead = Annotated[ReadContext, Depends(_READS_TASKS)]
TasksWrite = Annotated[WriteContext, Depends(WriteAccess("tasks:write", in_workspace=True))]
TasksPurge = Annotated[WriteContext, Depends(WriteAccess("tasks:purge", in_workspace=True))]
AccountRead = Annotated[ReadContext, Depends(ReadAccess("account:read", in_workspace=False))]
AccountWrite = Annotated[WriteContext, Depends(WriteAccess("account:write", in_workspace=False))]
OwnToken = Annotated[WriteContext, Depends(WriteAccess("account:read", in_workspace=False))]
AdminRead = Annotated[ReadContext, Depends(ReadAccess("admin", in_workspace=False))]
AdminWrite = Annotated[WriteContext, Depends(WriteAccess("admin", in_workspace=False))]
Scraper = Annotated[None, Depends(ScraperAccess())]
