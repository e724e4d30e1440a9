"""Secrets appear in no log at any level, and in the database only as hashes."""

import logging

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import select

from taskstead.db.database import Database
from taskstead.tables.metadata import metadata
from tests.harness.client import PASSWORD, Client
from tests.harness.untyped import untyped

WRONG = "a wrong and long secret"
NEW = "quite another long secret"


async def use_secrets(app: FastAPI, client: Client) -> list[str]:
    """Send requests with secrets, valid and invalid ones. Return the secrets."""

    async def fail(request: Request) -> None:
        raise RuntimeError(f"a fault of {request.method}")

    app.add_api_route("/test/fail", fail, methods=["POST"])
    ann = await client.register("ann@example.com")
    session = await client.log_in("ann@example.com")
    wrong = {"email": "ann@example.com", "password": WRONG}
    assert (await client.post("/auth/login", wrong)).status_code == 401
    assert (await client.post("/auth/login", {**wrong, "extra": WRONG})).status_code == 422
    form = {"username": "ann@example.com", "password": PASSWORD}
    token = (await client.request("POST", "/auth/token", data=form)).json()
    refresh = {"refresh_token": session.refresh_token}
    pair = (await client.post("/auth/refresh", refresh)).json()
    newest = {"refresh_token": pair["refresh_token"]}
    newer_pair = (await client.post("/auth/refresh", newest)).json()
    assert (await client.post("/auth/refresh", refresh)).status_code == 401
    scopes = ["tasks:read", "account:read"]
    made = (await ann.post("/api/v1/tokens", {"name": "x", "scopes": scopes})).json()["token"]
    invited = (await ann.post("/api/v1/invitations", {})).json()["token"]
    for bearer in (ann, ann.with_token(made), ann.with_token(f"{made}x")):
        await bearer.get("/items")
        await bearer.get(f"/api/v1/tokens/{made}", params={"token": made})
        await bearer.get(f"/auth/login?password={PASSWORD}&token={invited}")
        await bearer.get(f"/a/token={made}/{invited}")
        await bearer.post("/test/fail", {"password": PASSWORD, "token": made})
    app_headers = {"Taskstead-Client": "web"}
    login = {"email": "ann@example.com", "password": PASSWORD}
    signed_in = await client.post("/auth/session", login, headers=app_headers)
    cookie = signed_in.cookies["taskstead"]
    assert (await client.get("/auth/me", headers=app_headers)).status_code == 200
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert (await ann.post("/auth/password", change)).status_code == 204
    access = ann.headers["Authorization"].removeprefix("Bearer ")
    given = (*token.values(), *pair.values(), *newer_pair.values())
    tokens = [value for value in given if str(value).startswith("ts")]
    return [PASSWORD, WRONG, NEW, cookie, access, made, invited, session.refresh_token, *tokens]


async def test_no_log_at_any_level_contains_a_secret(
    app: FastAPI, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = await use_secrets(app, client)
    assert len(secrets) >= 12
    assert "a fault of POST" in caplog.text
    for record in caplog.records:
        if record.name.startswith("httpx2"):
            continue  # the test client's own log, with the requested URLs
        everything = f"{record.getMessage()} {vars(record)} {record.exc_text}"
        assert not any(secret in everything for secret in secrets), record


async def test_no_secret_is_stored_in_clear_text(
    app: FastAPI, client: Client, database: Database
) -> None:
    secrets = await use_secrets(app, client)
    for table in metadata.sorted_tables:
        for row in await database.fetch_all(untyped(select(table)), {}):
            assert not any(secret in repr(row) for secret in secrets), table.name
