"""The server, token and workspace of a command: from options, the environment, then a profile."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from taskstead.client.addresses import Address, parse_address
from taskstead.client.errors import NotSignedInError, UsageFault
from taskstead.client.profiles import Profile, ProfileFile, find_config_file, read_token

URL = "TASKSTEAD_URL"
TOKEN = "TASKSTEAD_TOKEN"  # noqa: S105 - the name of a variable
WORKSPACE = "TASKSTEAD_WORKSPACE"
PROFILE = "TASKSTEAD_PROFILE"

_VISIBLE = re.compile("[!-~]{1,500}")  # the characters of a header


@dataclass(frozen=True)
class Options:
    """The options of a command that choose the server. None means that an option is missing."""

    profile: str | None = None
    url: str | None = None
    workspace: str | None = None


@dataclass(frozen=True)
class ClientSettings:
    """The server to use.

    Attributes:
        address: its address.
        token: the token; None if there is none.
        workspace: the id of the workspace; None for the personal one.
        profile: the profile, if it has the same origin.
    """

    address: Address
    token: str | None
    workspace: str | None
    profile: Profile | None


def check_token(token: str) -> None:
    """Check that a token can be sent in a header.

    Raises:
        UsageFault: it has spaces, control characters or characters outside ASCII.
    """
    if not _VISIBLE.fullmatch(token):
        raise UsageFault("The token has characters that no token contains.")


def resolve_settings(options: Options, environ: Mapping[str, str]) -> ClientSettings:
    """Return the server, token and workspace for a command.

    An option overrides the environment. If an option selects a profile, the environment is not used
    at all, so that a token is not sent to the server of another profile. A token of a profile is
    only used for the origin of this profile.

    Raises:
        NotSignedInError: there is no server, or the token belongs to another origin.
        UsageFault: an address or the file of profiles is invalid.
    """
    name = options.profile or environ.get(PROFILE) or None
    used = {} if options.profile else environ
    given_url = options.url or used.get(URL)
    profile = None
    # The file is not read if nothing in it is needed, so it may be unreadable for a cron job.
    if name or not given_url or not used.get(TOKEN):
        profile = ProfileFile(find_config_file(environ)).read_profile(name)
    url = given_url or (profile and profile.url)
    if not url:
        raise NotSignedInError("There is no server to use. Sign in first: taskstead login URL")
    address = parse_address(url)
    own = profile if profile is not None and profile.address.origin == address.origin else None
    token = used.get(TOKEN) or (read_token(own) if own is not None else None)
    if not token and own is None and profile is not None:
        raise NotSignedInError(
            f"The token of the profile {profile.name} is for {profile.address}, not for {address}. "
            f"Sign in with another profile: taskstead login {address} --profile NAME"
        )
    workspace = options.workspace or used.get(WORKSPACE) or (own and own.workspace) or None
    if token:
        check_token(token)
    if workspace and not _VISIBLE.fullmatch(workspace):
        raise UsageFault(
            f"{workspace} is not the id of a workspace. taskstead whoami --json shows the ids."
        )
    return ClientSettings(address, token or None, workspace, own)
