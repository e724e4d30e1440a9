"""Registration modes: who may register an account."""

from enum import StrEnum


class Registration(StrEnum):
    """Who may register an account with the API. The command line can always create accounts."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"
