"""Own filters are visible to their owner only, in every answer of the server."""

import io
import json
import zipfile
from typing import Any

import pytest
from fastapi import FastAPI

from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.integration.saved_filters.members import (
    PATH,
    SECRET,
    Members,
    create,
    list_activity,
    list_names,
    make_members,
    update,
)
from tests.integration.sync.replica import Replica, take_snapshot
from tests.integration.sync.streams import Stream

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
async def members(client: Client) -> Members:
    return await make_members(client)


async def get_newest(client: Client) -> dict[str, Any]:
    """Return the newest change that a member sees."""
    newest: dict[str, Any] = (await client.get("/api/v1/activity?limit=1")).json()["items"][0]
    return newest


def list_values(change: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the old and the new values of a change by field."""
    return {field["field"]: (field["old"], field["new"]) for field in change["fields"]}


async def read_export(client: Client) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of an account's export by file."""
    answer = await client.post("/auth/me/export", {"current_password": PASSWORD})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }


async def test_own_filter_is_listed_for_its_owner_only(members: Members) -> None:
    await create(members.bob, SECRET)
    await create(members.bob, "Shared", shared=True)
    assert await list_names(members.bob) == [SECRET, "Shared"]
    assert await list_names(members.ada) == ["Shared"]


async def test_own_filter_of_another_is_not_found(members: Members) -> None:
    saved = await create(members.bob, SECRET)
    path = f"{PATH}/{saved['id']}"
    assert (await members.bob.get(path)).status_code == 200
    for answer in (
        await members.ada.get(path),
        await members.ada.patch(path, {"name": "x"}),
        await members.ada.post(f"{path}/move", {"to": "start"}),
        await members.ada.delete(path),
    ):
        check_problem(answer, 404, "not_found")


async def test_filter_is_not_placed_beside_an_unseen_one(members: Members) -> None:
    saved = await create(members.bob, SECRET)
    body = {"name": "x", "filter": "", "place": {"after": saved["id"]}}
    check_problem(await members.ada.post(PATH, body), 422, "validation_failed")


async def test_lists_of_two_members_have_different_etags(members: Members) -> None:
    await create(members.bob, SECRET)
    tags = [(await one.get(PATH)).headers["etag"] for one in (members.ada, members.bob)]
    assert tags[0] != tags[1]


async def test_all_editors_change_shared_filters(members: Members) -> None:
    saved = await create(members.ada, "Shared", shared=True)
    changed = await update(members.bob, saved, name="Ours", filter="tomorrow")
    assert (changed["name"], changed["owner"]) == ("Ours", members.ada_id)


async def test_only_the_owner_stops_sharing(members: Members) -> None:
    saved = await create(members.ada, "Shared", shared=True)
    answer = await members.bob.patch(f"{PATH}/{saved['id']}", {"shared": False})
    check_problem(answer, 403, "forbidden")
    assert (await update(members.ada, saved, shared=False))["shared"] is False


async def test_filter_of_a_former_member_remains_shared(members: Members) -> None:
    saved = await create(members.bob, "Shared", shared=True)
    path = f"/api/v1/workspaces/{members.workspace_id}/members/{members.bob_id}"
    assert (await members.ada.delete(path)).status_code == 204
    answer = await members.ada.patch(f"{PATH}/{saved['id']}", {"shared": False})
    check_problem(answer, 403, "forbidden")
    assert answer.json()["detail"].endswith("Delete it instead.")
    assert (await members.ada.delete(f"{PATH}/{saved['id']}")).status_code == 204


async def test_viewers_read_shared_filters_only(members: Members) -> None:
    saved = await create(members.ada, "Shared", shared=True)
    path = f"/api/v1/workspaces/{members.workspace_id}/members/{members.bob_id}"
    assert (await members.ada.patch(path, {"role": "viewer"})).status_code == 200
    assert await list_names(members.bob) == ["Shared"]
    answer = await members.bob.patch(f"{PATH}/{saved['id']}", {"name": "x"})
    check_problem(answer, 403, "insufficient_role")
    answer = await members.bob.post(PATH, {"name": "x", "filter": ""})
    check_problem(answer, 403, "insufficient_role")


async def test_activity_omits_own_filters_of_others(members: Members) -> None:
    saved = await create(members.bob, SECRET)
    await update(members.bob, saved, filter="@secret")
    assert len(await list_activity(members.bob)) == 2
    assert await list_activity(members.ada) == []
    found = await members.ada.get(f"/api/v1/activity?entity={saved['id']}")
    assert found.json()["items"] == []


