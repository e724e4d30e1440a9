"""Schemas of the public information about the server."""

from typing import Annotated, Literal

from pydantic import Field

from taskstead.domain.registration import Registration
from taskstead.schemas.base import Output

PasswordRule = Literal["not_common", "four_different_characters", "not_email"]
Feature = Literal[
    "cookie_session",
    "events",
    "export",
    "filters",
    "import",
    "preferences",
    "quick_add",
    "repeating_tasks",
    "sync",
]


class PasswordRules(Output):
    """The rules of new passwords. There are no rules about kinds of characters."""

    min_length: int
    max_length: int
    rules: Annotated[
        list[PasswordRule],
        Field(
            description="`not_common`: not among the most common passwords, also with digits or "
            "`!?.` around it. `four_different_characters`: at least four. `not_email`: neither the "
            "e-mail address nor its part before the `@`."
        ),
    ]


class ServerInfo(Output):
    """What a client has to know before the user logs in."""

    name: Literal["Taskstead"]
    version: str
    registration: Annotated[
        Registration,
        Field(
            description="Who can register. With the setup token, the first account can always be "
            "created."
        ),
    ]
    has_accounts: Annotated[
        bool, Field(description="If false, the first account becomes the administrator.")
    ]
    needs_setup_token: Annotated[
        bool, Field(description="Whether the next registration needs `setup_token`.")
    ]
    password: PasswordRules
    features: Annotated[
        list[Feature], Field(description="What this server supports. Ignore unknown values.")
    ]
