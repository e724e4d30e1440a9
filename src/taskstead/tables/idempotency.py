"""Answers kept by Idempotency-Key, written in the transaction of the write they answer."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table

from taskstead.db.types import Hash, Id, Instant, Json
from taskstead.tables.metadata import metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Id, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", Hash, nullable=False),
    Column("status", SmallInteger),
    Column("headers", Json),
    Column("body", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_idempotency_keys_expires", "expires_at"),
)