async def test_sharing_does_not_show_earlier_values(members: Members) -> None:
    saved = await create(members.bob, SECRET, "@secret")
    await update(members.bob, saved, shared=True, name="Shared", filter="@open")
    (change,) = await list_activity(members.ada)
    assert list_values(change) == {"is_shared": (False, True)}
    changes = [list_values(change) for change in (await list_activity(members.bob))[1:]]
    assert changes == [
        {"name": (SECRET, "Shared"), "filter": ("@secret", "@open")},
        {"is_shared": (False, True)},
    ]


async def test_end_of_sharing_does_not_show_later_values(members: Members) -> None:
    saved = await create(members.bob, "Shared", shared=True)
    await update(members.bob, saved, shared=False, name=SECRET, filter="@secret")
    created, change = await list_activity(members.ada)
    assert list_values(change) == {"is_shared": (True, False)}
    assert (created["name"], change["name"]) == (None, None)
    assert list_values(created)["name"] == (None, "Shared")


async def test_own_filters_of_others_are_not_synced(members: Members) -> None:
    copy = await take_snapshot(members.ada)
    own = await create(members.bob, SECRET)
    shared = await create(members.bob, "Shared", shared=True)
    await copy.catch_up(members.ada)
    assert [*copy.rows["filter"]] == [shared["id"]]
    assert [*(await take_snapshot(members.ada)).rows["filter"]] == [shared["id"]]
    assert {*(await take_snapshot(members.bob)).rows["filter"]} == {own["id"], shared["id"]}


async def test_shared_filter_appears_in_copies_of_others(members: Members) -> None:
    saved = await create(members.bob, "Shared")
    copy = await take_snapshot(members.ada)
    await update(members.bob, saved, shared=True)
    await copy.catch_up(members.ada)
    assert copy.rows["filter"][saved["id"]]["name"] == "Shared"


@pytest.mark.parametrize("limit", [1, 100])
async def test_own_filter_disappears_from_copies_of_others(members: Members, limit: int) -> None:
    saved = await create(members.bob, "Shared", shared=True)
    theirs, own = await take_snapshot(members.ada), await take_snapshot(members.bob)
    await update(members.bob, saved, shared=False, name=SECRET)
    await update(members.bob, saved, color="#123456")
    await theirs.catch_up(members.ada, limit=limit)
    await own.catch_up(members.bob, limit=limit)
    assert theirs.rows["filter"] == {}
    assert own.rows["filter"][saved["id"]]["name"] == SECRET
    assert theirs.revision == own.revision


async def test_changes_of_own_filters_are_empty_pages(members: Members) -> None:
    saved = await create(members.bob, SECRET)
    copy: Replica = await take_snapshot(members.ada)
    await update(members.bob, saved, name="Another secret")
    await members.bob.delete(f"{PATH}/{saved['id']}")
    page = await copy.pull(members.ada)
    lists = [value for value in page.values() if isinstance(value, list)]
    assert (any(lists), page["has_more"]) == (False, False)


async def test_events_omit_own_filters_of_others(app: FastAPI, members: Members) -> None:
    streams = [await Stream().open(app, one) for one in (members.ada, members.bob)]
    await create(members.bob, SECRET)
    await members.bob.create_task()
    last = (await get_newest(members.bob))["revision"]
    theirs, own = [await stream.list_until(last) for stream in streams]
    assert [event.data["kind"] for event in theirs if event.data] == ["task"]
    assert [event.data["kind"] for event in own if event.data] == ["filter", "task"]
    assert all("visible_to" not in event.data for event in (*theirs, *own) if event.data)
    for stream in streams:
        await stream.disconnect()


async def test_missed_events_omit_own_filters_of_others(app: FastAPI, members: Members) -> None:
    first = (await get_newest(members.ada))["revision"]
    await create(members.bob, SECRET)
    await members.bob.create_task()
    stream = await Stream().open(app, members.ada, f"last_event_id={first}&seconds=0")
    assert [event.data["kind"] for event in await stream.list_rest()] == ["task"]


async def test_unseen_change_cannot_be_undone(members: Members) -> None:
    saved = await create(members.bob, SECRET)
    change = await get_newest(members.bob)
    for path in (f"changes/{change['revision']}", f"batches/{change['batch']}"):
        answer = await members.ada.post(f"/api/v1/{path}/undo?force=true")
        check_problem(answer, 404, "not_found")
    assert await list_names(members.bob) == [saved["name"]]


