"""The file of profiles, ``$XDG_CONFIG_HOME/taskstead/config.toml``.

A profile is a server and the source of a token: ``token``, ``token_command`` or ``keyring``. A
profile is added and removed as text, so comments and the other profiles stay as they are.
"""

import contextlib
import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskstead.client.addresses import Address, parse_address
from taskstead.client.errors import ClientError, NotSignedInError, UsageFault
from taskstead.client.files import replace_file

DEFAULT_NAME = "default"
_KEYRING_SERVICE = "taskstead"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Profile:
    """A profile of the file.

    Attributes:
        name: its name.
        url: the address of the server.
        token: the token, if it is in the file.
        token_command: a command that prints the token, if any.
        keyring: whether the token is in the keyring of the system.
        workspace: the id of the workspace; None for the personal one.
        token_id: the id of the token if ``taskstead login`` created it.
    """

    name: str
    url: str
    token: str | None = None
    token_command: str | None = None
    keyring: bool = False
    workspace: str | None = None
    token_id: str | None = None

    @property
    def address(self) -> Address:
        """The address of the server."""
        return parse_address(self.url)


def find_folder(environ: Mapping[str, str], variable: str, default: str) -> Path:
    """Return the folder of the XDG Base Directory Specification; a relative path is ignored."""
    folder = environ.get(variable, "")
    return (Path(folder) if folder.startswith("/") else Path.home() / default) / "taskstead"


def find_config_file(environ: Mapping[str, str]) -> Path:
    """Return the path of the file of profiles."""
    return find_folder(environ, "XDG_CONFIG_HOME", ".config") / "config.toml"


def check_profile_name(name: str) -> None:
    """Check the name of a new profile.

    Raises:
        UsageFault: the name is not valid.
    """
    if not _NAME.fullmatch(name):
        raise UsageFault("The name of a profile has up to 64 letters, digits, - and _.")


