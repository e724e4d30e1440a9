"""Search vocabulary of a workspace: it follows the tasks, and lookups have a constant cost."""

import sqlite3
import unicodedata
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import column, text
from sqlalchemy.types import Text

from taskstead.db.database import Database
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, compile_statement
from taskstead.db.sql.types import Id
from taskstead.db.sql.vocabulary import (
    LIST_CANDIDATES,
    LIST_KNOWN_WORDS,
    get_hand_over_statement,
    get_owned_words_query,
)
from tests.harness.client import Client
from tests.harness.untyped import untyped

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LIST_WORDS = text("SELECT word FROM search_words").columns(column("word", Text))
LIST_OWNERS = text("SELECT task_id FROM search_words").columns(column("task_id", Id))
LIST_WORDS_WITH_KEYS = text("SELECT DISTINCT word FROM search_word_keys").columns(
    column("word", Text)
)


async def list_words(database: Database) -> set[str]:
    """Return the words of all workspaces. Every word must have keys."""
    words, with_keys = [
        {row["word"] for row in await database.fetch_all(untyped(statement), {})}
        for statement in (LIST_WORDS, LIST_WORDS_WITH_KEYS)
    ]
    assert words == with_keys
    return words


async def test_every_write_adds_its_words(owner: Client, database: Database) -> None:
    task = await owner.create_task(title="Oatmeal!", tags=["errand"], description="of 12 grains")
    assert await list_words(database) == {"oatmeal", "errand", "grains"}
    await owner.patch(f"/api/v1/tasks/{task['id']}", {"title": "Porridge"})
    tag = (await owner.get("/api/v1/tags")).json()["items"][0]
    await owner.patch(f"/api/v1/tags/{tag['id']}", {"name": "shopping"})
    operations = [{"op": "create", "task": {"title": title}} for title in ("Sugar", "Sugar honey")]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text
    expected = {"oatmeal", "errand", "grains", "porridge", "shopping", "sugar", "honey"}
    assert await list_words(database) == expected


async def test_purge_removes_words(owner: Client, database: Database) -> None:
    secret = await owner.create_task(title="Password hunter", description="common passphrase")
    await owner.patch(f"/api/v1/tasks/{secret['id']}", {"title": "Innocent"})
    child = await owner.create_task(title="Grandchild", parent=secret["id"])
    await owner.create_task(title="Other", description="common hunter", tags=["innocent"])
    await owner.delete(f"/api/v1/tasks/{child['id']}?permanent=true")
    await owner.delete(f"/api/v1/tasks/{secret['id']}?permanent=true")
    assert await list_words(database) == {"other", "common", "hunter", "innocent"}
    # The remaining words are now used by the other task only, and are deleted with it.
    await owner.delete("/api/v1/tasks/3?permanent=true")
    assert await list_words(database) == set()


async def test_purge_keeps_words_that_older_tasks_use(owner: Client, database: Database) -> None:
    first = await owner.create_task(title="Rare words")
    await owner.create_task(title="Rare birds")
    operations = [{"op": "create", "task": {"title": "Some words"}} for _ in range(210)]
    await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    await owner.delete(f"/api/v1/tasks/{first['id']}?permanent=true")
    assert await list_words(database) == {"rare", "birds", "some", "words"}


async def test_words_of_other_scripts_are_stored(owner: Client, database: Database) -> None:
    """Korean is stored as the letters of its syllables. For Chinese no words are known."""
    titles = ["Позвонить маме", "Ωδή στη χαρά", "우유 사기", "दूध खरीदना", "买牛奶 買い物"]
    for title in titles:
        await owner.create_task(title=title)
    words = await list_words(database)
    assert {"позвонить", "маме", "ωδη", "στη", "χαρα"} < words
    assert unicodedata.normalize("NFD", "우유") in words
    assert len(words) == 8, words
    await owner.delete("/api/v1/tasks/1?permanent=true")
    assert not {"позвонить", "маме"} & await list_words(database)
    heir = await owner.create_task(title="χαρά")
    await owner.delete("/api/v1/tasks/2?permanent=true")
    assert "χαρα" in await list_words(database)
    found = (await owner.get("/api/v1/tasks", params={"q": "χαρω"})).json()["items"]
    assert [item["id"] for item in found] == [heir["id"]]


