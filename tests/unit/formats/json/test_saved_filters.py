"""JSON of saved filters."""

from taskstead.formats.json.saved_filters import render_saved_filter, render_synced_filter
from taskstead.schemas.history.sync import SyncedFilter
from taskstead.schemas.saved_filters import SavedFilter
from taskstead.tables.saved_filters import SavedFilterRow
from tests.unit.formats.rows import SAVED_FILTER, UPDATED, USER_ID


def test_filter_has_the_fields_of_its_schema() -> None:
    shown = SavedFilter.model_validate(render_saved_filter(SAVED_FILTER))
    assert (shown.filter, shown.shared, shown.owner) == ("#Work today", True, USER_ID)


def test_synced_filter_has_its_trash_state() -> None:
    trashed: SavedFilterRow = {**SAVED_FILTER, "deleted_at": UPDATED}
    shown = SyncedFilter.model_validate(render_synced_filter(trashed))
    assert shown.deleted_at == UPDATED
