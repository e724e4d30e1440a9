"""Table of responses stored by ``Idempotency-Key``.

A row is written in the same transaction as the changes of the request.
"""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table

from taskstead.db.sql.types import Hash, Id, Instant, Json
from taskstead.tables.metadata import metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    # SHA-256 of the workspace, the user and the key.
    Column("key_hash", Hash, primary_key=True),
    # SHA-256 of the request. A request with the same key and another fingerprint is rejected.
    Column("fingerprint", Hash, nullable=False),
    Column("status", SmallInteger, nullable=False),
    # Response headers as [name, value] pairs.
    Column("headers", Json, nullable=False),
    # Empty for a response without a body. Null if the body must not be stored, such as one with
    # a secret.
    Column("body", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_idempotency_keys_expires", "expires_at"),
)
