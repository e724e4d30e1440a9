"""Access rules: which tokens and cookies are valid, and what their principals may do.

:func:`authenticate` resolves a token or cookie, and :func:`check_access` decides whether its
principal may use an operation. All faces that accept tokens use them. Jobs use
``services/job_auth.py``.
"""

from datetime import datetime

from taskstead.db.database import Reader
from taskstead.domain.principal import API_TOKEN_PREFIX, Credential, CredentialKind, Principal
from taskstead.errors import (
    ForbiddenError,
    InsufficientRoleError,
    InsufficientScopeError,
    NotFoundError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.ids import hash_secret
from taskstead.queries.accounts.principals import find_credential

# The scopes with which a viewer may act in a workspace.
_VIEWER_SCOPES = ("tasks:read",)


async def authenticate(
    reader: Reader,
    token: str,
    *,
    workspace_id: str | None,
    now: datetime,
    is_cookie: bool = False,
) -> Credential:
    """Return the credential of an access token, an API token or a cookie.

    Args:
        reader: the database connection to read from.
        token: the token, or the value of the cookie, that the client sent.
        workspace_id: the workspace that the client specified, if any.
        now: the current time.
        is_cookie: whether ``token`` is the value of a cookie. A cookie is not accepted as a token,
            and a token is not accepted as a cookie.

    Raises:
        UnauthenticatedError: the token is unknown or revoked, the session has ended, or the account
            is disabled.
        TokenExpiredError: the token or the session has expired.
    """
    credential = await find_credential(
        reader, hash_secret(token), _get_kind(token, is_cookie=is_cookie), workspace_id=workspace_id
    )
    if credential is None:
        raise UnauthenticatedError(
            "The session has ended. Log in again."
            if is_cookie
            else "The token is unknown or was revoked. Log in again."
        )
    if credential.is_disabled:
        raise UnauthenticatedError(
            "This account is disabled. Contact the administrator of this server."
        )
    if credential.expires_at is not None and credential.expires_at <= now:
        raise TokenExpiredError(
            "The session has expired. Log in again."
            if is_cookie
            else "The token has expired. Refresh it or log in again."
        )
    return credential


def _get_kind(token: str, *, is_cookie: bool) -> CredentialKind:
    if is_cookie:
        return "cookie"
    return "api_token" if token.startswith(API_TOKEN_PREFIX) else "access_token"


def check_access(
    principal: Principal, scope: str, *, in_workspace: bool, target_workspace_id: str | None = None
) -> None:
    """Check that the principal may use an operation.

    Args:
        principal: the user, with the scopes of the credential and the role in the workspace.
        scope: the scope that the operation requires.
        in_workspace: whether the operation acts in the principal's workspace. The user must then
            be a member, and for a scope that writes, an editor or owner.
        target_workspace_id: the workspace that the operation itself names, if any.

    Raises:
        InsufficientScopeError: the credential lacks the scope.
        ForbiddenError: the API token is limited to another workspace.
        NotFoundError: the workspace does not exist or the user is not a member.
        InsufficientRoleError: the user is a viewer and the scope writes.
    """
    if scope not in principal.scopes:
        raise InsufficientScopeError(scope)
    if target_workspace_id is not None:
        _check_binding(principal, target_workspace_id)
    if not in_workspace:
        return
    if principal.role is None:
        raise NotFoundError("The workspace does not exist or you are not a member.")
    _check_binding(principal, principal.workspace_id)
    if principal.role == "viewer" and scope not in _VIEWER_SCOPES:
        raise InsufficientRoleError(
            "You are a viewer in this workspace. An owner can make you an editor."
        )


def _check_binding(principal: Principal, workspace_id: str) -> None:
    """Reject an API token that is limited to another workspace."""
    bound_workspace_id = principal.bound_workspace_id
    # An id in another notation, for example without hyphens, counts as another workspace. The
    # operation is then rejected, which is the safe choice.
    if bound_workspace_id is not None and workspace_id.lower() != bound_workspace_id:
        raise ForbiddenError(
            "This API token is limited to another workspace. Use a token for this workspace."
        )


def require_session(principal: Principal) -> None:
    """Check that the user is logged in. Exporting or deleting an account needs a session.

    Raises:
        ForbiddenError: the principal has no session. Its credential is an API token, or it belongs
            to a job or the command line.
    """
    if principal.session_id is None:
        raise ForbiddenError("An API token cannot do this. Log in with your password.")
