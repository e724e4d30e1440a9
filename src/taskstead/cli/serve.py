"""``taskstead serve``: everything that can be in the way is found out and told before serving.

In this order: the settings, the data folder, the port, the database. Then a banner says where the
server is and where the data lies, and server.py or workers.py serves.
"""

# ruff: noqa: PLC0415 - what serves is loaded when nothing is in the way any more

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
from taskstead.cli.sockets import allow_open_files, close_sockets, open_sockets
from taskstead.ids import make_secret
from taskstead.loading import load_settings
from taskstead.queries.users import has_users
from taskstead.settings import Registration, Settings

# Hosts that stand for all addresses of their family, and one of those to show.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to

_SETUP_PREFIX = "tss_"

# Systems allow many thousands, unless somebody has said otherwise.
_FEW_FILES = 4096


def serve(
    *, host: str | None, port: int | None, workers: int | None, database_url: str | None
) -> None:
    """Serve until a signal; ``None`` leaves a setting as the other sources have it.

    Raises:
        CommandFailedError: something is in the way; the message says what.
        SettingsError: a setting makes no sense.
    """
    settings = load_settings(host=host, port=port, workers=workers, database_url=database_url)
    prepare_folder(settings)
    files = allow_open_files()
    sockets = open_sockets(settings.host, settings.port)
    # Nearly all that is made while starting stays: looking through it for garbage is in vain.
    gc.disable()
    try:
        is_empty = run(_is_without_accounts(settings))
        # The database is migrated now, and the port is known.
        settings = settings.model_copy(
            update={"port": sockets[0].getsockname()[1], "migrate_on_start": False}
        )
        if is_empty and settings.needs_setup_token and settings.setup_token is None:
            # Also for the workers, which get these settings.
            settings = settings.model_copy(update={"setup_token": make_secret(_SETUP_PREFIX)})
        typer.echo(_write_banner(settings, files, is_empty=is_empty, database_url=database_url))
        _serve_until_signal(settings, sockets)
    finally:
        gc.enable()
        close_sockets(sockets)


def _serve_until_signal(settings: Settings, sockets: list[socket.socket]) -> None:
    if settings.workers == 1:
        from taskstead.cli.server import serve_here

        serve_here(settings, sockets)
    else:
        from taskstead.cli.workers import serve_in_workers

        serve_in_workers(settings, sockets)


async def _is_without_accounts(settings: Settings) -> bool:
    async with open_prepared_database(settings) as database:
        return not await has_users(database)


def _write_banner(
    settings: Settings, files: int, *, is_empty: bool, database_url: str | None
) -> str:
    is_everywhere = settings.host in _EVERYWHERE
    host = _EVERYWHERE.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    lines = [
        f"Taskstead {__version__} serves on {address}"
        + (", and on all other addresses of this machine" if is_everywhere else ""),
        f"  The API is described at {address}/docs",
        f"  The data lies in {describe_database(settings)}",
    ]
    if files < _FEW_FILES:
        lines.append(
            f"  Only {files} files and connections can be open at once: for more, raise `ulimit -n`"
        )
    if is_empty:
        lines += _write_first_steps(settings, address, database_url)
    return "\n".join([*lines, "Ctrl-C stops it."])


def _write_first_steps(settings: Settings, address: str, database_url: str | None) -> list[str]:
    """Say how to make the first account: by the command, and by the API where that is open."""
    command = [_find_command(), "user", "create", "you@example.com"]
    # A URL from the environment is there for the other command too. A password is not repeated.
    if database_url is not None:
        is_plain = find_sqlite_file(settings) or database_url == describe_database(settings)
        command += ["--database-url", database_url if is_plain else "…"]
    lines = [
        "  There is no account yet. Make the first one, which becomes administrator:",
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


def _find_command() -> str:
    """Return how the command was called: by its name if that finds it, by its path otherwise."""
    path = Path(sys.argv[0])
    found = shutil.which(path.name)
    is_found = found is not None and path.exists() and Path(found).samefile(path)
    return path.name if is_found else str(path)
