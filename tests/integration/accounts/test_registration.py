"""Registration: open, closed, by invitation, or with a setup token."""

import asyncio
from datetime import datetime, timedelta

import pytest

from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from taskstead.services.accounts.accounts import create_account
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

NEW = {"email": "new@example.com", "password": PASSWORD}


async def log_in_as_admin(client: Client, server: Server) -> Client:
    """Create an account as the command line does in any mode. Log in to it."""
    email = "admin@example.com"
    await create_account(
        server.database, server.passwords, email=email, password=PASSWORD, clock=server.clock
    )
    return await client.log_in(email)


class TestOpen:
    """Registration is open to everybody."""

    async def test_one_of_many_concurrent_first_accounts_is_administrator(
        self, client: Client
    ) -> None:
        emails = [f"user{number}@example.com" for number in range(5)]
        users = await asyncio.gather(*[client.register(email) for email in emails])
        accounts = [(await user.get("/auth/me")).json() for user in users]
        assert [account["is_admin"] for account in accounts].count(True) == 1

    async def test_concurrent_registrations_of_one_address_create_one(self, client: Client) -> None:
        answers = await asyncio.gather(*[client.post("/auth/register", NEW) for _ in range(5)])
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


class TestClosed:
    """Registration is disabled."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, registration="closed")

    async def test_registration_is_rejected(self, client: Client, server: Server) -> None:
        check_problem(await client.post("/auth/register", NEW), 403, "registration_closed")
        admin = await log_in_as_admin(client, server)
        token = (await admin.post("/api/v1/invitations", {})).json()["token"]
        invited = await client.post("/auth/register", {**NEW, "invitation": token})
        check_problem(invited, 403, "registration_closed")


class TestByInvitation:
    """Registration needs an invitation."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, registration="invitation", invitation_days=3)

    @pytest.fixture
    def clock(self) -> ManualClock:
        """The application's clock stands still until the test moves it."""
        return ManualClock()

    @pytest.fixture
    async def admin(self, client: Client, server: Server) -> Client:
        return await log_in_as_admin(client, server)

    @pytest.fixture
    async def invitation(self, admin: Client) -> str:
        """The token of a new invitation."""
        made = await admin.post("/api/v1/invitations", {})
        assert made.status_code == 201
        assert made.headers["cache-control"] == "no-store"
        return str(made.json()["token"])

    async def test_registration_without_an_invitation_is_rejected(
        self, client: Client, invitation: str
    ) -> None:
        for given in ({}, {"invitation": ""}, {"invitation": invitation + "x"}):
            answer = await client.post("/auth/register", {**NEW, **given})
            check_problem(answer, 403, "registration_closed")

    async def test_rejected_registration_does_not_use_up_the_invitation(
        self, client: Client, invitation: str
    ) -> None:
        weak = {**NEW, "password": "password123", "invitation": invitation}
        check_problem(await client.post("/auth/register", weak), 422, "validation_failed")
        taken = {"email": "admin@example.com", "password": PASSWORD, "invitation": invitation}
        check_problem(await client.post("/auth/register", taken), 409, "name_taken")
        await client.register("new@example.com", invitation=invitation)

    async def test_invitation_is_valid_once(self, client: Client, invitation: str) -> None:
        user = await client.register("new@example.com", invitation=invitation)
        assert (await user.get("/auth/me")).json()["is_admin"] is False
        again = {"email": "other@example.com", "password": PASSWORD, "invitation": invitation}
        check_problem(await client.post("/auth/register", again), 403, "registration_closed")

    async def test_used_invitation_is_listed_without_its_token(
        self, client: Client, admin: Client, invitation: str
    ) -> None:
        await client.register("new@example.com", invitation=invitation)
        (listed,) = (await admin.get("/api/v1/invitations")).json()["items"]
        assert listed["used_at"] is not None
        assert "token" not in listed
        life = datetime.fromisoformat(listed["expires_at"]) - datetime.fromisoformat(
            listed["created_at"]
        )
        assert life == timedelta(days=3)

    async def test_one_of_many_concurrent_uses_succeeds(
        self, client: Client, invitation: str
    ) -> None:
        bodies = [
            {"email": f"user{number}@example.com", "password": PASSWORD, "invitation": invitation}
            for number in range(4)
        ]
        answers = await asyncio.gather(*[client.post("/auth/register", body) for body in bodies])
        assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]

    async def test_invitation_for_an_address_rejects_other_addresses(
        self, client: Client, admin: Client
    ) -> None:
        made = await admin.post("/api/v1/invitations", {"email": "New@Example.com"})
        token = made.json()["token"]
        other = {"email": "other@example.com", "password": PASSWORD, "invitation": token}
        check_problem(await client.post("/auth/register", other), 403, "registration_closed")
        await client.register("NEW@example.com", invitation=token)

    async def test_expired_invitation_is_rejected(
        self, client: Client, admin: Client, clock: ManualClock
    ) -> None:
        used, expired = [
            (await admin.post("/api/v1/invitations", {})).json()["token"] for _ in range(2)
        ]
        clock.advance(timedelta(days=3).total_seconds() - 1)
        await client.register("new@example.com", invitation=used)
        clock.advance(1)
        late = {"email": "late@example.com", "password": PASSWORD, "invitation": expired}
        check_problem(await client.post("/auth/register", late), 403, "registration_closed")

    async def test_deleted_invitation_is_rejected(self, client: Client, admin: Client) -> None:
        deleted = (await admin.post("/api/v1/invitations", {})).json()
        path = f"/api/v1/invitations/{deleted['id']}"
        assert (await admin.delete(path)).status_code == 204
        check_problem(await admin.delete(path), 404, "not_found")
        body = {**NEW, "invitation": deleted["token"]}
        check_problem(await client.post("/auth/register", body), 403, "registration_closed")


