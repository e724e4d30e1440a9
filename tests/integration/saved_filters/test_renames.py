"""A renamed or merged category or tag gets its new name in saved filters, too."""

from typing import Any

import httpx2
import pytest

from tests.harness.client import Client
from tests.integration.saved_filters.members import (
    Members,
    create,
    get_text,
    make_members,
    update,
)

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture
async def members(client: Client) -> Members:
    return await make_members(client)


async def make_label(client: Client, kind: str, name: str) -> str:
    answer = await client.post(f"/api/v1/{kind}", {"name": name})
    return str(answer.json()["id"])


async def rename(client: Client, kind: str, old: str, new: str) -> httpx2.Response:
    """Create a category or a tag and rename it."""
    id_ = await make_label(client, kind, old)
    answer = await client.patch(f"/api/v1/{kind}/{id_}", {"name": new})
    assert answer.status_code == 200, answer.text
    return answer


async def undo(client: Client, answer: httpx2.Response) -> dict[str, Any]:
    batch = answer.headers["taskstead-batch"]
    undone = await client.post(f"/api/v1/batches/{batch}/undo")
    assert undone.status_code == 200, undone.text
    result: dict[str, Any] = undone.json()
    return result


async def test_renamed_category_is_renamed_in_filters(owner: Client) -> None:
    saved = await create(owner, "Next", "today #WORK or category:Home,work not @work")
    await rename(owner, "categories", "Work", "Deep work")
    expected = 'today #"Deep work" or category:Home,"Deep work" not @work'
    assert await get_text(owner, saved) == expected


async def test_renamed_tag_is_renamed_in_filters(owner: Client) -> None:
    saved = await create(owner, "Next", "@100%_\\sure or #100%_\\sure")
    await rename(owner, "tags", "100%_\\sure", "sure")
    assert await get_text(owner, saved) == "@sure or #100%_\\sure"


async def test_merged_tag_is_renamed_in_filters(owner: Client) -> None:
    saved = await create(owner, "Next", "@old or @new")
    old, new = await make_label(owner, "tags", "old"), await make_label(owner, "tags", "new")
    merged = await owner.post(f"/api/v1/tags/{old}/merge", {"into": new})
    assert await get_text(owner, saved) == "@new or @new"
    await undo(owner, merged)
    assert await get_text(owner, saved) == "@old or @new"


async def test_category_moved_into_another_is_renamed(owner: Client) -> None:
    saved = await create(owner, "Next", "#Old p1")
    old = await make_label(owner, "categories", "Old")
    new = await make_label(owner, "categories", "New")
    await owner.delete(f"/api/v1/categories/{old}?move_to={new}")
    assert await get_text(owner, saved) == "#New p1"


async def test_filter_keeps_the_name_of_a_trashed_tag(owner: Client) -> None:
    saved = await create(owner, "Next", "@old")
    await owner.delete(f"/api/v1/tags/{await make_label(owner, 'tags', 'old')}")
    assert await get_text(owner, saved) == "@old"


async def test_other_filters_do_not_change(owner: Client) -> None:
    saved = await create(owner, "Next", '"@work" @workshop')
    await rename(owner, "tags", "work", "job")
    answer = await owner.get(f"/api/v1/filters/{saved['id']}")
    assert answer.json() == saved


async def test_patch_with_the_same_name_changes_no_filter(owner: Client) -> None:
    saved = await create(owner, "Next", '#"Work"')
    id_ = await make_label(owner, "categories", "Work")
    await owner.patch(f"/api/v1/categories/{id_}", {"name": "Work", "color": "#123456"})
    assert await get_text(owner, saved) == '#"Work"'


async def test_filter_that_would_be_too_long_keeps_its_text(owner: Client) -> None:
    text = "@work " + "x" * 994
    saved = await create(owner, "Next", text)
    await rename(owner, "tags", "work", "workplace")
    assert await get_text(owner, saved) == text


async def test_undo_of_a_rename_restores_the_filters(owner: Client) -> None:
    saved = await create(owner, "Next", '#"Work" or #work')
    answer = await rename(owner, "categories", "Work", "Job")
    assert (await undo(owner, answer))["changes"] == 2
    assert await get_text(owner, saved) == '#"Work" or #work'


async def test_own_filters_of_other_members_are_renamed(members: Members) -> None:
    saved = await create(members.ada, "Own", "@work")
    await rename(members.bob, "tags", "work", "job")
    assert await get_text(members.ada, saved) == "@job"


async def test_undo_by_another_member_renames_own_filters(members: Members) -> None:
    saved = await create(members.ada, "Own", "@WORK")
    renamed = await rename(members.bob, "tags", "work", "job")
    undone = await undo(members.bob, renamed)
    assert undone["changes"] == 1
    assert await get_text(members.ada, saved) == "@WORK"


async def test_undo_of_the_undo_renames_own_filters_again(members: Members) -> None:
    saved = await create(members.ada, "Own", "@WORK")
    renamed = await rename(members.ada, "tags", "work", "job")
    undone = await undo(members.bob, renamed)
    await members.bob.post(f"/api/v1/batches/{undone['batch']}/undo")
    assert await get_text(members.ada, saved) == "@job"


async def test_undo_keeps_a_later_change_of_an_own_filter(members: Members) -> None:
    saved = await create(members.ada, "Own", "@work")
    renamed = await rename(members.bob, "tags", "work", "job")
    await update(members.ada, saved, filter="@job p1")
    undone = await undo(members.bob, renamed)
    assert (undone["skipped"], undone["changes"]) == ([], 1)
    assert await get_text(members.ada, saved) == "@job p1"


async def test_filter_shared_after_a_rename_is_restored(members: Members) -> None:
    saved = await create(members.ada, "Own", "@work")
    renamed = await rename(members.bob, "tags", "work", "job")
    await update(members.ada, saved, shared=True)
    await undo(members.bob, renamed)
    assert await get_text(members.ada, saved) == "@work"
