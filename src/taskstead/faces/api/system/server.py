"""``/api/v1/server``: public information about the server, for clients that are not logged in."""

from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead import __version__
from taskstead.http.app_state import AppState
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import COMMON_ERRORS, document_problems
from taskstead.http.responses.json import build_json_response
from taskstead.schemas.accounts.accounts import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from taskstead.schemas.system.server import Feature, PasswordRule, ServerInfo
from taskstead.services.accounts.accounts import read_registration_state

router = APIRouter(prefix="/api/v1/server", tags=["health"], route_class=Route)


@router.get(
    "",
    summary="Get server",
    response_model=ServerInfo,
    responses=document_problems(*COMMON_ERRORS),
)
async def get(request: Request, server: AppState) -> Response:
    """Return what a client has to know before the user logs in. Needs no token.

    The content changes only when the first account is created or the server is restarted.
    """
    await server.limits.count_request(request)
    state = await read_registration_state(server.database, server.settings)
    return build_json_response(
        {
            "name": "Taskstead",
            "version": __version__,
            "registration": state.registration,
            "has_accounts": state.has_accounts,
            "needs_setup_token": state.needs_setup_token,
            "password": {
                "min_length": MIN_PASSWORD_LENGTH,
                "max_length": MAX_PASSWORD_LENGTH,
                "rules": get_args(PasswordRule),
            },
            "features": get_args(Feature),
        }
    )
