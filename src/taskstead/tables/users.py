"""Tables of users, their credentials and preferences, and invitations to register."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text, false

from taskstead.db.sql.types import Hash, Id, Instant
from taskstead.tables.metadata import metadata

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    # Normalised and in lower case, so that an address has at most one account.
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("language", String(10), nullable=False, server_default="en"),
    # The order of day and month in dates with slashes: dmy, mdy or none.
    Column("date_order", String(4), nullable=False, server_default="none"),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("personal_workspace_id", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

credentials = Table(
    "credentials",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    # For kind "password": an Argon2id hash in PHC string format.
    Column("secret", String(500), nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# Settings of the clients, which follow the user.
preferences = Table(
    "preferences",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    # A JSON object as text. No query reads its content, and PostgreSQL's jsonb would reject U+0000
    # and reorder the keys.
    Column("content", Text, nullable=False),
    # Incremented by each change.
    Column("revision", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", Hash, nullable=False, unique=True),
    Column("email", String(254)),
    Column("created_by", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Id),
    Index(None, "created_by"),
)


class UserRow(TypedDict):
    """A row of the table of users."""

    id: str
    email: str
    name: str
    time_zone: str
    language: str
    date_order: str
    is_admin: bool
    personal_workspace_id: str
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None


class PreferencesRow(TypedDict):
    """The preferences of a user. Without a stored row, they are ``{}`` at revision 0."""

    content: str
    revision: int


class InvitationRow(TypedDict):
    """A row of the table of invitations."""

    id: str
    token_hash: bytes
    email: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None
