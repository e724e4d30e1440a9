"""Preconditions of writes (RFC 9110, section 13.1), checked against revisions.

The entity tag of a row is its shown revision. The JSON data of a task includes the names of its
category and tags. The shown revision of a task is therefore the greatest revision of the task, its
category and its tags.

A write changes the task only. It is allowed if the client knows the last change of the task itself.
Therefore any revision from the task's own revision up to the shown revision satisfies If-Match. For
example, the category may have been renamed after the client fetched the task.
"""

from dataclasses import dataclass
from typing import TypeGuard

from taskstead.errors import AlreadyExistsError, RevisionMismatchError
from taskstead.tables.rows import RevisedRow
from taskstead.tables.tasks import CountedTaskRow, TaskDetailRow

# The revisions in an If-Match or If-None-Match header. None stands for ``*``, any revision.
Revisions = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Precondition:
    """The precondition of a write.

    Attributes:
        has_match: whether the row must exist at one of the revisions in ``match``.
        match: the revisions in If-Match; None for any.
        has_none_match: whether the row must not be at one of the revisions in ``none_match``.
        none_match: the revisions in If-None-Match; None for any, so the row must not exist.
    """

    has_match: bool = False
    match: Revisions = None
    has_none_match: bool = False
    none_match: Revisions = None


NO_PRECONDITION = Precondition()


def get_shown_revision(row: RevisedRow) -> int:
    """Return the revision in the entity tag of a row."""
    if _has_label_revisions(row):
        return max(row["revision"], row["category_revision"] or 0, row["tags_revision"] or 0)
    return row["revision"]


def _has_label_revisions(row: RevisedRow) -> TypeGuard[TaskDetailRow]:
    return "category_revision" in row


def _has_subtask_counts(row: RevisedRow) -> TypeGuard[CountedTaskRow]:
    return "subtask_count" in row


def make_etag(row: RevisedRow) -> str:
    """Return the entity tag of a row.

    It consists of the shown revision and, for a task with sub-tasks, their counts. The counts can
    change without a new revision of the task.
    """
    shown_revision = get_shown_revision(row)
    if _has_subtask_counts(row) and row["subtask_count"]:
        return f'"{shown_revision}.{row["subtask_count"]}.{row["open_subtask_count"]}"'
    return render_etag(shown_revision)


def render_etag(revision: int) -> str:
    """Return the strong entity tag (RFC 9110, 8.8.3) of a revision."""
    return f'"{revision}"'


def check_precondition(precondition: Precondition, row: RevisedRow | None) -> None:
    """Check the precondition of a write.

    Args:
        precondition: the precondition.
        row: the current row; None if it does not exist.

    Raises:
        RevisionMismatchError: the row has another revision or does not exist.
        AlreadyExistsError: the row exists but must not.
    """
    if precondition is NO_PRECONDITION:
        return
    if row is None:
        if precondition.has_match:
            raise RevisionMismatchError(
                "The resource does not exist, so If-Match cannot match. Remove If-Match to create "
                "it."
            )
        return
    shown_revision = get_shown_revision(row)
    if precondition.has_match and precondition.match is not None:
        matching_revisions = range(row["revision"], shown_revision + 1)
        if not any(revision in matching_revisions for revision in precondition.match):
            raise RevisionMismatchError(
                f"The resource has changed (revision {row['revision']}). Fetch it and retry.",
                current_etag=make_etag(row),
            )
    if precondition.has_none_match and (
        precondition.none_match is None or shown_revision in precondition.none_match
    ):
        raise AlreadyExistsError(
            "The resource already exists. Remove If-None-Match to change it.",
            current_etag=make_etag(row),
        )
