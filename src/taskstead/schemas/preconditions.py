"""What a write relies on (RFC 9110, 13.1): a state that the client has seen, or that there is none.

The entity tag of a thing is its revision. A task's is the greatest of its own, its category's and
its tags', since it shows their names. A write is about the task itself, though: whoever has seen it
since its own last change knows what the write goes on from, whatever its category was called.
"""

from dataclasses import dataclass

from taskstead.db.statements import Row
from taskstead.errors import AlreadyThereError, RevisionMismatchError

# A revision, as many as a header names; None stands for ``*``.
Revisions = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Precondition:
    """What has to hold for a write to be done.

    Attributes:
        has_match: whether the thing has to be there, at one of ``match``.
        match: revisions; None for any.
        has_none_match: whether it must not be at one of ``none_match``.
        none_match: revisions; None for any: it must not be there.
    """

    has_match: bool = False
    match: Revisions = None
    has_none_match: bool = False
    none_match: Revisions = None


NO_PRECONDITION = Precondition()


def get_shown_revision(row: Row) -> int:
    """Return the revision that the answer with a row has as its entity tag."""
    names = ("revision", "category_revision", "tags_revision")
    return max(int(row.get(name) or 0) for name in names)


def make_etag(row: Row) -> str:
    """Return the entity tag of a row: its shown revision, with the counts of its sub-tasks if any.

    The counts change without a change of the task itself.
    """
    shown = get_shown_revision(row)
    if row.get("subtask_count"):
        return f'"{shown}.{row["subtask_count"]}.{row["open_subtask_count"]}"'
    return render_etag(shown)


def render_etag(revision: int) -> str:
    """Return the strong entity tag (RFC 9110, 8.8.3) of a revision."""
    return f'"{revision}"'


def check_precondition(precondition: Precondition, row: Row | None) -> None:
    """Check that a write may be done to a row, or where there is none.

    Raises:
        RevisionMismatchError: it is at another revision than the client says, or not there.
        AlreadyThereError: it is there, and was not to be.
    """
    if precondition is NO_PRECONDITION:
        return
    if row is None:
        if precondition.has_match:
            raise RevisionMismatchError("There is nothing here yet that If-Match could match.")
        return
    shown = get_shown_revision(row)
    headers = {"ETag": make_etag(row)}
    if precondition.has_match and precondition.match is not None:
        known = range(row["revision"], shown + 1)
        if not any(revision in known for revision in precondition.match):
            raise RevisionMismatchError(
                f"It is at revision {row['revision']} by now; read it again, and decide anew.",
                headers=headers,
            )
    if precondition.has_none_match and (
        precondition.none_match is None or shown in precondition.none_match
    ):
        raise AlreadyThereError(
            "It is there already; leave If-None-Match out to change it.", headers=headers
        )
