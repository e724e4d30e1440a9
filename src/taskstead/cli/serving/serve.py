"""The command ``taskstead serve``: checks the preconditions, prints a banner and starts serving.

It checks the settings, the data folder, the port and the database, in this order. It reports the
first error in one sentence and exits. The banner shows the server's address and the database. Then
``server.py`` serves in this process, or ``workers.py`` starts several worker processes.
"""

# ruff: noqa: PLC0415 - the server is imported after the checks, so that errors are reported quickly

import gc
import json
import shlex
import shutil
import socket
import sys
from pathlib import Path

import typer

from taskstead import __version__
from taskstead.cli.database import (
    describe_database,
    find_sqlite_file,
    open_prepared_database,
    prepare_folder,
    run,
)
from taskstead.cli.serving.sockets import allow_open_files, close_sockets, open_sockets
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.domain.registration import Registration
from taskstead.ids import make_secret
from taskstead.queries.accounts.users import has_users

# Wildcard addresses, and the loopback address that the banner shows for each.
_WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - no socket is bound to it

_SETUP_PREFIX = "tss_"

# The banner warns if the limit of open files is lower than this.
_LOW_FILE_LIMIT = 4096


def serve(
    *, host: str | None, port: int | None, workers: int | None, database_url: str | None
) -> None:
    """Serve until SIGINT or SIGTERM.

    Arguments that are None are read from the environment, or have their default.

    Raises:
        CommandFailedError: a precondition is not met; the message states which.
        SettingsError: a setting is invalid.
    """
    settings = load_settings(host=host, port=port, workers=workers, database_url=database_url)
    prepare_folder(settings)
    files = allow_open_files()
    sockets = open_sockets(settings.host, settings.port)
    # Nearly all objects created during the start stay alive, so garbage collection would only
    # delay the start.
    gc.disable()
    try:
        is_empty = run(_has_no_accounts(settings))
        # Now the database is migrated, and the actual port is known even if port 0 was requested.
        settings = settings.model_copy(
            update={"port": sockets[0].getsockname()[1], "migrate_on_start": False}
        )
        if is_empty and settings.needs_setup_token and settings.setup_token is None:
            # Worker processes receive the token with the settings.
            settings = settings.model_copy(update={"setup_token": make_secret(_SETUP_PREFIX)})
        typer.echo(_format_banner(settings, files, is_empty=is_empty, database_url=database_url))
        _serve_until_signal(settings, sockets)
    finally:
        gc.enable()
        close_sockets(sockets)


def _serve_until_signal(settings: Settings, sockets: list[socket.socket]) -> None:
    if settings.workers == 1:
        from taskstead.cli.serving.server import serve_here

        serve_here(settings, sockets)
    else:
        from taskstead.cli.serving.workers import serve_in_workers

        serve_in_workers(settings, sockets)


async def _has_no_accounts(settings: Settings) -> bool:
    async with open_prepared_database(settings) as database:
        return not await has_users(database)


def _format_banner(
    settings: Settings, files: int, *, is_empty: bool, database_url: str | None
) -> str:
    is_wildcard = settings.host in _WILDCARD_HOSTS
    host = _WILDCARD_HOSTS.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    lines = [
        f"Taskstead {__version__} is serving on {address}"
        + (" and on all other addresses of this machine" if is_wildcard else ""),
        f"  API documentation: {address}/docs",
        f"  Database: {describe_database(settings)}",
    ]
    if files < _LOW_FILE_LIMIT:
        lines.append(
            f"  Open files and connections are limited to {files}; raise the limit with `ulimit -n`"
        )
    if is_empty:
        lines += _format_first_steps(settings, address, database_url)
    return "\n".join([*lines, "Press Ctrl-C to stop."])


def _format_first_steps(settings: Settings, address: str, database_url: str | None) -> list[str]:
    """Return instructions to create the first account, with the command line or the API."""
    command = [_get_command_name(), "user", "create", "you@example.com"]
    # The command needs the option only if the URL is not in the environment. A URL with a password
    # is replaced by an ellipsis.
    if database_url is not None:
        is_public = find_sqlite_file(settings) or database_url == describe_database(settings)
        command += ["--database-url", database_url if is_public else "…"]
    lines = [
        "  There is no account yet. Create the first one, which becomes administrator:",
        f"    {shlex.join(command)}",
    ]
    if settings.needs_setup_token or settings.registration is Registration.OPEN:
        body = {"email": "you@example.com", "password": "at least ten characters"}
        if settings.setup_token is not None:
            lines += ["  or with the setup token, which is valid until there is an account:"]
            body["setup_token"] = settings.setup_token
        else:
            lines += ["  or"]
        data = shlex.quote(json.dumps(body))
        lines += [
            f"    curl {address}/auth/register -H 'Content-Type: application/json' -d {data}",
        ]
    return lines


def _get_command_name() -> str:
    """Return the name of this command, or its path if the name is not on the PATH."""
    path = Path(sys.argv[0])
    found = shutil.which(path.name)
    is_found = found is not None and path.exists() and Path(found).samefile(path)
    return path.name if is_found else str(path)
