"""The principal of a request or job: the user, the scopes, the workspace and the role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# The prefix lets secret scanners detect a leaked token. It also determines the table of the token.
API_TOKEN_PREFIX = "tsk_"  # noqa: S105 - no secret
ACCESS_TOKEN_PREFIX = "tsa_"  # noqa: S105 - no secret
REFRESH_TOKEN_PREFIX = "tsr_"  # noqa: S105 - no secret
COOKIE_PREFIX = "tsc_"

SCOPES = {
    "tasks:read": "Read tasks, categories, tags and saved filters",
    "tasks:write": "Change tasks, categories, tags and saved filters, and move them to the trash",
    "tasks:purge": "Delete tasks permanently",
    "account:read": "Read the account, its workspaces and its API tokens",
    "account:write": "Change the account, its workspaces and its API tokens",
    "admin": "Administer the server; for administrators only",
}
ALL_SCOPES = frozenset(SCOPES)
PERSONAL_SCOPES = ALL_SCOPES - {"admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The user that a request or job acts for, with credential, scopes, workspace and role.

    Attributes:
        session_id: the session of the access token or cookie; None for API tokens, jobs and the
            command line.
        api_token_id: the API token; None for sessions, jobs and the command line.
        job_credential_id: the session or API token of the request that enqueued the job; None if
            the principal is not that of a job.
        bound_workspace_id: the workspace that the API token is restricted to; None if it is not
            restricted.
        api_token_expires_at: expiry of the API token; None without a token or an expiry.
        workspace_id: the workspace of the request. If the request does not specify one, it is the
            API token's, or else the user's personal workspace.
        role: owner, editor or viewer in that workspace. None if the workspace does not exist or is
            in the trash, or the user is not a member.
        revision: the workspace's revision when the principal was read; None if the role is None.
    """

    user_id: str
    email: str
    name: str
    time_zone: str
    is_admin: bool
    personal_workspace_id: str
    scopes: frozenset[str]
    session_id: str | None
    api_token_id: str | None
    job_credential_id: str | None
    bound_workspace_id: str | None
    api_token_expires_at: datetime | None
    workspace_id: str
    role: str | None
    revision: int | None

    @property
    def credential_id(self) -> str | None:
        """Id of the session or API token that is recorded in logs; None for the command line."""
        return self.session_id or self.api_token_id or self.job_credential_id


CredentialKind = Literal["access_token", "api_token", "cookie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """The principal of a token or cookie, and the values that decide whether it is valid.

    Attributes:
        last_used_at: the last recorded use of the API token or session.
        session_started_at: the start of the session of a cookie; None for tokens.
    """

    principal: Principal
    is_disabled: bool
    expires_at: datetime | None
    last_used_at: datetime | None
    session_started_at: datetime | None
