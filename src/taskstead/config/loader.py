"""Reading the settings from the environment and from files.

Each entry point loads the settings once and passes them on. The sources are, with the highest
priority first: arguments, ``TASKSTEAD_*`` environment variables, ``.env.{environment}``, ``.env``,
and the files in ``TASKSTEAD_SECRETS_DIR``. ``config/settings.py`` defines the settings.
"""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource

from taskstead.config.errors import SettingsError
from taskstead.config.settings import PREFIX, Environment, Settings

_SECRETS_DIR = PREFIX + "SECRETS_DIR"
# Environment variables of the test suite have this prefix. They are not settings of the server.
_TEST_PREFIX = PREFIX + "TEST_"
# Environment variables of client commands such as `taskstead list`. The server ignores them.
_CLIENT_NAMES = frozenset(PREFIX + name for name in ("URL", "TOKEN", "WORKSPACE", "PROFILE"))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment, the ``.env`` files and the secrets folder.

    Args:
        overrides: values by name, which take precedence. None values are ignored.

    Raises:
        SettingsError: a setting is invalid, or a ``TASKSTEAD_*`` name is not a setting.
    """
    arguments = {name: value for name, value in overrides.items() if value is not None}
    common = _read_names(Path(".env"))
    secrets_dir = _find_secrets_dir(os.environ.get(_SECRETS_DIR) or common.get(_SECRETS_DIR))
    environment = (
        arguments.get("environment")
        or os.environ.get(PREFIX + "ENVIRONMENT")
        or common.get(PREFIX + "ENVIRONMENT")
        or Environment.DEVELOPMENT
    )
    files = (".env", f".env.{environment}")
    _reject_unknown_names("The variable", os.environ.keys() - _CLIENT_NAMES)
    _reject_unknown_names("In .env,", common)
    _reject_unknown_names(f"In {files[1]},", _read_names(Path(files[1])))
    if secrets_dir is not None:
        _reject_unknown_names("The secret", (file.name for file in secrets_dir.iterdir()))
    try:
        return Settings(_env_file=files, _secrets_dir=secrets_dir, **arguments)
    except ValidationError as error:
        raise SettingsError(_describe_error(error)) from None


def _find_secrets_dir(name: str | None) -> Path | None:
    if not name:
        return None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise SettingsError(f"Invalid value for {_SECRETS_DIR}: {name} is not a folder.")
    return folder


def _read_names(file: Path) -> dict[str, str | None]:
    """Return the values in an ``.env`` file by upper-case name; empty if the file is missing.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        source = DotEnvSettingsSource(Settings, env_file=file)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"The file {file} cannot be read: {error}.") from None
    return {name.upper(): value for name, value in source.env_vars.items()}


def _reject_unknown_names(where: str, names: Iterable[str]) -> None:
    """Reject names with the prefix that are not settings, because they are probably misspelt.

    Raises:
        SettingsError: a name is not a setting. The message suggests the most similar setting.
    """
    settings = ["SECRETS_DIR", *(name.upper() for name in Settings.model_fields)]
    for name in sorted(names):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper.startswith(_TEST_PREFIX):
            continue
        # Compare the names without the prefix, which would make all names similar to each other.
        setting = upper.removeprefix(PREFIX)
        if setting in settings:
            continue
        closest = difflib.get_close_matches(setting, settings, n=1)
        hint = (
            f"did you mean {PREFIX}{closest[0]}?" if closest else "see docs/reference/settings.md."
        )
        raise SettingsError(f"{where} {name} is not a setting of Taskstead; {hint}")


def _describe_error(error: ValidationError) -> str:
    first = error.errors()[0]
    name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "the settings"
    reason = first["msg"].removeprefix("Value error, ")
    # The message omits the values of tokens and of URLs, which may contain a password.
    value = "" if "URL" in name or name.endswith("_TOKEN") else f" (value: {first['input']!r})"
    return f"Invalid value for {name}: {reason}{value}."
