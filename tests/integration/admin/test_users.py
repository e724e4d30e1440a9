"""Administration API: user accounts."""

import asyncio
from typing import Any

import pytest

from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem

USERS = "/api/v1/admin/users"


@pytest.fixture
async def ann(owner: Client, client: Client) -> Client:
    """A user who is not an administrator."""
    del owner
    return await client.register("ann@example.com", name="Ann 100%")


async def get_me(client: Client) -> dict[str, Any]:
    me: dict[str, Any] = (await client.get("/auth/me")).json()
    return me


@pytest.mark.usefixtures("ann")
async def test_users_are_listed_in_pages(owner: Client, client: Client) -> None:
    await client.register("zoe@example.com")
    first = (await owner.get(f"{USERS}?limit=2")).json()
    assert [user["email"] for user in first["items"]] == ["owner@example.com", "ann@example.com"]
    rest = (await owner.get(f"{USERS}?limit=2&cursor={first['next_cursor']}")).json()
    assert [user["email"] for user in rest["items"]] == ["zoe@example.com"]
    assert rest["next_cursor"] is None
    other_search = await owner.get(USERS, params={"q": "x", "cursor": first["next_cursor"]})
    check_problem(other_search, 422, "validation_failed", "query/cursor")


@pytest.mark.usefixtures("ann")
async def test_users_are_searched(owner: Client, client: Client) -> None:
    await client.register("zoe@example.com")
    for text, count in (("ANN", 1), ("example.com", 3), ("0%", 1), ("%", 1), ("_", 0), ("/", 0)):
        found = await owner.get(USERS, params={"q": text})
        assert len(found.json()["items"]) == count, text


async def test_user_is_shown(owner: Client, ann: Client) -> None:
    one = (await owner.get(f"{USERS}/{(await get_me(ann))['id']}")).json()
    assert (one["email"], one["is_admin"], one["disabled_at"]) == ("ann@example.com", False, None)
    check_problem(await owner.get(f"{USERS}/{'0' * 32}"), 404, "not_found")


async def test_disabled_user_is_rejected_at_the_next_request(
    owner: Client, ann: Client, client: Client
) -> None:
    path = f"{USERS}/{(await get_me(ann))['id']}"
    made = await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})
    by_token = ann.with_token(made.json()["token"])
    disabled = await owner.patch(path, {"disabled": True})
    assert disabled.json()["disabled_at"] is not None
    check_problem(await ann.get("/auth/me"), 401, "unauthenticated")
    check_problem(await by_token.get("/auth/me"), 401, "unauthenticated")
    login = {"email": "ann@example.com", "password": PASSWORD}
    check_problem(await client.post("/auth/login", login), 403, "forbidden")
    again = await owner.patch(path, {"disabled": True})
    assert again.json()["disabled_at"] == disabled.json()["disabled_at"]
    assert (await owner.patch(path, {"disabled": False})).json()["disabled_at"] is None
    assert (await by_token.get("/auth/me")).status_code == 200, (
        "the user's API tokens are valid again"
    )
    check_problem(await ann.get("/auth/me"), 401, "unauthenticated")
    await client.log_in("ann@example.com")


async def test_user_gains_and_loses_administrator_role(owner: Client, ann: Client) -> None:
    path = f"{USERS}/{(await get_me(ann))['id']}"
    check_problem(await ann.get(USERS), 403, "insufficient_scope")
    assert (await owner.patch(path, {"is_admin": True})).json()["is_admin"]
    assert (await ann.get(USERS)).status_code == 200
    assert not (await ann.patch(path, {"is_admin": False})).json()["is_admin"]
    check_problem(await ann.get(USERS), 403, "insufficient_scope")


async def test_administrator_cannot_change_the_name_of_a_user(owner: Client, ann: Client) -> None:
    path = f"{USERS}/{(await get_me(ann))['id']}"
    check_problem(await owner.patch(path, {"name": "x"}), 422, "validation_failed", "/name")
    assert (await owner.patch(path, {})).status_code == 200


async def test_last_administrator_cannot_be_removed(owner: Client) -> None:
    path = f"{USERS}/{(await get_me(owner))['id']}"
    for change in ({"disabled": True}, {"is_admin": False}):
        check_problem(await owner.patch(path, change), 409, "last_administrator")


async def test_two_administrators_cannot_demote_each_other(owner: Client, ann: Client) -> None:
    own, other = [f"{USERS}/{(await get_me(client))['id']}" for client in (owner, ann)]
    await owner.patch(other, {"is_admin": True})
    # The requests are concurrent. The second one finds a user who is not an administrator.
    answers = await asyncio.gather(
        owner.patch(other, {"is_admin": False}), ann.patch(own, {"is_admin": False})
    )
    assert [answer.is_success for answer in answers].count(True) == 1, answers


async def test_disabled_administrator_does_not_count(owner: Client, ann: Client) -> None:
    own, other = [f"{USERS}/{(await get_me(client))['id']}" for client in (owner, ann)]
    await owner.patch(other, {"is_admin": True, "disabled": True})
    check_problem(await owner.patch(own, {"is_admin": False}), 409, "last_administrator")


async def test_user_is_signed_out_of_all_sessions(
    owner: Client, ann: Client, client: Client
) -> None:
    made = await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})
    clients = [ann, ann.with_token(made.json()["token"]), await client.log_in("ann@example.com")]
    user_id = (await get_me(ann))["id"]
    assert (await owner.post(f"{USERS}/{user_id}/sign-out")).status_code == 204
    for one in clients:
        check_problem(await one.get("/auth/me"), 401, "unauthenticated")
    assert (await owner.get("/auth/me")).status_code == 200
    await client.log_in("ann@example.com")
    check_problem(await owner.post(f"{USERS}/{'0' * 32}/sign-out"), 404, "not_found")


async def test_registration_mode_is_shown(owner: Client) -> None:
    answer = await owner.get("/api/v1/admin/registration")
    assert answer.json() == {"registration": "open", "invitation_days": 7}