async def test_change_before_the_end_of_sharing_is_not_undone(members: Members) -> None:
    saved = await create(members.bob, "Shared", shared=True)
    await update(members.bob, saved, name="Ours")
    change = await get_newest(members.ada)
    await update(members.bob, saved, shared=False)
    answer = await members.ada.post(f"/api/v1/batches/{change['batch']}/undo?force=true")
    check_problem(answer, 422, "not_undoable")
    assert await list_names(members.bob) == ["Ours"]


async def test_start_of_sharing_is_undone_by_the_owner_only(members: Members) -> None:
    saved = await create(members.bob, "Shared")
    await update(members.bob, saved, shared=True)
    batch = (await get_newest(members.ada))["batch"]
    answer = await members.ada.post(f"/api/v1/batches/{batch}/undo")
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["field"], conflict["code"]) == ("is_shared", "not_owner")
    forced = (await members.ada.post(f"/api/v1/batches/{batch}/undo?force=true")).json()
    assert (forced["changes"], forced["skipped"][0]["code"]) == (0, "not_owner")
    assert (await members.bob.post(f"/api/v1/batches/{batch}/undo")).status_code == 200
    assert await list_names(members.ada) == []


async def test_end_of_sharing_is_not_undone_by_others(members: Members) -> None:
    saved = await create(members.bob, "Shared", shared=True)
    await update(members.bob, saved, shared=False, name=SECRET)
    batch = (await get_newest(members.ada))["batch"]
    answer = await members.ada.post(f"/api/v1/batches/{batch}/undo?force=true")
    check_problem(answer, 422, "not_undoable")
    assert (await members.bob.post(f"/api/v1/batches/{batch}/undo")).status_code == 200
    assert await list_names(members.ada) == ["Shared"]


async def test_export_of_the_owner_omits_filters_of_others(members: Members) -> None:
    await create(members.bob, SECRET, "@secret")
    await create(members.ada, "Own")
    await create(members.bob, "Shared", shared=True)
    files = await read_export(members.ada)
    folder = f"workspaces/{members.workspace_id}"
    names = {row["name"] for row in files[f"{folder}/filters.jsonl"]}
    assert (names, SECRET in str(files)) == ({"Own", "Shared"}, False)


async def test_export_has_own_filters_in_workspaces_of_others(members: Members) -> None:
    await create(members.bob, "Own")
    await create(members.ada, SECRET)
    await create(members.ada, "Shared", shared=True)
    files = await read_export(members.bob)
    (own,) = files["filters.jsonl"]
    assert (own["name"], own["workspace_id"]) == ("Own", members.workspace_id)


async def test_own_filters_of_a_removed_member_are_purged(members: Members) -> None:
    await create(members.bob, SECRET, "@secret")
    await create(members.bob, "Shared", shared=True)
    path = f"/api/v1/workspaces/{members.workspace_id}/members"
    assert (await members.ada.delete(f"{path}/{members.bob_id}")).status_code == 204
    await members.ada.post(path, {"email": "bob@example.com"})
    assert await list_names(members.bob) == ["Shared"]
    assert SECRET not in str(await list_activity(members.bob))


async def test_text_before_sharing_is_erased_for_a_removed_member(members: Members) -> None:
    saved = await create(members.bob, SECRET, "@secret")
    await update(members.bob, saved, shared=True, name="Shared", filter="@open")
    path = f"/api/v1/workspaces/{members.workspace_id}/members"
    assert (await members.ada.delete(f"{path}/{members.bob_id}")).status_code == 204
    await members.ada.post(path, {"email": "bob@example.com"})
    changes = await list_activity(members.bob)
    assert SECRET not in str(changes)
    assert "@secret" not in str(changes)
    assert await list_names(members.bob) == ["Shared"]


async def test_shared_filters_of_a_deleted_account_remain(members: Members) -> None:
    await create(members.bob, SECRET)
    await create(members.bob, "Shared", shared=True)
    answer = await members.bob.post("/auth/me/delete", {"current_password": PASSWORD})
    assert answer.status_code == 204, answer.text
    (left,) = (await members.ada.get(PATH)).json()["items"]
    assert (left["name"], left["owner"]) == ("Shared", members.bob_id)