SETUP_TOKEN = "the token of this test"


class TestSetup:
    """On a public address the first account needs the setup token. Later ones do not."""

    @pytest.fixture(params=["open", "invitation", "closed"])
    def registration(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def settings(self, database_url: str, registration: str) -> Settings:
        return make_settings(
            database_url,
            registration=registration,
            environment="production",
            setup_token=SETUP_TOKEN,
        )

    async def test_first_account_needs_the_token(self, client: Client, registration: str) -> None:
        for given in ({}, {"setup_token": "x"}, {"setup_token": SETUP_TOKEN + "x"}):
            answer = await client.post("/auth/register", {**NEW, **given})
            check_problem(answer, 403, "setup_required")
        admin = await client.register("admin@example.com", setup_token=SETUP_TOKEN)
        assert (await admin.get("/auth/me")).json()["is_admin"]
        answer = await client.post("/auth/register", {**NEW, "setup_token": SETUP_TOKEN})
        if registration == "open":
            assert answer.status_code == 201
        else:
            check_problem(answer, 403, "registration_closed")

    async def test_concurrent_uses_of_the_token_create_one_first_account(
        self, client: Client, registration: str
    ) -> None:
        bodies = [
            {"email": f"user{number}@example.com", "password": PASSWORD, "setup_token": SETUP_TOKEN}
            for number in range(5)
        ]
        answers = await asyncio.gather(*[client.post("/auth/register", body) for body in bodies])
        made = [client.with_token(one.json()["access_token"]) for one in answers if one.is_success]
        assert len(made) == (5 if registration == "open" else 1)
        admins = [(await user.get("/auth/me")).json()["is_admin"] for user in made]
        assert admins.count(True) == 1


class TestSetupWithoutToken:
    """A server in production without a setup token rejects the first registration."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, environment="production")

    async def test_first_account_is_created_on_the_command_line(
        self, client: Client, server: Server
    ) -> None:
        answer = await client.post("/auth/register", {**NEW, "setup_token": SETUP_TOKEN})
        problem = check_problem(answer, 403, "setup_required")
        assert "taskstead user create" in problem["detail"]
        await log_in_as_admin(client, server)
        assert (await client.post("/auth/register", NEW)).status_code == 201
