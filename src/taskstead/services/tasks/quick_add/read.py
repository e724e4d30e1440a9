"""Reads a text of quick add: parses it, resolves the assignee and validates the fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from taskstead.domain.quick_add.language import load_language
from taskstead.domain.quick_add.parser import parse_quick_add
from taskstead.domain.quick_add.result import DateOrder, Issue, QuickAdd, Span
from taskstead.errors import FieldError
from taskstead.formats.json.validation_errors import list_field_errors
from taskstead.queries.accounts.users import get_user
from taskstead.queries.workspaces.workspaces import find_members_by_name
from taskstead.schemas.tasks.quick_add import QuickAddRequest
from taskstead.schemas.tasks.tasks import TaskCreate
from taskstead.services.context import WriteContext

_ME = "me"
_DATE_ORDERS: dict[str, DateOrder | None] = {"dmy": "dmy", "mdy": "mdy", "none": None}
# The fields of a new task that a text sets, besides the assignee.
_TASK_FIELDS = (
    *("title", "description", "due_date", "repeat_rule", "repeat_mode"),
    *("category", "tags", "priority", "parent"),
)


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A text that was read.

    Attributes:
        task: the parsed text, with the errors that the parser cannot know.
        body: the task to create; None if there are errors.
    """

    task: QuickAdd
    body: TaskCreate | None


async def read_quick_add(ctx: WriteContext, request: QuickAddRequest) -> ReadTask:
    """Read a text. Errors are in the result."""
    task = await _parse(ctx, request)
    values = {name: getattr(task, name) for name in _TASK_FIELDS}
    values["assignee"] = await _find_assignee(ctx, task)
    body = None
    try:
        body = TaskCreate(**{name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        found = locate_errors(task, request.text, list_field_errors(error, values))
        # The parser has reported a missing title.
        task.errors += [issue for issue in found if task.title or issue.code != "string_too_short"]
    task.errors.sort(key=lambda issue: issue.start)
    return ReadTask(task, None if task.errors else body)


async def _parse(ctx: WriteContext, request: QuickAddRequest) -> QuickAdd:
    language: str | None = request.language
    date_order: str | None = request.date_order
    if language is None or date_order is None:
        user = await get_user(ctx.database, ctx.principal.user_id)
        language = language or user["language"]
        date_order = date_order or user["date_order"]
    return parse_quick_add(
        request.text,
        now=ctx.clock(),
        time_zone=ZoneInfo(request.time_zone or ctx.principal.time_zone),
        language=load_language(language),
        date_order=_DATE_ORDERS[date_order],
    )


async def _find_assignee(ctx: WriteContext, task: QuickAdd) -> str | None:
    """Return the id of the member that the text names. Add an error if it is not exactly one."""
    if task.assignee is None:
        return None
    if task.assignee.lower() == _ME:
        return ctx.principal.user_id
    found = await find_members_by_name(ctx.database, ctx.principal.workspace_id, task.assignee)
    if len(found) == 1:
        return found[0]["user_id"]
    span = _find_span(task, "assignee")
    if span is not None:
        code = "assignee_ambiguous" if found else "assignee_not_found"
        message = _describe_assignee(task.assignee, is_ambiguous=bool(found))
        task.errors.append(Issue(code, message, span.start, span.end))
    return None


def _describe_assignee(name: str, *, is_ambiguous: bool) -> str:
    if is_ambiguous:
        return f"Several members have the name {name}. Use the e-mail address after the +."
    return (
        f"No member of this workspace has the name {name}. Use the name or the e-mail address of a "
        "member, or put a \\ before the +."
    )


def locate_errors(task: QuickAdd, text: str, errors: Iterable[FieldError]) -> list[Issue]:
    """Return errors of the fields of a task as errors of the parts of the text that set them."""
    issues = []
    for error in errors:
        _, field, *rest = f"{error.pointer}/".split("/")
        span = _find_tag_span(task, text, int(rest[0])) if field == "tags" and rest[0] else None
        span = span or _find_span(task, field)
        start, end = (0, len(text)) if span is None else (span.start, span.end)
        issues.append(Issue(error.code, error.message, start, end))
    return issues


def _find_span(task: QuickAdd, field: str) -> Span | None:
    kinds = (field, "repeat") if field in ("due_date", "repeat_rule") else (field,)
    return next((span for span in task.spans if span.kind in kinds), None)


def _find_tag_span(task: QuickAdd, text: str, index: int) -> Span | None:
    """Return the span that names a tag. Other spans may repeat earlier tags."""
    for span in task.spans:
        name = text[span.start + 1 : span.end]
        # A name of several words is in quotation marks.
        if span.kind == "tag" and task.tags[index] in {name, name[1:-1].strip()}:
            return span
    return None
