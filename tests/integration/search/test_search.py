"""Full-text search: both engines find the same tasks for the same words."""

# ruff: noqa: RUF001 - letters that look alike are part of the matter

from typing import Any

import pytest

from tests.harness.client import Client

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TASKS: dict[str, dict[str, Any]] = {
    "milk": {"title": "Buy oat milk", "tags": ["errand"]},
    "milkman": {"title": "Call the milkman", "description": "He owes us oat biscuits."},
    "cafe": {"title": "Café für Zoë", "tags": ["Ärger"], "description": "naïve façade"},
    "cafe_nfd": {"title": "Cafe\u0301 in Łódź"},
    "cjk": {"title": "牛乳を買う", "description": "コンビニで"},
    "cjk_other": {"title": "買い物 牛肉"},
    "emoji": {"title": "🥛 and 👩‍👩‍👧", "tags": ["🔥", "hot"]},
    "digits": {"title": "Agent 007", "description": "01.02.2026"},
    "code": {"title": "Fix #12002: foo_bar() in script.vim", "description": "a-b, x=1; don't"},
    "russian": {"title": "Купить молоко"},
    "greek": {"title": "ΟΔΥΣΣΕΥΣ", "description": "σ and ς are the same letter"},
    "german": {"title": "Straße fegen"},
    "tagged": {"title": "Something else", "tags": ["milk run"]},
    "long": {"title": "Deep", "description": "word " * 3000 + "needle in a haystack"},
}

SEARCHES: list[tuple[str, set[str]]] = [
    ("milk", {"milk", "milkman", "tagged"}),
    ("MILK", {"milk", "milkman", "tagged"}),
    ('"milk"', {"milk", "tagged"}),
    ("oat milk", {"milk", "milkman"}),
    ('"oat milk"', {"milk"}),
    ('"milk oat"', set()),
    ("milk -oat", {"tagged"}),
    ('milk -"milk run"', {"milk", "milkman"}),
    ("mil err", {"milk"}),
    ('"milk errand"', set()),
    ("cafe", {"cafe", "cafe_nfd"}),
    ("CAFÉ", {"cafe", "cafe_nfd"}),
    ("zoe arger", {"cafe"}),
    ("facade naive", {"cafe"}),
    # Corrected: "ł" is a letter of its own.
    ("lodz", {"cafe_nfd"}),
    ("łódź", {"cafe_nfd"}),
    ("牛乳", {"cjk"}),
    ("牛", {"cjk", "cjk_other"}),
    ("買", {"cjk", "cjk_other"}),
    ("乳牛", set()),
    ("コンビニ", {"cjk"}),
    ("🥛", {"emoji"}),
    ("🔥", {"emoji"}),
    ("👩", {"emoji"}),
    # Emoji are not matched by their code point, and the separator between two tags matches nothing.
    ("0", {"digits"}),
    ("00", {"digits"}),
    ("004", set()),
    ("01f", set()),
    ("¶", set()),
    ("12002", {"code"}),
    ("#12002", {"code"}),
    ("foo_bar", {"code"}),
    ("script.vim", {"code"}),
    ("don't", {"code"}),
    ("молоко", {"russian"}),
    ("МОЛ", {"russian"}),
    ("οδυσσευς", {"greek"}),
    ("strasse", {"german"}),
    ("straße", {"german"}),
    ("needle haystack", {"long"}),
    ('"needle in a haystack"', {"long"}),
    ("", set()),
    ("!!!", set()),
    ('"', set()),
    ("*", set()),
]
UNUSUAL_SEARCHES = [
    "' OR 1=1 --",
    'title:milk AND "',
    "milk AND (oat OR",
    "NEAR(milk oat, 1)",
    "milk:*A & !oat",
    "{title} : milk",
    "^milk",
    "milk*",
    "-",
    "--",
    '-"',
    "\\",
    "%_",
    "<->",
    "\u202emilk",
    "'" * 200,
    "a " * 200,
    "🥛" * 200,
]


@pytest.fixture
async def names(owner: Client) -> dict[str, str]:
    """Create ``TASKS``. Return their names by id."""
    return {(await owner.create_task(**fields))["id"]: name for name, fields in TASKS.items()}


async def find(owner: Client, names: dict[str, str], search: str, **more: str) -> list[str]:
    """Return the names of the tasks that a search finds, in order."""
    answer = await owner.get("/api/v1/tasks", params={"q": search, **more})
    assert answer.status_code == 200, answer.text
    return [names[item["id"]] for item in answer.json()["items"]]


