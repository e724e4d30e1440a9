"""The commands ``login``, ``logout``, ``whoami`` and ``api``."""

import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

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
from taskstead.client.http import Api, ApiObject, check_success
from taskstead.client.names import CATEGORIES, TAGS, add_names, find_cache_file
from taskstead.client.profiles import (
    Profile,
    ProfileFile,
    check_profile_name,
    find_config_file,
    read_token,
    remove_from_keyring,
    store_in_keyring,
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
        _store(session, file, profile, token, keyring=keyring, known=known)
    else:
        if session.output.as_json or not sys.stdin.isatty():
            raise UsageFault(
                "There is no terminal to enter the password, or --json forbids the question. Add "
                "--with-token and write an API token to standard input."
            )
        token, token_id = _create_token(address)
        profile = replace(profile, token_id=token_id)
        try:
            _store(session, file, profile, token, keyring=keyring, known=known)
        except BaseException:
            _revoke(address, token)
            raise


def _store(
    session: Session,
    file: ProfileFile,
    profile: Profile,
    token: str,
    *,
    keyring: bool,
    known: Profile | None,
) -> None:
    """Check a token, write it to the profile, and revoke the token that login created before.

    Args:
        session: the session.
        file: the file of profiles.
        profile: the profile without the token.
        token: the token.
        keyring: whether the token is stored in the keyring.
        known: the profile of the same name that is replaced, if any.
    """
    address = profile.address
    with closing(Api(address, token=token, workspace=profile.workspace)) as api:
        account = _check_token(api)
    earlier_token = _find_earlier_token(known)
    if earlier_token == token and known is not None:
        profile = replace(profile, token_id=known.token_id)
    if keyring:
        store_in_keyring(profile, token)
        file.save(replace(profile, keyring=True))
    else:
        file.save(replace(profile, token=token))
    if known is not None and known.keyring and not keyring:
        with suppress(ClientError):
            remove_from_keyring(known)
    who = f" as {account['email']}" if account else ""
    session.output.print_message(f"Signed in to {address}{who}. The profile is {profile.name}.")
    if known is None or known.token_id is None or earlier_token == token:
        return
    if earlier_token is None or not _revoke(known.address, earlier_token):
        session.output.print_message(
            f"The earlier token {known.token_id} of the profile is still valid on {known.url}."
        )


def _find_earlier_token(known: Profile | None) -> str | None:
    """Return the token of a profile that login replaces, if login created it."""
    if known is None or known.token_id is None:
        return None
    try:
        return read_token(known)
    except ClientError:
        return None


def _revoke(address: Address, token: str) -> bool:
    """Delete a token on its server; return whether it is no longer valid."""
    with closing(Api(address, token=token)) as api:
        try:
            return api.send("DELETE", OWN_TOKEN_PATH).status in {204, 401}
        except ClientError:
            return False


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
        pair = api.call("POST", "/auth/login", login).decode("access_token")
    with closing(Api(address, token=pair["access_token"])) as api:
        try:
            made = _request_token(api, body)
        finally:
            api.send("POST", "/auth/logout")
    return str(made["token"]), str(made["id"])


def _request_token(api: Api, body: dict[str, Any]) -> ApiObject:
    """Create an API token.

    If the response is lost, the server has created a token and does not repeat the secret. This
    token is deleted, and another one is created.
    """
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    response = api.send("POST", TOKENS_PATH, content, headers=headers)
    lost = response.headers.get("Location") if response.status == 409 else None
    if lost is not None:
        api.call("DELETE", urlsplit(lost).path.removeprefix(api.address.path))
        response = api.send("POST", TOKENS_PATH, content, headers=headers)
    check_success(response)
    return response.decode("token", "id")


def _check_token(api: Api) -> dict[str, Any] | None:
    """Check that the server accepts a token; return the account if the token may read it."""
    response = api.send("GET", "/auth/me")
    if response.status == 403:
        return None
    check_success(response)
    return response.decode()


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
        remove_from_keyring(profile)
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
    return response.decode()


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
        raise UsageFault(f"{method} is not an HTTP method, such as GET.")
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
