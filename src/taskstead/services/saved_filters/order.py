"""The manual order of saved filters. Its positions are those of ``domain/fractional_index.py``.

The filters of all users have one order, so that a filter that is shared later has a position of its
own.
"""

from taskstead.domain.fractional_index import MAX_KEY_LENGTH, make_key_between, make_order_key
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.errors import FieldError, NotFoundError, ValidationFailedError
from taskstead.queries.saved_filters import find_gap, get_saved_filter, list_all_filters
from taskstead.schemas.saved_filters import FilterPlace
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import update_rows

AT_END = FilterPlace(to="end")


async def choose_position(
    batch: Batch, place: FilterPlace, *, user_id: str, moved_id: str, current: str | None
) -> str:
    """Return the position of a filter at a place. A filter already there keeps its position.

    If no usable position is left at the place, the filters of the workspace get new positions
    first.

    Args:
        batch: the open batch.
        place: the requested place.
        user_id: the acting user.
        moved_id: the id of the filter.
        current: its position; None for a new filter.

    Raises:
        ValidationFailedError: the user does not see the filter beside the place, it is in the
            trash, or it is the filter itself.
    """
    low, high = await _find_gap(batch, place, user_id=user_id, moved_id=moved_id)
    if current is not None and (low is None or low < current) and (high is None or current < high):
        return current
    position = make_key_between(low, high)
    if len(position) > MAX_KEY_LENGTH:
        await _renumber(batch, moved_id)
        low, high = await _find_gap(batch, place, user_id=user_id, moved_id=moved_id)
        position = make_key_between(low, high)
    return position


async def _find_gap(
    batch: Batch, place: FilterPlace, *, user_id: str, moved_id: str
) -> tuple[str | None, str | None]:
    at = None
    if place.reference is not None:
        at = await _find_reference_position(batch, place, user_id=user_id, moved_id=moved_id)
    return await find_gap(
        batch.transaction,
        batch.workspace_id,
        at=at,
        is_before=place.is_before,
        moved_id=moved_id,
    )


async def _find_reference_position(
    batch: Batch, place: FilterPlace, *, user_id: str, moved_id: str
) -> str:
    pointer = "/place/before" if place.is_before else "/place/after"
    reference = place.reference or ""
    if reference == moved_id:
        message = "A filter cannot be placed before or after itself."
        raise ValidationFailedError(message, errors=[FieldError(pointer, message, "same_filter")])
    try:
        row = await get_saved_filter(
            batch.transaction, batch.workspace_id, reference, user_id=user_id
        )
    except NotFoundError as error:
        raise ValidationFailedError(
            error.detail, errors=[FieldError(pointer, error.detail, "filter")]
        ) from None
    return row["position"]


async def _renumber(batch: Batch, moved_id: str) -> None:
    """Set short positions for all filters but the moved one, in the same order."""
    rows = await list_all_filters(batch.transaction, batch.workspace_id)
    await update_rows(
        batch,
        SAVED_FILTER,
        [
            (row, {"position": make_order_key(number)})
            for number, row in enumerate(rows)
            if row["id"] != moved_id
        ],
    )