class ProfileFile:
    """The file of profiles. It need not exist.

    Args:
        path: the path of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_profile(self, name: str | None) -> Profile | None:
        """Return a profile.

        Args:
            name: its name; None for the default, which the top-level key ``profile`` names.

        Raises:
            UsageFault: there is no profile with this name.
            ClientError: the file cannot be read, or others can read a token in it.
        """
        content = self._read()
        profiles = content.get("profiles", {})
        chosen = name or self._get_default_name(content)
        if chosen in profiles:
            return self._parse(chosen, profiles[chosen])
        if name is not None:
            known = ", ".join(profiles) or "none"
            raise UsageFault(f"There is no profile {name} in {self.path}. Profiles: {known}.")
        return None

    def get_default_name(self) -> str:
        """Return the name of the default profile; raise the same errors as reading one."""
        return self._get_default_name(self._read())

    def list_names(self) -> list[str]:
        """Return the names of all profiles; raise the same errors as reading one."""
        return list(self._read().get("profiles", {}))

    def save(self, profile: Profile) -> None:
        """Write a profile in place of one with the same name. The file is then private.

        Raises:
            UsageFault: the name is not valid.
            ClientError: the file cannot be read or written.
        """
        check_profile_name(profile.name)
        lines = [f"[profiles.{profile.name}]"]
        for key in ("url", "token", "token_command", "token_id", "workspace"):
            value = getattr(profile, key)
            if value is not None:
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        if profile.keyring:
            lines.append("keyring = true")
        kept = self._remove_table(self._read_text(), profile.name).rstrip("\n")
        self._write("\n".join([*([kept, ""] if kept else []), *lines, ""]), profile.name)

    def remove(self, name: str) -> None:
        """Remove a profile; raise the same errors as :meth:`save`."""
        self._write(self._remove_table(self._read_text(), name), name)

    def _get_default_name(self, content: dict[str, Any]) -> str:
        return str(content.get("profile", DEFAULT_NAME))

    def _read_text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeError) as error:
            raise ClientError(f"{self.path} cannot be read: {error}.") from None

    def _read(self) -> dict[str, Any]:
        text = self._read_text()
        if not text:
            return {}
        import tomllib  # noqa: PLC0415 - not needed without a file

        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise UsageFault(f"{self.path} is not valid TOML: {error}.") from None
        profiles = content.get("profiles", {})
        if not isinstance(profiles, dict) or not all(
            isinstance(profile, dict) for profile in profiles.values()
        ):
            raise UsageFault(f"In {self.path}, write a profile as [profiles.NAME].")
        if any("token" in profile for profile in profiles.values()):
            self._check_permissions()
        return content

    def _check_permissions(self) -> None:
        if self.path.stat().st_mode & _FOR_OTHERS:
            raise NotSignedInError(
                f"Other users can read the token in {self.path}. Run: chmod 600 {self.path}"
            )

    def _parse(self, name: str, values: dict[str, Any]) -> Profile:
        texts = ("url", "token", "token_command", "workspace", "token_id")
        unknown = values.keys() - {*texts, "keyring"}
        if unknown:
            raise UsageFault(f"{min(unknown)} in {self.path} is not a key of a profile.")
        for key in texts:
            if key in values and not isinstance(values[key], str):
                raise UsageFault(f"{key} of the profile {name} in {self.path} must be a string.")
        if "url" not in values:
            raise UsageFault(f"The profile {name} in {self.path} has no url.")
        return Profile(name, **{**values, "keyring": values.get("keyring") is True})

    def _remove_table(self, text: str, name: str) -> str:
        """Return the file without the table of a profile: from its header to the next header."""
        kept, is_removing = [], False
        for line in text.splitlines(keepends=True):
            if line.lstrip().startswith("["):
                is_removing = _is_header_of(line, name)
            if not is_removing:
                kept.append(line)
        return "".join(kept)

    def _write(self, text: str, name: str) -> None:
        """Replace the content of the file after a change of one profile.

        Raises:
            UsageFault: the profile is written in a form that the change does not replace.
            ClientError: the file cannot be written.
        """
        import tomllib  # noqa: PLC0415 - for few commands

        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            raise UsageFault(
                f"In {self.path}, write the profile {name} as a table [profiles.{name}], or remove "
                "it."
            ) from None
        try:
            replace_file(self.path, text)
        except OSError as error:
            raise ClientError(f"{self.path} cannot be written: {error.strerror}.") from None


def _is_header_of(line: str, name: str) -> bool:
    """Return whether a line of TOML begins the table of a profile, or a table in it."""
    import tomllib  # noqa: PLC0415 - for few commands

    try:
        profiles = tomllib.loads(line).get("profiles")
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(profiles, dict) and name in profiles


def read_token(profile: Profile) -> str | None:
    """Return the token of a profile from the file, its command or the keyring, if it has one.

    Raises:
        ClientError: the command or the keyring fails.
    """
    if profile.token is not None:
        return profile.token
    if profile.token_command is not None:
        return _run_token_command(profile.token_command)
    if profile.keyring:
        with opened_keyring() as keyring:
            token: str | None = keyring.get_password(*_get_keyring_entry(profile))
            return token
    return None


def store_in_keyring(profile: Profile, token: str) -> None:
    """Store the token of a profile in the keyring of the system.

    Raises:
        ClientError: the keyring fails.
    """
    with opened_keyring() as keyring:
        keyring.set_password(*_get_keyring_entry(profile), token)


def remove_from_keyring(profile: Profile) -> None:
    """Remove the token of a profile from the keyring of the system, if it is there.

    Raises:
        ClientError: the keyring fails.
    """
    with opened_keyring() as keyring:
        if keyring.get_password(*_get_keyring_entry(profile)) is not None:
            keyring.delete_password(*_get_keyring_entry(profile))


def _get_keyring_entry(profile: Profile) -> tuple[str, str]:
    return _KEYRING_SERVICE, f"{profile.name} {profile.url}"


def _run_token_command(command: str) -> str:
    import shlex  # noqa: PLC0415 - for this kind of profile only
    import subprocess  # noqa: PLC0415

    try:
        words = shlex.split(command)
        result = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError) as error:
        raise NotSignedInError(f"token_command failed: {error}.") from None
    lines = result.stdout.splitlines()
    if not lines or not lines[0].strip():
        raise NotSignedInError("token_command printed no token.")
    return lines[0].strip()


@contextlib.contextmanager
def opened_keyring() -> Iterator[Any]:
    """Yield the module of the keyring.

    Raises:
        ClientError: it is not installed, or there is no keyring, or it is locked.
    """
    try:
        import keyring  # noqa: PLC0415 - an extra
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        raise ClientError(
            "The keyring needs an extra package: pip install 'taskstead[keyring]'"
        ) from None
    try:
        yield keyring
    except keyring.errors.NoKeyringError:
        raise ClientError(
            "This machine has no keyring. Sign in without --keyring, or use a token_command.",
            code="no_keyring",
        ) from None
    except keyring.errors.KeyringError as error:
        raise ClientError(f"The keyring failed: {error}.", code="keyring_failed") from None
