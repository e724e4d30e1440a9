"""Accounts: registration, login, passwords and profiles."""

from collections.abc import Iterator
from typing import Any

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.services.accounts.accounts import set_disabled
from tests.harness.client import PASSWORD, Client
from tests.harness.hashing import HashingMonitor, watching_argon2
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

pytestmark = pytest.mark.balanced


async def test_registration_returns_a_token_pair(client: Client) -> None:
    answer = await client.post("/auth/register", {"email": "ann@example.com", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    pair = answer.json()
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 30 * 60)
    ann = client.with_token(pair["access_token"])
    assert (await ann.get("/auth/me")).json()["email"] == "ann@example.com"


async def test_registration_creates_a_personal_workspace(client: Client) -> None:
    ann = await client.register("ann@example.com")
    me = (await ann.get("/auth/me")).json()
    assert (me["email"], me["name"], me["time_zone"]) == ("ann@example.com", "ann", "Etc/UTC")
    (workspace,) = (await ann.get("/api/v1/workspaces")).json()["items"]
    assert workspace["id"] == me["personal_workspace_id"]
    assert (workspace["personal"], workspace["role"]) == (True, "owner")
    assert (await ann.create_task())["number"] == 1


async def test_only_the_first_account_is_administrator(client: Client) -> None:
    for email, is_admin in (("first@example.com", True), ("second@example.com", False)):
        user = await client.register(email)
        assert (await user.get("/auth/me")).json()["is_admin"] is is_admin


async def test_email_address_is_unique_in_any_spelling(client: Client) -> None:
    for first, *others in (
        ("ann@example.com", "Ann@Example.COM", "  ann@example.com ", "ann@EXAMPLE.com"),
        ("jürgen@bücher.example", "JU\u0308RGEN@Bücher.example", "jürgen@xn--bcher-kva.example"),
    ):
        user = await client.register(first)
        for given in others:
            again = await client.post("/auth/register", {"email": given, "password": PASSWORD})
            check_problem(again, 409, "name_taken", "/email")
            same = await client.log_in(given)
            assert (await same.get("/auth/me")).json() == (await user.get("/auth/me")).json()


INVALID_ADDRESSES = ("ann", "a@b\x00.c")


async def test_registration_rejects_invalid_addresses(client: Client) -> None:
    for email in INVALID_ADDRESSES:
        answer = await client.post("/auth/register", {"email": email, "password": PASSWORD})
        check_problem(answer, 422, "validation_failed", "/email")


async def test_login_with_an_invalid_address_fails(client: Client) -> None:
    for email in INVALID_ADDRESSES:
        login = await client.post("/auth/login", {"email": email, "password": PASSWORD})
        check_problem(login, 401, "login_failed")


async def test_addresses_in_local_domains_are_accepted(client: Client) -> None:
    for email in ("admin@nas.local", "me@localhost"):
        mine = await client.register(email)
        assert (await mine.get("/auth/me")).json()["email"] == email
        await client.log_in(email.upper())


async def test_weak_passwords_are_rejected(client: Client) -> None:
    common = ("password123", "PASSWORD123", "1234567890", "qwertyuiop", "aaaaaaaaaa")
    for password in ("k8!xq7-9z", "x9!" * 86, "Ann-Lee@Example.com", *common):
        body = {"email": "ann-lee@example.com", "password": password}
        answer = await client.post("/auth/register", body)
        check_problem(answer, 422, "validation_failed", "/password")
        assert password not in answer.text


async def test_password_with_any_characters_counts_in_full(client: Client) -> None:
    for number, password in enumerate(
        ("xq7-9!kLmz", "k8 " * 85 + "z", "пароль-из-леса", "🔐🗝🚪🪟🧱🪵🪨🧊🔥💧", " spaces around ")
    ):
        email = f"user{number}@example.com"
        answer = await client.post("/auth/register", {"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        await client.log_in(email, password)
        shorter = await client.post("/auth/login", {"email": email, "password": password[:-1]})
        check_problem(shorter, 401, "login_failed")


async def test_unknown_address_and_wrong_password_get_the_same_error(client: Client) -> None:
    await client.register("ann@example.com")
    answers = []
    for email in ("ann@example.com", "nobody@example.com", "not an address"):
        for path, options in (
            ("/auth/login", {"json": {"email": email, "password": "wrong wrong"}}),
            ("/auth/token", {"data": {"username": email, "password": "wrong wrong"}}),
        ):
            answer = await client.request("POST", path, **options)
            problem = check_problem(answer, 401, "login_failed")
            assert "WWW-Authenticate" in answer.headers
            answers.append({k: problem[k] for k in problem if k not in ("request_id", "timestamp")})
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.in_process  # the test observes this process
class TestPasswordHashing:
    """Argon2 calls are observed. They take nearly all of a login's time."""

    @pytest.fixture
    def hashing(self) -> Iterator[HashingMonitor]:
        with watching_argon2() as hashing:
            yield hashing

    @pytest.fixture
    def settings(self, hashing: HashingMonitor, database_url: str) -> Settings:
        """The usual settings. Observation begins before any thread of the application starts."""
        del hashing
        return make_settings(database_url)

    async def test_unknown_address_and_wrong_password_hash_alike(
        self, client: Client, hashing: HashingMonitor
    ) -> None:
        await client.register("ann@example.com")
        ((_, cost),) = hashing.runs
        for email in ("ann@example.com", "nobody@example.com", "not an address") * 2:
            hashing.begin()
            await client.post("/auth/login", {"email": email, "password": "wrong wrong"})
            assert [spent for _, spent in hashing.runs] == [cost], email


async def test_form_login_equals_json_login(client: Client) -> None:
    await client.register("ann@example.com")
    form = {"grant_type": "password", "username": "Ann@example.com", "password": PASSWORD}
    answer = await client.request("POST", "/auth/token", data={**form, "scope": "tasks:read"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    ann = client.with_token(answer.json()["access_token"])
    assert (await ann.get("/auth/me")).json()["email"] == "ann@example.com"


async def test_form_login_rejects_other_grant_types(client: Client) -> None:
    await client.register("ann@example.com")
    form = {"username": "Ann@example.com", "password": PASSWORD}
    other_grant = {**form, "grant_type": "client_credentials"}
    refused = await client.request("POST", "/auth/token", data=other_grant)
    check_problem(refused, 422, "validation_failed", "/grant_type")


async def test_profile_update_changes_only_given_fields(client: Client) -> None:
    ann = await client.register("ann@example.com", name=" Ann  Lee ", time_zone="Europe/Berlin")
    before = (await ann.get("/auth/me")).json()
    assert (before["name"], before["time_zone"]) == ("Ann  Lee", "Europe/Berlin")
    after = (await ann.patch("/auth/me", {"time_zone": "Asia/Tokyo"})).json()
    assert after == {**before, "time_zone": "Asia/Tokyo", "updated_at": after["updated_at"]}
    assert (await ann.get("/auth/me")).json() == after


async def test_profile_has_the_language_and_order_of_dates(client: Client) -> None:
    ann = await client.register("ann@example.com")
    before = (await ann.get("/auth/me")).json()
    assert (before["language"], before["date_order"]) == ("en", "none")
    after = (await ann.patch("/auth/me", {"language": "de", "date_order": "dmy"})).json()
    assert (after["language"], after["date_order"]) == ("de", "dmy")
    assert (await ann.get("/auth/me")).json() == after


async def test_profile_update_rejects_invalid_fields(client: Client) -> None:
    ann = await client.register("ann@example.com")
    me = (await ann.get("/auth/me")).json()
    for body, pointer in (
        ({"time_zone": "Nowhere/Else"}, "/time_zone"),
        ({"time_zone": "localtime"}, "/time_zone"),
        ({"language": "tlh"}, "/language"),
        ({"language": "../en"}, "/language"),
        ({"date_order": "ymd"}, "/date_order"),
        ({"name": None}, "/name"),
        ({"name": " "}, "/name"),
        ({"is_admin": True}, "/is_admin"),
        ({"id": me["id"]}, "/id"),
    ):
        check_problem(await ann.patch("/auth/me", body), 422, "validation_failed", pointer)


async def test_change_of_the_address_requires_the_password(client: Client) -> None:
    ann = await client.register("ann@example.com")
    for given in ({}, {"current_password": "wrong wrong"}):
        refused = await ann.patch("/auth/me", {"email": "new@example.com", **given})
        check_problem(refused, 422, "validation_failed", "/current_password")


async def test_change_to_a_taken_address_is_rejected(client: Client) -> None:
    ann = await client.register("ann@example.com")
    await client.register("taken@example.com")
    body = {"email": "Taken@example.com", "current_password": PASSWORD}
    check_problem(await ann.patch("/auth/me", body), 409, "name_taken", "/email")


async def test_new_address_is_used_for_login(client: Client) -> None:
    ann = await client.register("ann@example.com")
    body = {"email": "New@example.com", "current_password": PASSWORD}
    changed = await ann.patch("/auth/me", body)
    assert changed.json()["email"] == "new@example.com"
    await client.log_in("new@example.com")
    old = await client.post("/auth/login", {"email": "ann@example.com", "password": PASSWORD})
    check_problem(old, 401, "login_failed")


async def test_rejected_new_password_ends_no_session(client: Client) -> None:
    here = await client.register("ann@example.com")
    there = await client.log_in("ann@example.com")
    new: dict[str, Any] = {"current_password": PASSWORD, "new_password": "another long secret"}
    for body, pointer in (
        ({**new, "current_password": "wrong wrong"}, "/current_password"),
        ({**new, "new_password": "password123"}, "/new_password"),
        ({**new, "new_password": "short"}, "/new_password"),
    ):
        check_problem(await here.post("/auth/password", body), 422, "validation_failed", pointer)
    assert (await there.get("/auth/me")).status_code == 200


async def test_new_password_ends_other_sessions_but_no_api_tokens(client: Client) -> None:
    here = await client.register("ann@example.com")
    there = await client.log_in("ann@example.com")
    token = (await here.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})).json()
    program = here.with_token(token["token"])
    assert (await there.get("/auth/me")).status_code == 200
    new = {"current_password": PASSWORD, "new_password": "another long secret"}
    assert (await here.post("/auth/password", new)).status_code == 204
    assert (await here.get("/auth/me")).status_code == 200
    assert (await program.get("/auth/me")).status_code == 200
    check_problem(await there.get("/auth/me"), 401, "unauthenticated")
    refresh = await client.post("/auth/refresh", {"refresh_token": there.refresh_token})
    check_problem(refresh, 401, "unauthenticated")
    old = await client.post("/auth/login", {"email": "ann@example.com", "password": PASSWORD})
    check_problem(old, 401, "login_failed")
    await client.log_in("ann@example.com", "another long secret")


async def test_disabled_account_is_rejected_until_it_is_enabled(
    client: Client, server: Server, database: Database
) -> None:
    await client.register("admin@example.com")
    ann = await client.register("ann@example.com")
    made = await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})
    program = ann.with_token(made.json()["token"])
    await set_disabled(database, email="ann@example.com", disabled=True, now=server.clock())
    for one in (ann, program):
        check_problem(await one.get("/auth/me"), 401, "unauthenticated")
    refresh = await client.post("/auth/refresh", {"refresh_token": ann.refresh_token})
    assert refresh.status_code == 401
    login = {"email": "ann@example.com", "password": PASSWORD}
    check_problem(await client.post("/auth/login", login), 403, "forbidden")
    # A client without the password learns nothing about the account.
    guess = await client.post("/auth/login", {**login, "password": "wrong wrong"})
    check_problem(guess, 401, "login_failed")
    await set_disabled(database, email="ann@example.com", disabled=False, now=server.clock())
    assert (await program.get("/auth/me")).status_code == 200
    await client.log_in("ann@example.com")
