"""Errors of client commands, and the exit code for each of them."""

from enum import IntEnum
from typing import Any

from taskstead.client.output import escape, measure_width


class ExitCode(IntEnum):
    """Exit codes of client commands."""

    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_SIGNED_IN = 4
    FORBIDDEN = 5
    CONFLICT = 6
    INVALID = 7
    OVERLOADED = 8


_BY_STATUS = {
    400: ExitCode.INVALID,
    401: ExitCode.NOT_SIGNED_IN,
    403: ExitCode.FORBIDDEN,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    410: ExitCode.NOT_FOUND,
    412: ExitCode.CONFLICT,
    413: ExitCode.INVALID,
    415: ExitCode.INVALID,
    422: ExitCode.INVALID,
    429: ExitCode.OVERLOADED,
    503: ExitCode.OVERLOADED,
}


_MAX_CONFLICTS = 10


class ClientError(Exception):
    """A client command failed. The message is printed to the user.

    Attributes:
        exit_code: the exit code of the process.
        problem: the problem document (RFC 9457) to print with ``--json``. It is the server's, or
            a document with ``title``, ``detail`` and ``code``.
        is_in_output: whether the JSON output already contains the error.
    """

    def __init__(
        self,
        message: str,
        *,
        exit_code: int = ExitCode.FAILURE,
        code: str = "command_failed",
        problem: dict[str, Any] | None = None,
        is_in_output: bool = False,
    ) -> None:
        super().__init__(message)
        self.is_in_output = is_in_output
        self.exit_code = int(exit_code)
        self.problem = problem or {"title": "The command failed", "detail": message, "code": code}


class UnreachableError(ClientError):
    """The server cannot be reached, or closed the connection."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="server_unreachable")


class NotSignedInError(ClientError):
    """There is no server or no token to use."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=ExitCode.NOT_SIGNED_IN, code="not_signed_in")


class UsageFault(ClientError):  # noqa: N818 - UsageError is a class of Typer
    """An argument or option is invalid."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=ExitCode.USAGE, code="usage")


def get_exit_code(status: int) -> ExitCode:
    """Return the exit code for an HTTP status that is not a success."""
    return _BY_STATUS.get(status, ExitCode.FAILURE)


def make_problem_error(
    status: int, problem: dict[str, Any], text: str | None = None
) -> ClientError:
    """Return the error for a problem document.

    Args:
        status: the HTTP status.
        problem: the problem document.
        text: the text that positions in the document refer to, if any.
    """
    message = describe_problem(problem, text)
    return ClientError(message, exit_code=get_exit_code(status), problem=problem)


def describe_problem(problem: dict[str, Any], text: str | None = None) -> str:
    """Return a problem document as text: the detail, then a line for each error."""
    detail = str(problem.get("detail") or problem.get("title") or "The server refused the request.")
    lines = [detail]
    for fault in list_objects(problem, "errors"):
        message = str(fault.get("message", ""))
        if message and message not in detail:
            lines.append(f"{fault.get('pointer', '')}: {message}")
        lines += mark_position(text, fault)
    conflicts = list_objects(problem, "conflicts")
    lines += [describe_conflict(conflict) for conflict in conflicts[:_MAX_CONFLICTS]]
    if len(conflicts) > _MAX_CONFLICTS:
        lines.append(f"and {len(conflicts) - _MAX_CONFLICTS} more")
    return "\n".join(lines)


def list_objects(problem: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in a list of a problem document; another program may have sent it."""
    items = problem.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def describe_conflict(conflict: dict[str, Any]) -> str:
    """Return a conflict of an undo as one line."""
    place = f"{conflict.get('kind', '')} {conflict.get('id', '')}"
    return f"{place}: {conflict.get('message', '')}"


def describe_fault(text: str | None, fault: dict[str, Any]) -> list[str]:
    """Return the message of an error or warning, and the lines that mark its position."""
    message = str(fault.get("message") or fault.get("code", ""))
    return [message, *mark_position(text, fault)]


def mark_position(text: str | None, fault: dict[str, Any]) -> list[str]:
    """Return the text and a line that marks the position of an error, or nothing.

    ``start`` and ``end`` count characters from 0. The line counts columns of the terminal, and
    control characters as the escape sequences that are printed for them.
    """
    start, end = fault.get("start"), fault.get("end")
    if text is None or "\n" in text or not isinstance(start, int) or not isinstance(end, int):
        return []
    indent = measure_width(escape(text[:start]))
    width = max(1, measure_width(escape(text[:end])) - indent)
    return [f"  {escape(text)}", f"  {' ' * indent}{'^' * width}"]
