"""The commands ``done``, ``reopen``, ``skip``, ``delete`` and ``restore``: changes by reference."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from taskstead.cli.client.session import STATUS_COLUMNS, TASKS_PATH, Session
from taskstead.cli.console import count
from taskstead.client.command_batches import remember_command
from taskstead.client.errors import ClientError, ExitCode, describe_problem, make_problem_error
from taskstead.client.http import ApiObject, ForeignAnswerError
from taskstead.client.output import print_error

MAX_OPERATIONS = 1000
Reference = int | str


def complete_tasks(
    session: Session, words: Sequence[str], *, subtasks: str | None, occurrence: str | None
) -> None:
    """Complete tasks; a repeating task gets its next due date.

    Args:
        session: the session.
        words: the references.
        subtasks: what happens to open sub-tasks; None for the default of the API.
        occurrence: the occurrence that must be the current one; None for any.
    """
    operation = {"op": "complete", "subtasks": subtasks, "occurrence": occurrence}
    _change_tasks(session, words, operation)


def reopen_tasks(session: Session, words: Sequence[str]) -> None:
    """Set the status of tasks to to-do."""
    _change_tasks(session, words, {"op": "update", "task": {"status": "todo"}})


def trash_tasks(session: Session, words: Sequence[str], *, subtasks: str | None) -> None:
    """Move tasks to the trash.

    Args:
        session: the session.
        words: the references.
        subtasks: what happens to their sub-tasks; None to trash them too.
    """
    operation = {"op": "trash", "subtasks": subtasks}
    _change_tasks(session, words, operation, columns=("number",))


def restore_tasks(session: Session, words: Sequence[str]) -> None:
    """Restore tasks from the trash."""
    _change_tasks(session, words, {"op": "restore"})


def skip_occurrences(session: Session, words: Sequence[str]) -> None:
    """Skip the current occurrence of repeating tasks."""
    _change_tasks(session, words, {"op": "skip"})


def _change_tasks(
    session: Session,
    words: Sequence[str],
    operation: dict[str, Any],
    *,
    columns: Sequence[str] = STATUS_COLUMNS,
) -> None:
    """Apply one operation to tasks. Each task is changed independently of the others."""
    references = session.parse_references(words)
    operation = {name: value for name, value in operation.items() if value is not None}
    results: list[dict[str, Any]] = []
    batches: list[str] = []
    try:
        for start in range(0, len(references), MAX_OPERATIONS):
            part = references[start : start + MAX_OPERATIONS]
            body = {"operations": [{**operation, "id": id_} for id_ in part], "atomic": False}
            answer = session.api.call("POST", f"{TASKS_PATH}/bulk", body).decode()
            if answer["batch"] is not None:
                batches.append(answer["batch"])
            results += _get_results(answer, part)
    except ClientError as error:
        if not results:
            raise
        _report_abort(session, references, results, columns, error)
    finally:
        remember_command(os.environ, batches)
    _print_results(session, references, results, columns)


def _get_results(answer: ApiObject, part: Sequence[Reference]) -> list[ApiObject]:
    """Return the results of a request, one for each reference.

    Raises:
        ForeignAnswerError: there are more or fewer results.
    """
    results = answer.get_objects("results")
    if len(results) != len(part):
        raise ForeignAnswerError(f"it has {len(results)} results for {len(part)} tasks")
    return results


def _report_abort(
    session: Session,
    references: Sequence[Reference],
    results: Sequence[dict[str, Any]],
    columns: Sequence[str],
    error: ClientError,
) -> None:
    """Print the results of the requests before one that failed.

    Raises:
        ClientError: always, with exit code 3, because some of several tasks failed.
    """
    with suppress(ClientError):
        _print_results(session, references[: len(results)], results, columns)
    raise ClientError(
        f"{error}\nThe other {count(len(references) - len(results), 'task')} of "
        f"{len(references):,} may be unchanged.",
        exit_code=ExitCode.NOT_FOUND,
        problem=error.problem,
    ) from None


def _print_results(
    session: Session,
    references: Sequence[Reference],
    results: Sequence[dict[str, Any]],
    columns: Sequence[str],
) -> None:
    """Print the changed tasks, and an error for each task that could not be changed.

    Raises:
        ClientError: a task could not be changed. With one reference, the exit code is that of its
            error, otherwise it is 3.
    """
    output = session.output
    changed = [
        result["task"] or {"number": reference, "id": result["id"]}
        for reference, result in zip(references, results, strict=True)
        if result["problem"] is None
    ]
    failed = [
        (reference, result)
        for reference, result in zip(references, results, strict=True)
        if result["problem"] is not None
    ]
    if output.as_json:
        output.print_items(results, ())
    else:
        session.print_tasks(changed, columns)
    if not failed:
        return
    if len(references) == 1:
        result = failed[0][1]
        error = make_problem_error(result["status"], result["problem"])
        raise ClientError(str(error), exit_code=error.exit_code, is_in_output=True)
    for reference, result in failed:
        print_error(f"{reference}: {describe_problem(result['problem'])}")
    raise ClientError(
        f"{len(failed):,} of {len(references):,} tasks could not be changed.",
        exit_code=ExitCode.NOT_FOUND,
        is_in_output=True,
    )