async def test_purge_reassigns_words_in_several_statements(
    owner: Client, database: Database
) -> None:
    """The words of the purged task are assigned to another task that has them."""
    letters = "abcdefghijklm"
    common = {f"com{first}{second}" for first in letters for second in "xyz"}
    gone = {f"gone{letter}" for letter in letters}
    await owner.create_task(title="First", description=" ".join(common | gone))
    heir = await owner.create_task(title="Second", description=" ".join(common))
    await owner.delete("/api/v1/tasks/1?permanent=true")
    assert await list_words(database) == common | {"second"}
    rows = await database.fetch_all(untyped(LIST_OWNERS), {})
    assert {row["task_id"] for row in rows} == {heir["id"]}


async def test_correction_needs_constant_number_of_statements(
    owner: Client, database: Database
) -> None:
    costs = []
    for count in (1, 300):
        operations = [
            {"op": "create", "task": {"title": f"passport {'abcdefghij'[n % 10] * 3}"}}
            for n in range(count)
        ]
        await owner.post("/api/v1/tasks/bulk", {"operations": operations})
        before = database.meter.statements
        answer = await owner.get("/api/v1/tasks?q=pasport&limit=1")
        assert len(answer.json()["items"]) == 1
        costs.append(database.meter.statements - before)
    assert costs == [5, 5], "principal, page, known words, candidates, corrected page"


async def test_corrections_use_an_index(
    sqlite_template: Path, engine: str, database_url: str
) -> None:
    if engine == "sqlite":
        file = sqlite3.connect(sqlite_template)
        for statement, index in (
            (
                LIST_KNOWN_WORDS[engine].statement,
                "search_words USING PRIMARY KEY (workspace_id=? AND word>",
            ),
            (
                LIST_CANDIDATES[engine].statement,
                "search_word_keys USING PRIMARY KEY (workspace_id=? AND key=",
            ),
        ):
            compiled = compile_statement(statement, SQLITE)
            values = [None] * len(compiled.names)
            rows = file.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
            assert index in str(rows)
        file.close()
        return
    server = await asyncpg.connect(database_url)
    await server.execute(
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
        "SET enable_bitmapscan = off; SET enable_sort = off"
    )
    for statement, condition in (
        (LIST_KNOWN_WORDS[engine].statement, "(word >= typed.value))"),
        (LIST_CANDIDATES[engine].statement, "(key = ANY ($2))"),
    ):
        compiled = compile_statement(statement, POSTGRESQL)
        await server.execute(f"PREPARE correction AS {compiled.sql}")
        rows = await server.fetch("EXPLAIN EXECUTE correction (NULL, NULL)")
        await server.execute("DEALLOCATE correction")
        plan = "\n".join(row[0] for row in rows)
        assert condition in plan.partition("Index Cond:")[2].partition("\n")[0], plan
    await server.close()


async def test_reassignment_of_words_uses_indexes(
    sqlite_template: Path, engine: str, database_url: str
) -> None:
    statements = (get_owned_words_query(engine).statement, get_hand_over_statement(engine))
    if engine == "sqlite":
        expected = (
            "search_words USING COVERING INDEX ix_search_words_task (workspace_id=? AND task_id=?)",
            "search_words USING PRIMARY KEY (workspace_id=? AND word=?)",
        )
        file = sqlite3.connect(sqlite_template)
        for statement, index in zip(statements, expected, strict=True):
            compiled = compile_statement(statement, SQLITE)
            values = [None] * len(compiled.names)
            rows = file.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
            assert index in str(rows), rows
        file.close()
        return
    server = await asyncpg.connect(database_url)
    await server.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
    plans = []
    for statement in statements:
        compiled = compile_statement(statement, POSTGRESQL)
        await server.execute(f"PREPARE hand_over AS {compiled.sql}")
        rows = await server.fetch("EXPLAIN EXECUTE hand_over (NULL, NULL)")
        await server.execute("DEALLOCATE hand_over")
        plans.append("\n".join(row[0] for row in rows))
    await server.close()
    assert not any("Seq Scan" in plan for plan in plans), plans
    # The updated rows are found by key, not by a join with the whole vocabulary.
    assert "(word = ANY ($" in plans[1], plans
