"""The principal: the credential that is recorded in logs."""

from dataclasses import replace

import pytest

from taskstead.domain.principal import ALL_SCOPES, Principal

COMMAND_LINE = Principal(
    user_id="user",
    email="ada@example.com",
    name="Ada",
    time_zone="Etc/UTC",
    is_admin=False,
    personal_workspace_id="workspace",
    scopes=ALL_SCOPES,
    session_id=None,
    api_token_id=None,
    job_credential_id=None,
    bound_workspace_id=None,
    api_token_expires_at=None,
    workspace_id="workspace",
    role="owner",
    revision=1,
)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (COMMAND_LINE, None),
        (replace(COMMAND_LINE, session_id="session"), "session"),
        (replace(COMMAND_LINE, api_token_id="token"), "token"),
        (replace(COMMAND_LINE, job_credential_id="token of the request"), "token of the request"),
    ],
    ids=["command line", "session", "API token", "job"],
)
def test_credential_is_that_of_the_request(principal: Principal, expected: str | None) -> None:
    assert principal.credential_id == expected
