"""Commands for the connection to a server: login, logout, whoami and api."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

from typing import TYPE_CHECKING, Annotated

import typer

from taskstead.cli.definitions.options import with_session
from taskstead.cli.light_command import LightCommand

if TYPE_CHECKING:
    from taskstead.cli.client.session import Session

PANEL = "Connection"

app = typer.Typer()


@app.command("login", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _login(
    session: "Session",
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="URL", help="Address of the server, such as https://tasks.example.org."
        ),
    ] = None,
    *,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Read an API token from standard input.")
    ] = False,
    keyring: Annotated[
        bool,
        typer.Option("--keyring", help="Store the token in the keyring of the system."),
    ] = False,
) -> None:
    """Sign in to a server and store an API token in a profile.

    Without --with-token, enter e-mail address and password. They are used to create an API token.
    The password is not stored.
    """
    from taskstead.cli.client.account import log_in

    log_in(session, address, with_token=with_token, keyring=keyring)


@app.command("logout", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _logout(session: "Session") -> None:
    """Remove a profile, and delete its token on the server if login created it."""
    from taskstead.cli.client.account import log_out

    log_out(session)


@app.command("whoami", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _whoami(session: "Session") -> None:
    """Show the server, the user, the workspace and the scopes of the token."""
    from taskstead.cli.client.account import show_identity

    show_identity(session)


@app.command("api", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _api(
    session: "Session",
    method: Annotated[
        str, typer.Argument(metavar="METHOD", help="GET, POST, PATCH, PUT or DELETE.")
    ],
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="Path with query, such as /api/v1/tasks?limit=5.")
    ],
    *,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Body of the request; - reads it from standard input.",
            show_default=False,
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="Additional header.", show_default=False),
    ] = None,
    include: Annotated[
        bool, typer.Option("--include", help="Print the status and the headers too.")
    ] = False,
) -> None:
    """Send any request with the stored token and print the body of the response."""
    from taskstead.cli.client.account import call_api

    call_api(session, method, path, data=data, headers=header or [], include=include)
