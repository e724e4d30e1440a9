"""JSON of accounts, invitations and API tokens: the fields of the schema, and no secrets."""

from taskstead.formats.json.accounts import render_account, render_api_token, render_invitation
from taskstead.schemas.accounts.accounts import Account, Invitation
from taskstead.schemas.accounts.tokens import ApiToken
from taskstead.tables.tokens import ApiTokenRow
from taskstead.tables.users import InvitationRow
from tests.unit.formats.rows import CREATED, UPDATED, USER, USER_ID

INVITATION: InvitationRow = {
    "id": "00000000-0000-7000-8000-000000000006",
    "token_hash": b"secret",
    "email": None,
    "created_by": USER_ID,
    "created_at": CREATED,
    "expires_at": UPDATED,
    "used_at": None,
    "used_by": None,
}
API_TOKEN: ApiTokenRow = {
    "id": "00000000-0000-7000-8000-000000000007",
    "user_id": USER_ID,
    "workspace_id": None,
    "name": "Agent",
    "token_hash": b"secret",
    "scopes": ["tasks:read"],
    "created_at": CREATED,
    "expires_at": UPDATED,
    "last_used_at": None,
}


def test_account_has_the_fields_of_its_schema() -> None:
    assert Account.model_validate(render_account(USER)).email == "ada@example.com"


def test_invitation_has_the_fields_of_its_schema() -> None:
    invitation = Invitation.model_validate(render_invitation(INVITATION))
    assert (invitation.created_at, invitation.expires_at) == (CREATED, UPDATED)


def test_api_token_has_the_fields_of_its_schema() -> None:
    assert ApiToken.model_validate(render_api_token(API_TOKEN)).scopes == ["tasks:read"]


def test_secrets_are_not_rendered() -> None:
    rendered = [render_invitation(INVITATION), render_api_token(API_TOKEN)]
    assert [value for data in rendered for value in data.values() if value == b"secret"] == []
