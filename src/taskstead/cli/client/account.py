"""The commands ``login``, ``logout``, ``whoami`` and ``api``."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import typer

from taskstead.cli.client.session import Session
from taskstead.cli.console import INTERRUPTED_EXIT_CODE
from taskstead.client.addresses import Address, parse_address
from taskstead.client.errors import (
    ClientError,
    NotSignedInError,
    UnreachableError,
    UsageFault,
)
from taskstead.client.http import Api, check_success
from taskstead.client.names import CATEGORIES, TAGS, add_names, find_cache_file
from taskstead.client.profiles import (
    KEYRING_SERVICE,
    Profile,
    ProfileFile,
    check_profile_name,
    find_config_file,
    import_keyring,
)
from taskstead.client.references import STANDARD_INPUT
from taskstead.client.settings import PROFILE, TOKEN, URL, check_token

TOKENS_PATH = "/api/v1/tokens"
OWN_TOKEN_PATH = f"{TOKENS_PATH}/current"
# The commands need no more. In particular, a stolen token cannot purge tasks or change the account.
SCOPES = ("tasks:read", "tasks:write", "account:read")
_PROFILE_FIELDS = (
    "profile",
    "server",
    "user",
    "email",
    "workspace",
    "role",
    "scopes",
    "expires_at",
)
_FIXED_HEADERS = ("authorization", "host", "content-length", "transfer-encoding", "connection")


def log_in(session: Session, url: str | None, *, with_token: bool, keyring: bool) -> None:
    """Store a token in a profile and make sure that the server accepts it.

    The token is read from standard input, or created after the user enters e-mail address and
    password. The password is not stored.

    Raises:
        UsageFault: there is no address, or no terminal for the password.
        ClientError: the server refused the token or the password, or the file cannot be written.
    """
    file = ProfileFile(find_config_file(os.environ))
    name = session.options.profile or os.environ.get(PROFILE) or file.get_default_name()
    check_profile_name(name)
    known = (name in file.list_names() and file.read_profile(name)) or None
    chosen = url or session.options.url or os.environ.get(URL) or (known and known.url)
    if not chosen:
        raise UsageFault("Name the server: taskstead login https://tasks.example.org")
    address = parse_address(chosen)
    workspace = session.options.workspace
    if workspace is None and known and known.address.origin == address.origin:
        workspace = known.workspace
    profile = Profile(name, str(address), workspace=workspace)
    if with_token:
        token = _read_token()
    else:
        if session.output.as_json or not sys.stdin.isatty():
            raise UsageFault(
                "There is no terminal to enter the password, or --json forbids the question. Add "
                "--with-token and write an API token to standard input."
            )
        token, token_id = _create_token(address)
        profile = replace(profile, token_id=token_id)
    with closing(Api(address, token=token, workspace=workspace)) as api:
        account = _check_token(api)
    if keyring:
        import_keyring().set_password(KEYRING_SERVICE, f"{name} {address}", token)
        file.save(replace(profile, keyring=True))
    else:
        file.save(replace(profile, token=token))
    who = f" as {account['email']}" if account else ""
    session.output.print_message(f"Signed in to {address}{who}. The profile is {name}.")


def _read_token() -> str:
    token = sys.stdin.readline().strip()
    if not token:
        raise UsageFault("Write the token to the standard input of login --with-token.")
    check_token(token)
    return token


def _create_token(address: Address) -> tuple[str, str]:
    """Log in with a password, create an API token and end the session; return token and id."""
    try:
        email = typer.prompt("E-mail", err=True)
        password = typer.prompt("Password", hide_input=True, err=True)
    except typer.Abort:
        raise typer.Exit(INTERRUPTED_EXIT_CODE) from None
    login = {"email": email, "password": password}
    body = {"name": f"Command line on {socket.gethostname()}"[:200], "scopes": list(SCOPES)}
    with closing(Api(address)) as api:
        pair = api.call("POST", "/auth/login", login).decode()
    with closing(Api(address, token=pair["access_token"])) as api:
        made = api.call("POST", TOKENS_PATH, body).decode()
        api.call("POST", "/auth/logout")
    return made["token"], made["id"]


def _check_token(api: Api) -> dict[str, Any] | None:
    """Check that the server accepts a token; return the account if the token may read it."""
    response = api.send("GET", "/auth/me")
    if response.status == 403:
        return None
    check_success(response)
    account: dict[str, Any] = response.decode()
    return account


def log_out(session: Session) -> None:
    """Remove the profile, and delete its token on the server if ``login`` created it.

    Raises:
        NotSignedInError: there is no profile.
        ClientError: the server cannot be reached, so the token is still valid. The profile is
            removed nevertheless.
    """
    profile = session.settings.profile
    if profile is None:
        raise NotSignedInError("There is no profile to remove.")
    api = None if session.settings.token is None else session.api
    ProfileFile(find_config_file(os.environ)).remove(profile.name)
    if profile.keyring:
        import_keyring().delete_password(KEYRING_SERVICE, f"{profile.name} {profile.url}")
    if profile.token_id is None or api is None or os.environ.get(TOKEN):
        session.output.print_message(
            f"Removed the profile {profile.name}. Its token is still valid on {profile.url}."
        )
        return
    try:
        response = api.send("DELETE", OWN_TOKEN_PATH)
    except UnreachableError as error:
        raise ClientError(
            f"Removed the profile {profile.name}. {error} Delete the token {profile.token_id} "
            "there later."
        ) from None
    if response.status != 401:
        check_success(response)
    session.output.print_message(f"Signed out of {profile.url} and deleted the token.")


def show_identity(session: Session) -> None:
    """Print the server, the user, the workspace and the scopes of the token."""
    api, settings = session.api, session.settings
    account = api.get("/auth/me")
    workspace_id = settings.workspace or account["personal_workspace_id"]
    workspace = api.get(f"/api/v1/workspaces/{workspace_id}")
    token = _find_own_token(api)
    found = {
        "profile": settings.profile and settings.profile.name,
        "server": str(settings.address),
        "user": account,
        "workspace": workspace,
        "token": token,
    }
    _refresh_names(session)
    if session.output.as_json:
        session.output.print_items([found], ())
        return
    shown = {
        **found,
        "email": account["email"],
        "role": workspace["role"],
        "scopes": token and token["scopes"],
        "expires_at": token and token["expires_at"],
    }
    session.output.print_fields(shown, _PROFILE_FIELDS)


def _find_own_token(api: Api) -> dict[str, Any] | None:
    """Return the API token of the profile; None for the access token of a session."""
    response = api.send("GET", OWN_TOKEN_PATH)
    if response.status == 404:
        return None
    check_success(response)
    token: dict[str, Any] = response.decode()
    return token


def _refresh_names(session: Session) -> None:
    names = {
        kind: [label["name"] for label in session.list_pages(f"/api/v1/{kind}", [], 200)]
        for kind in (CATEGORIES, TAGS)
    }
    add_names(find_cache_file(os.environ), names)


def call_api(
    session: Session,
    method: str,
    path: str,
    *,
    data: str | None,
    headers: Sequence[str],
    include: bool,
) -> None:
    """Send any request and print the body of the response.

    Raises:
        UsageFault: the path or a header is invalid.
        ClientError: the response is an error. Its body was printed.
    """
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
        raise UsageFault(
            "The path must begin with / and be percent-encoded, such as /api/v1/tasks."
        )
    if not method.isascii() or not method.isalpha():
        raise UsageFault(f"{method} is not a method.")
    sent = _parse_headers(headers)
    body = None
    if data is not None:
        body = sys.stdin.buffer.read() if data == STANDARD_INPUT else data.encode()
        sent = {"Content-Type": "application/json", **sent}
    response = session.api.send(method.upper(), path, body, headers=sent)
    if include:
        lines = [f"{name}: {value}" for name, value in response.headers.items()]
        session.output.print_text(
            "\n".join([f"HTTP/1.1 {response.status} {response.reason}", *lines, ""])
        )
    text = response.body.decode("utf-8", "replace")
    if text:
        session.output.print_text(text.removesuffix("\n"))
    try:
        check_success(response)
    except ClientError as error:
        raise ClientError(str(error), exit_code=error.exit_code, is_in_output=bool(text)) from None


def _parse_headers(lines: Sequence[str]) -> Mapping[str, str]:
    """Return headers by name.

    Raises:
        UsageFault: a line is not a header, or the command sets this header itself.
    """
    headers = {}
    for line in lines:
        name, separator, value = line.partition(":")
        name = name.strip()
        is_name = name.isascii() and name.replace("-", "").isalnum()
        if not separator or not is_name or not value.strip().isprintable():
            raise UsageFault(f"{line} is not a header. Write 'Name: value'.")
        if name.lower() in _FIXED_HEADERS:
            raise UsageFault(f"The header {name} cannot be set.")
        headers[name.title()] = value.strip()
    return headers
