"""What an application holds while it runs, and how a route gets at it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from taskstead.db.database import Database
from taskstead.services.passwords import Passwords
from taskstead.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """The open parts of a running application."""

    settings: Settings
    database: Database
    passwords: Passwords


async def get_server(request: Request) -> Server:
    """Return the running application's parts."""
    server: Server = request.app.state.server
    return server


ServerParts = Annotated[Server, Depends(get_server)]
