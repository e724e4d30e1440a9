"""A new kind of logged entity needs a table and a description, and no other code.

The kind of this test exists only here. It gets history, undo, sync, trash, purge and backup from
its description.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypedDict, get_args

import pytest
from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, text
from sqlalchemy.schema import CreateTable

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.db.sql.statements import POSTGRESQL, SQLITE
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.change_kinds import EntityKind
from taskstead.entities.entity import Entity
from taskstead.entities.registry import ENTITIES
from taskstead.formats.backup import read_header, read_rows
from taskstead.formats.json.history import render_change
from taskstead.http.app_state import Server
from taskstead.ids import make_id
from taskstead.queries.entities import find_workspace_with_expired_rows, list_rows_by_ids
from taskstead.queries.history.activity import AFTER_ALL_REVISIONS, find_names, list_activity
from taskstead.queries.history.sync import SyncPage, SyncPosition, read_sync_page
from taskstead.queries.history.undo import find_change, list_changes_of_batch
from taskstead.schemas.history.activity import ActivityListing
from taskstead.services.changelog import open_batch
from taskstead.services.entity_writer import create_rows, restore_rows, trash_rows, update_rows
from taskstead.services.history.undo import undo_batch, undo_change
from taskstead.services.trash_expiry import purge_expired_in_batch
from taskstead.tables.metadata import metadata
from tests.integration.backup.copies import back_up
from tests.integration.log.world import World, build_world

pytestmark = pytest.mark.engines("sqlite", "postgresql")


class NoteRow(TypedDict):
    """A row of the table of notes."""

    workspace_id: str
    id: str
    text: str
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@pytest.fixture(scope="module")
def notes() -> Iterator[Table]:
    """The table of the new kind, for the time of these tests."""
    table = Table(
        "notes",
        metadata,
        Column(
            "workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
        ),
        Column("id", Id, primary_key=True),
        Column("text", String(100), nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("deleted_at", Instant),
    )
    yield table
    metadata.remove(table)


@pytest.fixture(scope="module")
def note(notes: Table) -> Entity[NoteRow]:
    """The description of the new kind."""
    return Entity(
        kind="note",
        collection="notes",
        row_type=NoteRow,
        table=notes,
        name="text",
        logged=("text", "deleted_at"),
        text=("text",),
        tombstone=("deleted_at",),
    )


@pytest.fixture
async def world(server: Server, notes: Table) -> World:
    world = await build_world(server, World)
    dialect = SQLITE if world.database.dialect == "sqlite" else POSTGRESQL
    create = str(CreateTable(notes).compile(dialect=dialect))
    async with world.database.transaction() as transaction:
        await transaction.execute_many(text(create), [{}])
    return world


async def write_note(world: World, note: Entity[NoteRow]) -> NoteRow:
    """Create a note and change it, in a batch each."""
    async with open_batch(world.ctx) as batch:
        (created,) = await create_rows(batch, note, [{"id": make_id(), "text": "First"}])
    async with open_batch(world.ctx) as batch:
        (changed,) = await update_rows(batch, note, [(created, {"text": "Second"})])
    return changed


async def read_note(database: Database, note: Entity[NoteRow], row: NoteRow) -> NoteRow:
    (found,) = await list_rows_by_ids(database, note, row["workspace_id"], [row["id"]])
    return found


async def sync(world: World, note: Entity[NoteRow], position: SyncPosition | None) -> SyncPage:
    return await read_sync_page(
        world.database,
        world.owner.workspace_id,
        position,
        user_id=world.owner.user_id,
        revision=0,
        limit=100,
        entities=(*ENTITIES, note),
    )


async def test_changes_of_new_kind_are_in_history(world: World, note: Entity[NoteRow]) -> None:
    database, workspace_id = world.database, world.owner.workspace_id
    async with open_batch(world.ctx) as batch:
        (row,) = await create_rows(batch, note, [{"id": make_id(), "text": "First"}])
    (change,) = await list_changes_of_batch(database, workspace_id, batch.id)
    names = await find_names(database, world.owner, [change], (*ENTITIES, note))
    shown = render_change(change, names)
    assert (shown["kind"], shown["action"], shown["name"]) == ("note", "created", "First")
    assert [(field["field"], field["new"]) for field in shown["fields"]] == [("text", "First")]
    assert shown["revision"] == row["revision"]

    listing = ActivityListing(entity=row["id"])
    listed = await list_activity(
        database,
        world.owner,
        listing,
        now=get_now(),
        before=AFTER_ALL_REVISIONS,
        limit=10,
        entities=(*ENTITIES, note),
    )
    assert listed == [change]


def test_schemas_have_the_kinds_of_all_entities() -> None:
    assert get_args(EntityKind) == tuple(entity.kind for entity in ENTITIES)


async def test_changes_of_new_kind_can_be_undone(world: World, note: Entity[NoteRow]) -> None:
    database, entities = world.database, (*ENTITIES, note)
    row = await write_note(world, note)
    undone = await undo_change(world.ctx, row["revision"], force=False, entities=entities)
    assert (await read_note(database, note, row))["text"] == "First"
    assert undone.batch_id is not None
    await undo_batch(world.ctx, undone.batch_id, force=False, entities=entities)
    assert (await read_note(database, note, row))["text"] == "Second"
    await undo_change(world.ctx, row["revision"] - 1, force=True, entities=entities)
    assert (await read_note(database, note, row))["deleted_at"] is not None


async def test_new_kind_is_synced(world: World, note: Entity[NoteRow]) -> None:
    first = await sync(world, note, None)
    row = await write_note(world, note)
    page = await sync(world, note, first.position)
    assert page.get_rows(note) == [row]
    assert (await sync(world, note, None)).get_rows(note) == [row]


async def test_new_kind_has_trash(world: World, note: Entity[NoteRow]) -> None:
    row = await write_note(world, note)
    async with open_batch(world.ctx) as batch:
        (trashed,) = await trash_rows(batch, note, [row])
    assert (await read_note(world.database, note, row))["deleted_at"] == batch.at
    async with open_batch(world.ctx) as batch:
        (restored,) = await restore_rows(batch, note, [trashed])
    assert await read_note(world.database, note, row) == restored
    actions = [change["action"] for change in batch.rows]
    assert (restored["deleted_at"], actions) == (None, ["restored"])


async def test_housekeeping_purges_new_kind(world: World, note: Entity[NoteRow]) -> None:
    database, workspace_id = world.database, world.owner.workspace_id
    row = await write_note(world, note)
    async with open_batch(world.ctx) as batch:
        await trash_rows(batch, note, [row])
    position = (await sync(world, note, None)).position
    until = batch.at
    assert (
        await find_workspace_with_expired_rows(database, until=until, entities=[note])
        == workspace_id
    )
    async with open_batch(world.ctx) as batch:
        purged = await purge_expired_in_batch(
            batch, until=until, limit=10, entities=(*ENTITIES, note)
        )
    assert +purged == {"notes": 1}
    assert (await sync(world, note, position)).purged == [("note", row["id"])]
    created = await find_change(database, workspace_id, row["revision"] - 1, viewer_id=None)
    assert created is not None
    assert created["fields"] == {}, "the log contains the text of a purged row"


async def test_new_kind_is_in_backups(
    world: World, note: Entity[NoteRow], database_url: str, tmp_path: Path
) -> None:
    row = await write_note(world, note)
    file = tmp_path / "backup.jsonl.gz"
    await back_up(database_url, file)
    with file.open("rb") as opened:
        header = read_header(opened)
        rows = [
            one for name, found in read_rows(opened, header) if name == "notes" for one in found
        ]
    assert rows == [row]