async def test_searches_find_the_same_tasks_on_both_engines(
    owner: Client, names: dict[str, str]
) -> None:
    found = {search: set(await find(owner, names, search)) for search, _ in SEARCHES}
    assert found == dict(SEARCHES)


async def test_unusual_search_texts_cause_no_error(owner: Client, names: dict[str, str]) -> None:
    for search in UNUSUAL_SEARCHES:
        await find(owner, names, search)


async def test_search_with_only_exclusions_returns_the_rest(
    owner: Client, names: dict[str, str]
) -> None:
    assert set(await find(owner, names, "-milk")) == set(names.values()) - {"milk", "tagged"}


async def test_title_ranks_above_tag_above_description(
    owner: Client, names: dict[str, str]
) -> None:
    assert await find(owner, names, "milk") == ["milkman", "milk", "tagged"]
    assert await find(owner, names, "oat") == ["milk", "milkman"]
    assert await find(owner, names, "milk", sort="number") == ["milk", "milkman", "tagged"]


async def test_search_index_follows_every_change(owner: Client, names: dict[str, str]) -> None:
    del names
    task = await owner.create_task(title="Old", tags=["before"], description="past")
    path = f"/api/v1/tasks/{task['id']}"

    async def count(search: str) -> int:
        answer = await owner.get("/api/v1/tasks", params={"q": search})
        return len(answer.json()["items"])

    await owner.patch(path, {"title": "Renewed", "description": "present", "tags": ["after"]})
    assert [await count(word) for word in ("old", "before", "past")] == [0, 0, 0]
    assert [await count(word) for word in ("renewed", "present", "after")] == [1, 1, 1]
    tags = (await owner.get("/api/v1/tags")).json()["items"]
    after = next(tag for tag in tags if tag["name"] == "after")
    await owner.patch(f"/api/v1/tags/{after['id']}", {"name": "evening"})
    assert [await count(word) for word in ("after", "evening")] == [0, 1]
    await owner.delete(f"/api/v1/tags/{after['id']}")
    assert await count("evening") == 0
    await owner.delete(path)
    assert await count("renewed") == 0
    await owner.post(f"{path}/restore")
    assert await count("renewed") == 1


async def test_search_is_limited_to_its_workspace(client: Client, names: dict[str, str]) -> None:
    stranger = await client.register("stranger@example.com")
    assert await find(stranger, names, "milk") == []
    assert await find(stranger, names, "-nothing") == []


async def test_longest_description_is_searchable(owner: Client) -> None:
    # Each has four words, but more bytes than PostgreSQL indexes for one text.
    await owner.create_task(
        title="A psalm", tags=["long"], description="begin " + "\ufdfa" * 25_000
    )
    task = {"psalm": 1, "long": 1, "begin": 1, "\u0635\u0644\u0649": 1, "end": 0}
    found = {
        word: len((await owner.get("/api/v1/tasks", params={"q": word})).json()["items"])
        for word in task
    }
    assert found == task


TYPOS: list[tuple[str, set[str]]] = [
    ("biscits", {"milkman"}),
    ("biscuist", {"milkman"}),
    ("somthing", {"tagged"}),
    ("haystak", {"long"}),
    ("biscits oat", {"milkman"}),
    ("biscits milkmen", {"milkman"}),
    ("biscits -oat", set()),
    # A misspelt prefix.
    ("haysta naive", set()),
    ("facde", {"cafe"}),
    ("strase", {"german"}),
    # A word that occurs in a task is not corrected, nor is a word in quotation marks.
    ("milk haystack", set()),
    ('"biscits"', set()),
    ("xyzzy", set()),
    # Words are corrected in any script that separates words by spaces.
    ("молако", {"russian"}),
    ("малоко", {"russian"}),
    ("купитб молоко", {"russian"}),
    ("οδυσεύς", {"greek"}),
    ("牛酪", set()),
]


async def test_misspelt_words_are_corrected(owner: Client, names: dict[str, str]) -> None:
    found = {search: set(await find(owner, names, search)) for search, _ in TYPOS}
    assert found == dict(TYPOS)


async def test_corrected_search_is_paginated(owner: Client, client: Client) -> None:
    for title in ("Passport", "The passports", "My passport"):
        await owner.create_task(title=title)
    stranger = await client.register("stranger@example.com")
    await stranger.create_task(title="pasport")
    path = "/api/v1/tasks?q=pasport&limit=2&include_total=true&sort=number"
    page = (await owner.get(path)).json()
    rest = (await owner.get(f"{path}&cursor={page['next_cursor']}")).json()
    assert [item["number"] for item in page["items"] + rest["items"]] == [1, 2, 3]
    assert (page["total"], rest["next_cursor"]) == (3, None)
