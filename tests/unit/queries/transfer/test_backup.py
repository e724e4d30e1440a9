"""The tables of a backup."""

from taskstead.queries.transfer.backup import EXCLUDED_TABLES, list_backup_tables
from taskstead.tables.metadata import metadata


def test_every_table_is_in_the_backup_or_excluded_with_reason() -> None:
    names = {table.name for table in list_backup_tables()}
    assert names == metadata.tables.keys() - EXCLUDED_TABLES
    assert {"idempotency_keys"} == EXCLUDED_TABLES


def test_no_table_has_a_sequence() -> None:
    """A restore does not reset sequences."""
    for table in metadata.tables.values():
        assert table.autoincrement_column is None, table.name
