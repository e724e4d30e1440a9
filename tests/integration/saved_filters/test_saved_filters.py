"""Saved filters: create, list, change, move and delete them."""

from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.saved_filters.members import (
    PATH,
    create,
    list_names,
    make_members,
    update,
)

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]


async def test_filter_is_returned_as_created(owner: Client) -> None:
    body: dict[str, Any] = {
        "id": make_id(),
        "name": " Next ",
        "filter": "(overdue or today) #Work",
        "sort": "-priority,due_date",
        "group_by": "category",
        "color": "#aAbB09",
        "shared": True,
    }
    answer = await owner.post(PATH, body)
    saved = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{body['id']}")
    me = (await owner.get("/auth/me")).json()
    assert saved == {
        **body,
        "name": "Next",
        "position": "a0",
        "owner": me["id"],
        "revision": saved["revision"],
        "created_at": saved["created_at"],
        "updated_at": saved["created_at"],
    }
    assert (await owner.get(f"{PATH}/{body['id']}")).json() == saved


async def test_new_filter_is_own_and_without_options(owner: Client) -> None:
    saved = await create(owner, "Next")
    options = (saved["sort"], saved["group_by"], saved["color"], saved["shared"])
    assert options == (None, "none", None, False)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"filter": "today and"}, "/filter", "unexpected_end"),
        ({"filter": "x" * 1001}, "/filter", "too_long"),
        ({"name": " "}, "/name", "string_too_short"),
        ({"name": make_id()}, "/name", "id_as_name"),
        ({"sort": "size"}, "/sort", "sort"),
        ({"sort": "relevance"}, "/sort", "sort"),
        ({"group_by": "size"}, "/group_by", "literal_error"),
        ({"color": "red"}, "/color", "string_pattern_mismatch"),
        ({"shared": None}, "/shared", "bool_type"),
        ({"id": "1"}, "/id", "uuid"),
        ({"place": {}}, "/place", "one_place"),
        ({"place": {"before": make_id()}}, "/place/before", "filter"),
    ],
)
async def test_invalid_field_is_rejected(
    owner: Client, fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await owner.post(PATH, {"name": "Next", "filter": "today", **fields})
    problem = check_problem(answer, 422, "validation_failed")
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


async def test_error_of_the_filter_has_its_position(owner: Client) -> None:
    answer = await owner.post(PATH, {"name": "Next", "filter": "today status:late"})
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error["start"], error["end"]) == ("/filter", 13, 17)


async def test_id_in_use_is_rejected(owner: Client) -> None:
    saved = await create(owner, "Next")
    answer = await owner.post(PATH, {"id": saved["id"], "name": "Later", "filter": ""})
    problem = check_problem(answer, 409, "name_taken")
    assert problem["errors"][0]["pointer"] == "/id"


@pytest.mark.parametrize("shared", [False, True])
async def test_name_is_unique_ignoring_case(owner: Client, *, shared: bool) -> None:
    await create(owner, "Next", shared=shared)
    answer = await owner.post(PATH, {"name": "NEXT", "filter": "", "shared": shared})
    check_problem(answer, 409, "name_taken")


async def test_own_and_shared_filter_may_have_one_name(owner: Client) -> None:
    await create(owner, "Next")
    await create(owner, "Next", shared=True)
    assert await list_names(owner) == ["Next", "Next"]


async def test_filter_with_a_taken_name_cannot_be_shared(owner: Client) -> None:
    own = await create(owner, "Next")
    await create(owner, "Next", shared=True)
    answer = await owner.patch(f"{PATH}/{own['id']}", {"shared": True})
    check_problem(answer, 409, "name_taken")


async def test_members_may_use_one_name_for_own_filters(client: Client) -> None:
    members = await make_members(client)
    await create(members.ada, "Next")
    await create(members.bob, "Next")
    assert (await list_names(members.ada), await list_names(members.bob)) == (["Next"], ["Next"])


async def test_patch_changes_only_its_fields(owner: Client) -> None:
    saved = await create(owner, "Next", sort="title", color="#123456")
    changed = await update(owner, saved, name="Later", color=None)
    fixed = ("revision", "updated_at")
    assert {name: value for name, value in changed.items() if name not in fixed} == {
        **{name: value for name, value in saved.items() if name not in fixed},
        "name": "Later",
        "color": None,
    }


