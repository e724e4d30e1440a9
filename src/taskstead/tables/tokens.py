"""Sessions with their access and refresh tokens, and API tokens. Only SHA-256 hashes are kept."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from taskstead.db.types import Hash, Id, Instant, Json
from taskstead.tables.metadata import metadata

# A session is one login; all tokens that descend from it are a family and end with it.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "user_id"),
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
    # Set at the first use. A repeat within the grace period returns the same successor; a later one
    # ends the whole session.
    Column("used_at", Instant),
    # Random key from which the successor is derived; null before the first use, and again as soon
    # as the successor has been used.
    Column("successor_key", LargeBinary),
    Index(None, "session_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # Set: the token acts in this workspace and in no other.
    Column("workspace_id", Id),
    Column("name", String(200), nullable=False),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Index(None, "user_id", "id"),
)
