"""Tables of sessions, access tokens, refresh tokens and API tokens.

Tokens are stored as SHA-256 hashes.
"""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from taskstead.db.sql.types import Hash, Id, Instant, Json
from taskstead.tables.metadata import metadata

# A session begins with a login. Its access and refresh tokens are deleted with it. A session of the
# web app has a cookie and no tokens.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    # Null for a session with tokens.
    Column("cookie_hash", Hash),
    # How the user logged in.
    Column("method", String(20), nullable=False, server_default="password"),
    # The client and its IP address at the login. Null if unknown.
    Column("client", String(100)),
    Column("address", String(64)),
    # Null for a session that was not used since the column exists.
    Column("last_used_at", Instant),
    Index(None, "user_id"),
    Index("ix_sessions_cookie_hash", "cookie_hash", unique=True),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Id, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "session_id"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", Hash, primary_key=True),
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Id, nullable=False),
    Column("expires_at", Instant, nullable=False),
    # Time of the first use. A repeated use within the grace period returns the same successor
    # token. A later use ends the session.
    Column("used_at", Instant),
    # Random key from which the successor token is derived. Null before the first use, and again
    # after the first use of the successor token.
    Column("successor_key", LargeBinary),
    Index(None, "session_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # If set, the token is restricted to this workspace.
    Column("workspace_id", Id),
    Column("name", String(200), nullable=False),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Index(None, "user_id", "id"),
)


class SessionRow(TypedDict):
    """A session, without the hash of its cookie."""

    id: str
    created_at: datetime
    expires_at: datetime
    has_cookie: bool
    method: str
    client: str | None
    address: str | None
    last_used_at: datetime | None


class RefreshTokenRow(TypedDict):
    """A row of the table of refresh tokens."""

    token_hash: bytes
    session_id: str
    user_id: str
    expires_at: datetime
    used_at: datetime | None
    successor_key: bytes | None


class ApiTokenRow(TypedDict):
    """A row of the table of API tokens."""

    id: str
    user_id: str
    workspace_id: str | None
    name: str
    token_hash: bytes
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