async def test_precondition_is_checked(owner: Client) -> None:
    saved = await create(owner, "Next")
    path = f"{PATH}/{saved['id']}"
    tag = (await owner.get(path)).headers["etag"]
    await update(owner, saved, name="Later")
    for answer in (
        await owner.patch(path, {"name": "Now"}, headers={"If-Match": tag}),
        await owner.post(f"{path}/move", {"to": "start"}, headers={"If-Match": tag}),
        await owner.delete(path, headers={"If-Match": tag}),
    ):
        check_problem(answer, 412, "revision_mismatch")


async def test_repeated_request_creates_one_filter(owner: Client) -> None:
    body, headers = {"name": "Next", "filter": ""}, {"Idempotency-Key": "a"}
    first = await owner.post(PATH, body, headers=headers)
    again = await owner.post(PATH, body, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert await list_names(owner) == ["Next"]


async def test_trashed_filter_is_restored_by_undo(owner: Client) -> None:
    saved = await create(owner, "Next")
    deleted = await owner.delete(f"{PATH}/{saved['id']}")
    assert deleted.status_code == 204
    check_problem(await owner.get(f"{PATH}/{saved['id']}"), 404, "not_found")
    batch = deleted.headers["taskstead-batch"]
    assert (await owner.post(f"/api/v1/batches/{batch}/undo")).status_code == 200
    assert await list_names(owner) == ["Next"]


async def test_undo_does_not_restore_a_taken_name(owner: Client) -> None:
    saved = await create(owner, "Next")
    deleted = await owner.delete(f"{PATH}/{saved['id']}")
    await create(owner, "NEXT")
    batch = deleted.headers["taskstead-batch"]
    answer = await owner.post(f"/api/v1/batches/{batch}/undo")
    (conflict,) = answer.json()["conflicts"]
    assert answer.status_code == 409
    assert (conflict["kind"], conflict["code"]) == ("filter", "name_taken")
    forced = await owner.post(f"/api/v1/batches/{batch}/undo?force=true")
    assert (forced.status_code, forced.json()["changes"]) == (200, 0)


async def test_list_is_paginated_in_the_manual_order(owner: Client) -> None:
    for name in ("A", "B", "C"):
        await create(owner, name)
    first = (await owner.get(f"{PATH}?limit=2")).json()
    rest = (await owner.get(f"{PATH}?limit=2&cursor={first['next_cursor']}")).json()
    pages = [[item["name"] for item in page["items"]] for page in (first, rest)]
    assert (pages, rest["next_cursor"]) == ([["A", "B"], ["C"]], None)


@pytest.mark.parametrize(
    ("moved", "place", "expected"),
    [
        ("C", {"to": "start"}, "CABD"),
        ("A", {"to": "end"}, "BCDA"),
        ("D", {"before": "B"}, "ADBC"),
        ("A", {"after": "C"}, "BCAD"),
        ("B", {"after": "A"}, "ABCD"),
        ("B", {"before": "C"}, "ABCD"),
    ],
)
async def test_filter_is_moved(
    owner: Client, moved: str, place: dict[str, str], expected: str
) -> None:
    ids = {name: (await create(owner, name))["id"] for name in "ABCD"}
    body = {name: ids.get(value, value) for name, value in place.items()}
    answer = await owner.post(f"{PATH}/{ids[moved]}/move", body)
    assert answer.status_code == 200, answer.text
    assert "".join(await list_names(owner)) == expected


async def test_move_to_its_place_changes_nothing(owner: Client) -> None:
    first, second = await create(owner, "A"), await create(owner, "B")
    answer = await owner.post(f"{PATH}/{second['id']}/move", {"after": first["id"]})
    assert answer.json() == second


async def test_filter_is_created_at_its_place(owner: Client) -> None:
    first = await create(owner, "A")
    await create(owner, "B", place={"before": first["id"]})
    assert await list_names(owner) == ["B", "A"]


async def test_filter_cannot_be_placed_beside_itself(owner: Client) -> None:
    saved = await create(owner, "A")
    answer = await owner.post(f"{PATH}/{saved['id']}/move", {"after": saved["id"]})
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error["code"]) == ("/after", "same_filter")


async def test_wrong_id_is_not_found(owner: Client) -> None:
    path = f"{PATH}/{make_id()}"
    for answer in (
        await owner.get(path),
        await owner.patch(path, {"name": "x"}),
        await owner.post(f"{path}/move", {"to": "end"}),
        await owner.delete(path),
    ):
        check_problem(answer, 404, "not_found")
