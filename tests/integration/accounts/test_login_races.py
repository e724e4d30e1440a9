"""Logins during which the password changes or the account is disabled."""

from typing import Any

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.errors import LoginFailedError
from taskstead.services.accounts.accounts import set_disabled, set_password
from taskstead.services.accounts.passwords import Passwords
from taskstead.services.accounts.sessions import log_in, log_in_by_cookie
from tests.harness.client import PASSWORD, Client

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EMAIL = "ann@example.com"
NEW = "quite another secret"


class InterruptedPasswords(Passwords):
    """Verifies passwords, and changes the account after a password was verified."""

    def __init__(self, settings: Settings, database: Database, *, disables: bool) -> None:
        super().__init__(settings)
        self._database = database
        self._disables = disables
        self._changer = Passwords(settings)

    async def is_correct(self, password: str, hashed: str | None) -> bool:
        is_correct = await super().is_correct(password, hashed)
        if self._disables:
            await set_disabled(self._database, email=EMAIL, disabled=True, now=get_now())
        else:
            await set_password(
                self._database, self._changer, email=EMAIL, password=NEW, clock=get_now
            )
        return is_correct


def make_arguments(passwords: Passwords, database: Database, settings: Settings) -> dict[str, Any]:
    return {
        "database": database,
        "passwords": passwords,
        "settings": settings,
        "email": EMAIL,
        "password": PASSWORD,
        "client": None,
        "clock": get_now,
    }


@pytest.fixture(params=[False, True], ids=["password", "disabled"])
async def arguments(
    request: pytest.FixtureRequest, client: Client, database: Database, settings: Settings
) -> dict[str, Any]:
    """Arguments of a login during which the account changes."""
    await client.register("admin@example.com")
    await client.register(EMAIL)
    passwords = InterruptedPasswords(settings, database, disables=request.param)
    return make_arguments(passwords, database, settings)


async def test_login_fails_if_the_account_changed(arguments: dict[str, Any]) -> None:
    with pytest.raises(LoginFailedError):
        await log_in(**arguments)


async def test_login_by_cookie_fails_if_the_account_changed(arguments: dict[str, Any]) -> None:
    with pytest.raises(LoginFailedError):
        await log_in_by_cookie(**arguments, old_cookies=[])
