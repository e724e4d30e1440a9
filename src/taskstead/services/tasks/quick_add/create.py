"""Creates a task from a text of quick add."""

from collections.abc import Sequence

from taskstead.domain.quick_add.result import Issue, QuickAdd, SpanKind
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.schemas.tasks.quick_add import QuickAddRequest
from taskstead.services.context import WriteContext
from taskstead.services.tasks.create import create_task
from taskstead.services.tasks.quick_add.read import locate_errors, read_quick_add
from taskstead.tables.tasks import CountedTaskRow

# Parts of a text that tasks cannot store yet, with the code and the message of the error. Without
# the error, the part would be lost: it is neither in the title nor in a field.
_UNAVAILABLE: dict[SpanKind, tuple[str, str]] = {
    "reminder": (
        "reminders_not_available",
        "Reminders are not available yet. Remove the reminder, or put a \\ before it.",
    ),
}


async def create_quick_task(
    ctx: WriteContext, request: QuickAddRequest
) -> tuple[CountedTaskRow, QuickAdd]:
    """Create the task of a text; return its row and the parsed text.

    Raises:
        ValidationFailedError: the text has errors. Each has its position in the text.
    """
    read = await read_quick_add(ctx, request)
    errors = [*read.task.errors, *_list_unavailable(read.task)]
    if errors or read.body is None:
        raise _make_error(errors)
    try:
        return await create_task(ctx, read.body), read.task
    except ValidationFailedError as error:
        raise _make_error(locate_errors(read.task, request.text, error.errors)) from error


def _list_unavailable(task: QuickAdd) -> list[Issue]:
    return [
        Issue(*_UNAVAILABLE[span.kind], span.start, span.end)
        for span in task.spans
        if span.kind in _UNAVAILABLE
    ]


def _make_error(issues: Sequence[Issue]) -> ValidationFailedError:
    more = f" (and {len(issues) - 1} more)" if len(issues) > 1 else ""
    errors = [
        FieldError("/text", issue.message, issue.code, issue.start, issue.end)
        for issue in sorted(issues, key=lambda issue: issue.start)
    ]
    return ValidationFailedError(f"{errors[0].message}{more}", errors=errors)
