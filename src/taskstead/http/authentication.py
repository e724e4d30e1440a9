"""The principal of a request, from its bearer token (RFC 6750), in one indexed read.

A route says what it needs by the type of its parameter: ``TasksReader`` and ``TasksWriter`` come
with a workspace and a role that suffices, ``AccountReader`` and the others act on the account.
"""

import logging
from typing import Annotated

from fastapi import Depends, Request

from taskstead.clock import get_now
from taskstead.errors import (
    FieldError,
    ForbiddenError,
    InsufficientRoleError,
    InsufficientScopeError,
    NotFoundError,
    TasksteadError,
    TokenExpiredError,
    UnauthenticatedError,
    ValidationFailedError,
)
from taskstead.http.state import Server
from taskstead.ids import hash_secret, is_same_secret, parse_id
from taskstead.queries.principals import API_TOKEN_PREFIX, Credential, Principal, find_credential
from taskstead.services.tokens import note_use
from taskstead.telemetry.requests import current_request

WORKSPACE_HEADER = "Taskstead-Workspace"
TOKEN_PATH = "/auth/token"  # noqa: S105 - a path

logger = logging.getLogger("taskstead.http")


class Authenticate:
    """The dependency that finds the principal and checks scope, workspace and role.

    The OpenAPI document shows its scope at the routes that use it.

    Args:
        scope: what the token has to cover.
        in_workspace: whether the request acts in a workspace; a role there is then needed, and
            for a scope that writes, a role that may write.
    """

    def __init__(self, scope: str, *, in_workspace: bool) -> None:
        self.scope = scope
        self._in_workspace = in_workspace
        self._writes_tasks = scope in ("tasks:write", "tasks:purge")

    async def __call__(self, request: Request) -> Principal:
        """Return the principal.

        Raises:
            UnauthenticatedError: no token, an unknown or revoked one, or a disabled account.
            TokenExpiredError: the token was good once.
            InsufficientScopeError: it does not cover this call.
            NotFoundError: the workspace asked for is not there or not the principal's.
            InsufficientRoleError: the principal may only look there.
        """
        credential = await _find_credential(request)
        return self.check(request, credential)

    def check(self, request: Request, credential: Credential) -> Principal:
        """Return the principal of a credential, or raise as above."""
        principal = credential.principal
        self._note(principal)
        if self.scope not in principal.scopes:
            raise InsufficientScopeError(self.scope)
        _check_binding(principal, request.path_params.get("workspace_id"))
        if self._in_workspace:
            _check_workspace(principal, writes=self._writes_tasks)
        return principal

    def _note(self, principal: Principal) -> None:
        record = current_request.get()
        if record is not None:
            record.user_id = principal.user_id
            record.workspace_id = principal.workspace_id if self._in_workspace else None
            record.share = principal.workspace_id


class AuthenticateScraper(Authenticate):
    """The dependency of what Prometheus reads: the token made for it, or an administrator's.

    The former needs no database, so that one that is gone can be seen.
    """

    def __init__(self) -> None:
        super().__init__("admin", in_workspace=False)

    async def __call__(  # type: ignore[override] # nobody but FastAPI calls it
        self, request: Request
    ) -> Principal | None:
        """Return the administrator; None for the token made for it.

        Raises:
            UnauthenticatedError, TokenExpiredError, InsufficientScopeError: as above.
        """
        server: Server = request.app.state.server
        wanted = server.settings.metrics_token
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if wanted and kind.lower() == "bearer" and is_same_secret(token.strip(), wanted):
            return None
        return await super().__call__(request)


async def _find_credential(request: Request) -> Credential:
    server: Server = request.app.state.server
    try:
        credential = await _read_credential(request, server)
    except UnauthenticatedError:
        await server.limits.count_request(request)
        raise
    principal = credential.principal
    await server.limits.count_request(request, principal.api_token_id or principal.user_id)
    if principal.api_token_id is not None:
        try:
            await note_use(server.database, credential)
        except TasksteadError:
            # A full disk must not keep anybody from reading their tasks.
            logger.warning("The last use of an API token could not be noted.", exc_info=True)
    return credential


async def _read_credential(request: Request, server: Server) -> Credential:
    token = _get_token(request)
    is_api_token = token.startswith(API_TOKEN_PREFIX)
    credential = await find_credential(
        server.database,
        hash_secret(token),
        is_api_token=is_api_token,
        workspace_id=_get_asked_workspace(request),
    )
    if credential is None:
        raise UnauthenticatedError("This token is unknown or was revoked; log in again.")
    if credential.is_disabled:
        raise UnauthenticatedError(
            "This account is disabled. Contact the administrator of this server."
        )
    if credential.expires_at is not None and credential.expires_at <= get_now():
        raise TokenExpiredError("This token has expired; refresh it or log in again.")
    return credential


def _get_token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if not kind:
        raise UnauthenticatedError(
            "Send a token as `Authorization: Bearer …`; POST /auth/login gives one.", error=None
        )
    if kind.lower() != "bearer" or not token:
        raise UnauthenticatedError(
            "The Authorization header has to be `Bearer` and a token.", error="invalid_request"
        )
    return token.strip()


def _get_asked_workspace(request: Request) -> str | None:
    asked = request.headers.get(WORKSPACE_HEADER)
    if asked is None:
        return None
    try:
        return parse_id(asked)
    except ValueError:
        message = f"The header {WORKSPACE_HEADER} has to be the id of a workspace, a UUID."
        wrong = FieldError(f"header/{WORKSPACE_HEADER}", message, "uuid")
        raise ValidationFailedError(message, errors=[wrong]) from None


def _check_binding(principal: Principal, named: str | None) -> None:
    """Keep a token that is made for one workspace from managing another that the path names."""
    bound = principal.bound_workspace_id
    # An id that is written in another way than ours counts as another one: better refused.
    if bound is None or named is None or named.lower() == bound:
        return
    raise ForbiddenError("This API token is made for another workspace.")


def _check_workspace(principal: Principal, *, writes: bool) -> None:
    if principal.role is None:
        raise NotFoundError("There is no such workspace that you are a member of.")
    _check_binding(principal, principal.workspace_id)
    if writes and principal.role == "viewer":
        raise InsufficientRoleError(
            "You are a viewer in this workspace; an owner can make you an editor."
        )


_READS_TASKS = Authenticate("tasks:read", in_workspace=True)


async def check_reader_again(request: Request) -> None:
    """Check, in a long request, that what a ``TasksReader`` was let in with is still good.

    That counts neither as a request nor as a use of the token. It raises as ``Authenticate`` does.
    """
    credential = await _read_credential(request, request.app.state.server)
    _READS_TASKS.check(request, credential)


async def is_still_allowed_to_read(request: Request) -> bool:
    """Tell whether :func:`check_reader_again` has no objection; also when it cannot be told now."""
    try:
        await check_reader_again(request)
    except TasksteadError as error:
        return error.status >= 500
    return True


TasksReader = Annotated[Principal, Depends(_READS_TASKS)]
TasksWriter = Annotated[Principal, Depends(Authenticate("tasks:write", in_workspace=True))]
TasksPurger = Annotated[Principal, Depends(Authenticate("tasks:purge", in_workspace=True))]
AccountReader = Annotated[Principal, Depends(Authenticate("account:read", in_workspace=False))]
AccountWriter = Annotated[Principal, Depends(Authenticate("account:write", in_workspace=False))]
Administrator = Annotated[Principal, Depends(Authenticate("admin", in_workspace=False))]
Scraper = Annotated[Principal | None, Depends(AuthenticateScraper())]
