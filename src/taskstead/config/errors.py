"""The error of the settings."""


class SettingsError(Exception):
    """A setting is invalid. The message is one sentence that contains its name and the reason."""
