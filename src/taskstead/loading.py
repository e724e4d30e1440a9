"""Loading the settings: once, by an entry point, which hands them on.

Sources, strongest first: arguments, ``TASKSTEAD_*`` variables, ``.env.{environment}``, ``.env``,
files in ``TASKSTEAD_SECRETS_DIR``. What settings there are: settings.py.
"""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource

from taskstead.settings import PREFIX, Environment, Settings

_SECRETS_DIR = PREFIX + "SECRETS_DIR"
# What the tests read: no settings, and none of the server's business.
_TEST_PREFIX = PREFIX + "TEST_"


class SettingsError(Exception):
    """A setting makes no sense; the message is one sentence that names it."""


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment, the ``.env`` files and the secrets folder.

    Overrides that are ``None`` count as not given.

    Raises:
        SettingsError: a setting makes no sense, or a ``TASKSTEAD_*`` name is none; the message
            names it and says why.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    common = _read_names(Path(".env"))
    secrets_dir = _find_secrets_dir(os.environ.get(_SECRETS_DIR) or common.get(_SECRETS_DIR))
    environment = (
        given.get("environment")
        or os.environ.get(PREFIX + "ENVIRONMENT")
        or common.get(PREFIX + "ENVIRONMENT")
        or Environment.DEVELOPMENT
    )
    files = (".env", f".env.{environment}")
    _refuse_unknown_names("The variable", os.environ)
    _refuse_unknown_names("In .env,", common)
    _refuse_unknown_names(f"In {files[1]},", _read_names(Path(files[1])))
    if secrets_dir is not None:
        _refuse_unknown_names("The secret", (file.name for file in secrets_dir.iterdir()))
    try:
        return Settings(_env_file=files, _secrets_dir=secrets_dir, **given)
    except ValidationError as error:
        raise SettingsError(_describe_problem(error)) from None


def _find_secrets_dir(name: str | None) -> Path | None:
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise SettingsError(f"{_SECRETS_DIR} names {name}, which is not a folder.")
    return folder


def _read_names(file: Path) -> dict[str, str | None]:
    """Return what an ``.env`` file sets, by upper-case name; nothing for a missing one.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        source = DotEnvSettingsSource(Settings, env_file=file)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"The file {file} cannot be read: {error}.") from None
    return {name.upper(): value for name, value in source.env_vars.items()}


def _refuse_unknown_names(where: str, names: Iterable[str]) -> None:
    """Refuse names with our prefix that are no setting: a misspelt one would be lost in silence.

    Raises:
        SettingsError: there is one; the message names the setting that comes closest.
    """
    known = ["SECRETS_DIR", *(name.upper() for name in Settings.model_fields)]
    for name in sorted(names):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper.startswith(_TEST_PREFIX):
            continue
        # Without the prefix, which would make any two names look alike.
        ours = upper.removeprefix(PREFIX)
        if ours in known:
            continue
        closest = difflib.get_close_matches(ours, known, n=1)
        hint = (
            f"did you mean {PREFIX}{closest[0]}?"
            if closest
            else "docs/reference/settings.md lists all."
        )
        raise SettingsError(f"{where} {name} is no setting of Taskstead; {hint}")


def _describe_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "the settings"
    reason = first["msg"].removeprefix("Value error, ")
    # What is secret, or may hold a password as a URL, is not repeated.
    value = "" if "URL" in name or name.endswith("_TOKEN") else f" (it is {first['input']!r})"
    return f"The setting {name} makes no sense: {reason}{value}."
