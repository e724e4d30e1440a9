"""Answers kept by Idempotency-Key, written in the transaction of the write they answer."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table

from taskstead.db.types import Hash, Id, Instant, Json
from taskstead.tables.metadata import metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    # SHA-256 of the workspace, the user and the key.
    Column("key_hash", Hash, primary_key=True),
    # SHA-256 of all that makes two requests the same.
    Column("fingerprint", Hash, nullable=False),
    Column("status", SmallInteger, nullable=False),
    # Pairs of name and value.
    Column("headers", Json, nullable=False),
    # Empty for an answer without one, None for one that must not be kept.
    Column("body", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_idempotency_keys_expires", "expires_at"),
)
