"""Preferences: storage, preconditions, merge patches and limits."""

from typing import Any

import pytest

from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PATH = "/api/v1/preferences"
STORED = {"theme": "dark", "lists": {"inbox": {"sort": "due"}}}


def nest(levels: int) -> dict[str, Any]:
    """Return an object with this number of levels."""
    return {"a": nest(levels - 1)} if levels > 1 else {}


async def test_preferences_are_empty_at_first(owner: Client) -> None:
    answer = await owner.get(PATH)
    assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, {}, '"0"')


async def test_stored_preferences_are_returned(owner: Client) -> None:
    stored = await owner.put(PATH, STORED)
    assert (stored.status_code, stored.json()) == (200, STORED)
    answer = await owner.get(PATH)
    assert (answer.json(), answer.headers["ETag"]) == (STORED, stored.headers["ETag"])


async def test_preferences_follow_the_person(owner: Client, client: Client) -> None:
    await owner.put(PATH, STORED)
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Other"})).json()["id"]
    assert (await owner.in_workspace(workspace).get(PATH)).json() == STORED
    assert (await (await client.register("bob@example.com")).get(PATH)).json() == {}


async def test_current_copy_is_not_sent_again(owner: Client) -> None:
    etag = (await owner.put(PATH, STORED)).headers["ETag"]
    answer = await owner.get(PATH, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_etags_of_two_users_differ(owner: Client, client: Client) -> None:
    etag = (await owner.put(PATH, STORED)).headers["ETag"]
    bob = await client.register("bob@example.com")
    await bob.put(PATH, {"theme": "light"})
    answer = await bob.get(PATH, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.json()) == (200, {"theme": "light"})


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_write_with_an_old_etag_is_rejected(owner: Client, method: str) -> None:
    await owner.put(PATH, STORED)
    old = {"If-Match": '"0"'}
    answer = await owner.request(method, PATH, json={"theme": "light"}, headers=old)
    check_problem(answer, 412, "revision_mismatch")
    assert (await owner.get(PATH)).json() == STORED


async def test_first_write_can_have_a_precondition(owner: Client) -> None:
    answer = await owner.put(PATH, STORED, headers={"If-Match": '"0"'})
    assert answer.status_code == 200


async def test_merge_patch_changes_single_values(owner: Client) -> None:
    await owner.put(PATH, STORED)
    patch = {"theme": None, "lists": {"today": {"sort": "place"}}}
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = await owner.patch(PATH, patch, headers=headers)
    expected = {"lists": {"inbox": {"sort": "due"}, "today": {"sort": "place"}}}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert (await owner.get(PATH)).json() == expected


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"theme": "dark"}), ("PUT", STORED)])
async def test_write_without_a_change_keeps_the_etag(
    owner: Client, method: str, body: dict[str, Any]
) -> None:
    etag = (await owner.put(PATH, STORED)).headers["ETag"]
    answer = await owner.request(method, PATH, json=body)
    assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, STORED, etag)


async def test_unusual_text_is_stored(owner: Client) -> None:
    unusual = {"a\x00": ["\u2028", "🙂", 10**40, 0.1, True, None]}
    await owner.put(PATH, unusual)
    assert (await owner.get(PATH)).json() == unusual


async def test_largest_preferences_are_accepted(owner: Client) -> None:
    assert (await owner.put(PATH, {"a": "x" * (65_536 - 8)})).status_code == 200
    assert (await owner.put(PATH, nest(10))).status_code == 200


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'{{"a":"{"x" * (65_536 - 7)}"}}', "too_large"),
        ('{"a":' * 10 + "{}" + "}" * 10, "too_deep"),
        ('{"a":' + "[" * 10 + "]" * 10 + "}", "too_deep"),
        ('{"a":NaN}', "finite_number"),
        ('{"a":"\\ud800"}', "surrogate"),
        ('{"\\udfff":1}', "surrogate"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_unstorable_preferences_are_rejected(
    owner: Client, method: str, text: str, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await owner.request(method, PATH, content=text, headers=headers)
    check_problem(answer, 422, "validation_failed")
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert (await owner.get(PATH)).json() == {}


async def test_patches_cannot_exceed_the_size(owner: Client) -> None:
    await owner.put(PATH, {"a": "x" * 40_000})
    check_problem(await owner.patch(PATH, {"b": "x" * 40_000}), 422, "validation_failed")


@pytest.mark.parametrize("body", ["[]", "1", "null", '"x"'])
async def test_preferences_must_be_an_object(owner: Client, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await owner.request("PUT", PATH, content=body, headers=headers)
    check_problem(answer, 422, "validation_failed")
