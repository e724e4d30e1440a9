"""Text fields: any script is returned unchanged; text that cannot be displayed is rejected."""

import json
from typing import Any

import pytest

from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = pytest.mark.balanced

TASKS = "/api/v1/tasks"
TEXTS = (
    "Buy oat milk 🥛",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽",
    "شراء الحليب \u202bعربي\u202c",
    "עברית and English \u200f",
    "e\u0301 and \u00e9",  # looks the same but is a different text
    "Z\u0351\u036b\u0343\u036a\u0302a\u0334\u0321l\u0335go",
    "ﬁne ﬀ ǅ ß ẞ İ ı Σ ς",  # noqa: RUF001 - other letters
    "\U0001d160 \ufb2c \u1e9b\u0323",
    "日本語 한국어 ไทย हिन्दी",
    "\ufeffbyte order mark \ufffe \uffff \U0010ffff",
    "zero\u200bwidth\u2060joiner",
    "'; DROP TABLE tasks; -- \" \\ %s {} $1 ?",
    "<script>alert(1)</script> &amp; \\u0041",
    "\\N \\\\ \\0",
)


# Text fields that hold names.
NAMES = ["/category", "/tags/1", "/name"]


async def test_any_text_is_returned_unchanged(owner: Client) -> None:
    for number, text in enumerate(TEXTS, start=1):
        name = text[:90]
        given = {"title": text, "description": f" {text}\r\n\n", "category": name, "tags": [name]}
        created = await owner.post(TASKS, given)
        assert created.status_code == 201, created.text
        task = (await owner.get(f"{TASKS}/{number}")).json()
        assert task == created.json()
        assert (task["title"], task["description"]) == (text, f" {text}\r\n\n")
        assert (task["category"]["name"], task["tags"]) == (name, [name])
    listed = (await owner.get(TASKS)).json()["items"]
    assert [item["title"] for item in reversed(listed)] == list(TEXTS)


async def test_control_characters_are_allowed_in_texts(owner: Client) -> None:
    title = "tab\tand\x01\x1f\x7fcontrols"
    assert (await owner.create_task(title=title, description=title))["title"] == title


async def test_titles_have_one_to_five_hundred_characters(owner: Client) -> None:
    for character in ("x", "🥛"):
        longest = character * 500
        assert (await owner.create_task(title=longest))["title"] == longest
        answer = await owner.post(TASKS, {"title": character * 501})
        check_problem(answer, 422, "validation_failed", "/title")
    for given in ("", "\u200b"):
        answer = await owner.post(TASKS, {"title": given})
        check_problem(answer, 422, "validation_failed", "/title")
    # Trimmed characters do not count.
    task = await owner.create_task(title=" \u3000\n" + "x" * 500 + "\u00a0\t ")
    assert task["title"] == "x" * 500
    assert (await owner.create_task(title="a  b\nc"))["title"] == "a  b\nc"


async def test_descriptions_have_up_to_hundred_thousand_characters(owner: Client) -> None:
    for character in ("x", "🥛"):
        longest = character * 100_000
        task = await owner.create_task(description=longest)
        assert task["description"] == longest
        assert (await owner.get(f"{TASKS}/{task['id']}")).json()["description"] == longest
    for body in ({"title": "x", "description": "x" * 100_001}, {"title": "x", "description": 1}):
        check_problem(await owner.post(TASKS, body), 422, "validation_failed", "/description")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
async def test_nul_and_lone_surrogates_are_rejected_everywhere(owner: Client, text: str) -> None:
    await check_rejected(owner, text, ["/title", "/description", *NAMES])


@pytest.mark.parametrize("text", ["a\tb", "\u200b"])
@pytest.mark.engines("sqlite")
async def test_names_that_cannot_be_displayed_are_rejected(owner: Client, text: str) -> None:
    await check_rejected(owner, text, NAMES)


async def check_rejected(owner: Client, text: str, pointers: list[str]) -> None:
    """Check that a text is rejected in these fields of all requests."""
    await owner.create_task(category="c", tags=["t"])
    category, tag = [
        (await owner.get(f"/api/v1/{kind}")).json()["items"][0]["id"]
        for kind in ("categories", "tags")
    ]
    good_token = {"name": "x", "scopes": ["tasks:read"]}
    requests: list[tuple[str, str, Any, str]] = [
        ("POST", TASKS, {"title": text}, "/title"),
        ("POST", TASKS, {"title": "x", "description": text}, "/description"),
        ("POST", TASKS, {"title": "x", "category": text}, "/category"),
        ("POST", TASKS, {"title": "x", "tags": ["y", text]}, "/tags/1"),
        ("PATCH", f"{TASKS}/1", {"title": text}, "/title"),
        ("POST", "/api/v1/categories", {"name": text}, "/name"),
        ("PATCH", f"/api/v1/categories/{category}", {"name": text}, "/name"),
        ("POST", "/api/v1/tags", {"name": text}, "/name"),
        ("PATCH", f"/api/v1/tags/{tag}", {"name": text}, "/name"),
        ("POST", "/api/v1/workspaces", {"name": text}, "/name"),
        ("PATCH", "/auth/me", {"name": text}, "/name"),
        ("PATCH", "/auth/me", {"time_zone": text}, "/time_zone"),
        ("POST", "/api/v1/tokens", {**good_token, "name": text}, "/name"),
    ]
    for method, path, body, pointer in requests:
        if pointer not in pointers:
            continue
        answer = await send_raw(owner, method, path, json.dumps(body))
        check_problem(answer, 422, "validation_failed", pointer)


async def test_lone_surrogates_in_other_fields_cause_no_error(owner: Client) -> None:
    for path, body in (
        ("/auth/login", {"email": "a\ud800@example.com", "password": "\udc00" * 10}),
        ("/auth/login", {"email": "owner@example.com", "password": "\x00" * 10}),
        ("/auth/refresh", {"refresh_token": "\ud800"}),
        ("/auth/register", {"email": "new@example.com", "password": "abcdefg\ud800hijk"}),
        (TASKS, {"title": "x", "\ud800": 1}),
    ):
        answer = await send_raw(owner, "POST", path, json.dumps(body))
        assert answer.status_code in (401, 422), answer.text
        check_problem(answer, answer.status_code, answer.json()["code"])
    nul = {"email": "nul@example.com", "password": "k8!xq7-9z\x00L"}
    assert (await owner.post("/auth/register", nul)).status_code in (201, 422)


async def test_surrogate_pair_in_json_is_one_character(owner: Client) -> None:
    answer = await send_raw(owner, "POST", TASKS, '{"title": "\\ud83e\\udd5b"}')
    assert answer.json()["title"] == "🥛"


async def send_raw(client: Client, method: str, path: str, body: str) -> Any:
    """Send JSON text unchanged, including texts that an encoder would reject."""
    headers = {"Content-Type": "application/json"}
    return await client.request(method, path, content=body, headers=headers)
