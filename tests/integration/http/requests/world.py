"""Users, workspaces and tokens for the authorisation table."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, update

from taskstead.db.database import Database
from taskstead.domain.principal import SCOPES
from taskstead.ids import hash_secret
from taskstead.tables.tokens import access_tokens
from tests.harness.client import Client

# These routes end sessions, so each principal uses a separate session for them.
ENDS_SESSIONS = ("/auth/logout", "/auth/password", "/auth/sessions/end-others")
# This route deletes the token of the request.
ENDS_TOKENS = ("DELETE", "/api/v1/tokens/current")
EVERYBODY = {"owner", "editor", "viewer", "stranger", "admin"}
_PERSONAL = [scope for scope in SCOPES if scope != "admin"]


@dataclass(frozen=True)
class Row:
    """A row of the table: method and path, the required scope, the status for each principal."""

    method: str
    path: str
    scope: str
    statuses: dict[str, int]


@dataclass
class World:
    """Users with their roles in one shared workspace, and another workspace of the owner."""

    users: dict[str, Client]
    anonymous: Client
    expired: Client
    bound: Client
    shared: str
    other: str
    database: Database

    async def get_client(self, column: str, row: Row) -> Client:
        """Return the client that a column stands for."""
        if column == "unscoped":
            maker = "admin" if row.scope == "admin" else "owner"
            allowed = [name for name in SCOPES if maker == "admin" or name != "admin"]
            scopes = [name for name in allowed if name != row.scope]
            client = self.users[maker]
            if row.path in ENDS_SESSIONS:
                # An earlier row may have ended the session of the maker.
                client = await self.anonymous.log_in(f"{maker}@example.com")
            return await make_token(client, scopes=scopes)
        if column == "expired" and row.path in ENDS_SESSIONS:
            return await make_expired(self.anonymous, self.database)
        if column == "bound" and (row.method, row.path) == ENDS_TOKENS:
            return await self.make_bound_token()
        special = {"nobody": self.anonymous, "expired": self.expired, "bound": self.bound}
        if column in special:
            return special[column]
        user = "owner" if column == "elsewhere" else column
        if row.path in ENDS_SESSIONS:
            return await self.anonymous.log_in(f"{user}@example.com")
        return self.users[user]

    async def make_bound_token(self) -> Client:
        """Return a client with a new token of the owner for the other workspace."""
        return await make_token(self.users["owner"], scopes=_PERSONAL, workspace_id=self.other)


async def make_token(client: Client, **fields: Any) -> Client:
    answer = await client.post("/api/v1/tokens", {"name": "made by a test", **fields})
    assert answer.status_code == 201, answer.text
    return client.with_token(answer.json()["token"])


async def make_expired(client: Client, database: Database) -> Client:
    """Return a client with a new access token of the owner that has expired."""
    expired = await client.log_in("owner@example.com")
    token = expired.headers["Authorization"].removeprefix("Bearer ")
    async with database.transaction() as transaction:
        yesterday = update(access_tokens).where(access_tokens.c.token_hash == bindparam("hash"))
        await transaction.execute(
            yesterday.values(expires_at=bindparam("at")),
            {"hash": hash_secret(token), "at": datetime(2020, 1, 1, tzinfo=UTC)},
        )
    return expired


async def build_world(client: Client, database: Database) -> World:
    users = {"admin": await client.register("admin@example.com")}
    for name in sorted(EVERYBODY - {"admin"}):
        users[name] = await client.register(f"{name}@example.com")
    owner = users["owner"]
    shared, other = [
        (await owner.post("/api/v1/workspaces", {"name": name})).json()["id"]
        for name in ("Shared", "Other")
    ]
    for role in ("editor", "viewer"):
        member = {"email": f"{role}@example.com", "role": role}
        assert (await owner.post(f"/api/v1/workspaces/{shared}/members", member)).is_success
    expired = await make_expired(client, database)
    bound = await make_token(owner, scopes=_PERSONAL, workspace_id=other)
    return World(users, client, expired, bound, shared, other, database)
