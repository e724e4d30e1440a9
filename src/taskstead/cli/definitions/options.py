"""Options that several commands have, and the session of client commands."""

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from taskstead.cli.console import CommandFailedError, print_problem
from taskstead.client.errors import ClientError
from taskstead.client.names import CATEGORIES, TAGS, complete, find_cache_file
from taskstead.client.output import Output
from taskstead.client.settings import Options

DEFAULT_LIMIT = 50

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///… or postgresql://…; default: TASKSTEAD_DATABASE_URL, "
        "or the file in the data folder.",
        show_default=False,
    ),
]
Workspace = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help="Workspace, by id; default: TASKSTEAD_WORKSPACE or the personal workspace.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Profile to use; default: TASKSTEAD_PROFILE, or the default profile.",
        show_default=False,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of the server; default: TASKSTEAD_URL, or that of the profile.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON: the objects of the API, one per line.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only the numbers of tasks, and no messages.")
]
Reference = Annotated[
    str,
    typer.Argument(metavar="REF", help="Number, id or web address of a task.", show_default=False),
]
References = Annotated[
    list[str],
    typer.Argument(
        metavar="REF",
        help="Numbers, ids or web addresses of tasks; - reads them from standard input.",
        show_default=False,
    ),
]


Sort = Annotated[
    str | None,
    typer.Option(metavar="KEYS", help="Order, such as due_date,-priority.", show_default=False),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="Maximum number of items.")]
All = Annotated[bool, typer.Option("--all", help="List all items, without a limit.")]
Fields = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES", help="Fields to print, such as number,title.", show_default=False
    ),
]


def complete_category(incomplete: str) -> list[str]:
    """Return the known categories that begin with a text."""
    return complete(find_cache_file(os.environ), CATEGORIES, incomplete)


def complete_tag(incomplete: str) -> list[str]:
    """Return the known tags that begin with a text."""
    return complete(find_cache_file(os.environ), TAGS, incomplete)


def with_list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of lists of tasks to a command, and pass it a ``ListOptions``."""

    @functools.wraps(command)
    def run(
        *args: Any,
        sort: str | None,
        limit: int,
        is_unlimited: bool,
        fields: str | None,
        **others: Any,
    ) -> None:
        from taskstead.cli.client.listing import ListOptions  # noqa: PLC0415 - not for --help

        options = ListOptions(sort, None if is_unlimited else limit, fields)
        command(*args, options=options, **others)

    own = inspect.signature(command).parameters.values()
    _set_parameters(run, [*(one for one in own if one.name != "options"), *_LIST_PARAMETERS])
    return run


def with_session(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of all client commands to a command, and pass it a ``Session``.

    The command takes the session as its first argument. With ``--json``, an error is printed as a
    problem document.
    """

    @functools.wraps(command)
    def run(
        *args: Any,
        profile: str | None,
        url: str | None,
        workspace: str | None,
        as_json: bool,
        quiet: bool,
        **options: Any,
    ) -> None:
        from taskstead.cli.client.session import Session  # noqa: PLC0415 - not for --help

        session = Session(
            Options(profile, url, workspace), Output(as_json=as_json, quiet=quiet and not as_json)
        )
        try:
            command(session, *args, **options)
        except (ClientError, CommandFailedError) as error:
            if as_json:
                print_problem(error)
            raise
        finally:
            session.close()

    _, *own = inspect.signature(command).parameters.values()
    _set_parameters(run, [*own, *_COMMON_PARAMETERS])
    return run


def _set_parameters(function: Callable[..., None], parameters: Sequence[inspect.Parameter]) -> None:
    """Set the signature of a function, from which Typer reads the options."""
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}


def _make_parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


_LIST_PARAMETERS = (
    _make_parameter("sort", Sort, None),
    _make_parameter("limit", Limit, DEFAULT_LIMIT),
    _make_parameter("is_unlimited", All, default=False),
    _make_parameter("fields", Fields, None),
)
_COMMON_PARAMETERS = (
    _make_parameter("profile", Profile, None),
    _make_parameter("url", Url, None),
    _make_parameter("workspace", Workspace, None),
    _make_parameter("as_json", Json, default=False),
    _make_parameter("quiet", Quiet, default=False),
)
