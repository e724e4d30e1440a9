"""The parameter `filter`: lists, statistics, exports, bulk processes, errors and warnings."""

import json
from typing import Any

import pytest
from sqlalchemy import column, func, select, table

from taskstead.db.database import Database
from tests.harness.client import Client
from tests.harness.loop_iterations import counting_iterations
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped
from tests.integration.jobs.waiting import wait_for_job

PATH = "/api/v1/tasks"
# The prepared statements of a PostgreSQL connection, and the size of the longest that it keeps.
PREPARED = table("pg_prepared_statements", column("statement"))
MAX_SIZE = 6144
# Calls of functions in one iteration of the event loop. Ten thousand take about a millisecond.
MAX_CALLS = 20_000
PARSE = "/api/v1/filters/parse"


async def fill(owner: Client) -> None:
    """Create five tasks. The last one is in the trash."""
    await owner.create_task(title="Buy milk", category="Household", tags=["errand"], priority=1)
    await owner.create_task(title="Call Grace", due_date="2020-01-01", tags=["phone", "errand"])
    await owner.create_task(title="Report", category="Work", description="buy milk, oat milk")
    await owner.create_task(title="Draft", parent=3, status="done")
    trashed = await owner.create_task(title="Old report", category="Work")
    await owner.delete(f"{PATH}/{trashed['id']}")


async def find(client: Client, text: str, **parameters: Any) -> list[int]:
    """Return the numbers of the tasks that a filter finds, in ascending order."""
    query = {"filter": text, "sort": "number", **parameters}
    answer = await client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("#household or @phone", [1, 2]),
        ("@errand !@phone", [1]),
        ("no:category", [2, 4]),
        ("overdue", [2]),
        ("not due<today", [1, 3, 4]),
        ("parent:3", [4]),
        ("has:subtasks no:parent", [3]),
        ("milk", [1, 3]),
        ("title:milk", [1]),
        ('"oat milk"', [3]),
        ("mil", []),
        ("mil* -oat", [1]),
        ("is:repeating or has:reminder", []),
        ("not is:repeating", [1, 2, 3, 4]),
        ("created:today", [1, 2, 3, 4]),
        ("completed:today", [4]),
        ("completed!=today", [1, 2, 3]),
        ("number:2..3", [2, 3]),
    ],
)
async def test_filter_finds_tasks(owner: Client, text: str, numbers: list[int]) -> None:
    await fill(owner)
    assert await find(owner, text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("is:trashed", [5]),
        ("not is:trashed", [1, 2, 3, 4]),
        ("is:trashed or @phone", [2, 5]),
        ("#work is:trashed", [5]),
        ("#work (is:trashed or p1 or has:description)", [3, 5]),
        ("report", [3]),
    ],
)
async def test_tasks_in_the_trash_are_found_on_request(
    owner: Client, text: str, numbers: list[int]
) -> None:
    await fill(owner)
    assert await find(owner, text) == numbers


async def test_explicit_trash_parameter_has_precedence(owner: Client) -> None:
    await fill(owner)
    assert await find(owner, "is:trashed", deleted="exclude") == []
    assert await find(owner, "#work", deleted="only") == [5]


async def test_filter_is_combined_with_other_parameters_by_and(owner: Client) -> None:
    await fill(owner)
    assert await find(owner, "@errand or #work", category="work") == [3]
    assert await find(owner, "@errand or #work", q="buy") == [1, 3]
    assert await find(owner, "overdue or done", overdue="true") == [2]


async def test_completed_occurrence_counts_as_completion(owner: Client) -> None:
    task = {"title": "Gym", "due_date": "2020-01-01", "repeat_rule": "FREQ=DAILY"}
    for _ in range(2):
        await owner.create_task(**task)
    await owner.post(f"{PATH}/1/complete")
    await owner.post(f"{PATH}/2/skip")
    assert await find(owner, "is:repeating") == [1, 2]
    assert await find(owner, "completed:today is:open") == [1]
    assert await find(owner, "not completed>=yesterday") == [2]


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("name", ['"grace@example.com"', '"GRACE Hopper"', "me"])
async def test_assignee_is_found_by_name(owner: Client, name: str) -> None:
    grace = await owner.register("grace@example.com", name="Grace Hopper")
    created = await owner.post("/api/v1/workspaces", {"name": "Shared"})
    shared = owner.in_workspace(created.json()["id"])
    path = f"/api/v1/workspaces/{created.json()['id']}/members"
    member = (await shared.post(path, {"email": "grace@example.com"})).json()
    await shared.create_task(assignee=member["user_id"])
    await shared.create_task()
    reader = grace.in_workspace(created.json()["id"]) if name == "me" else shared
    assert await find(reader, f"assignee:{name}") == [1]
    assert await find(shared, f"assignee:{member['user_id']}") == [1]


@pytest.mark.parametrize("name", ["GRÄFIN", "gräfin", "Gra\N{COMBINING DIAERESIS}fin"])
async def test_assignee_is_found_by_any_spelling(owner: Client, name: str) -> None:
    me = (await owner.patch("/auth/me", {"name": "Gräfin"})).json()["id"]
    await owner.create_task(assignee=me)
    assert await find(owner, f"assignee:{name}") == [1]


async def test_quoted_me_is_a_name(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()["id"]
    await owner.create_task(assignee=me)
    assert await find(owner, 'assignee:"me"') == []
    await owner.patch("/auth/me", {"name": "Me"})
    assert await find(owner, 'assignee:"me"') == [1]


@pytest.mark.parametrize("scopes", [["tasks:read"], ["tasks:read", "account:read"]])
async def test_address_needs_the_scope_of_members(owner: Client, scopes: list[str]) -> None:
    me = (await owner.get("/auth/me")).json()
    await owner.create_task(assignee=me["id"])
    body = {"name": "Reader", "scopes": scopes}
    token = (await owner.post("/api/v1/tokens", body)).json()["token"]
    answer = await owner.with_token(token).get(PATH, params={"filter": f"assignee:{me['email']}"})
    page = answer.json()
    warnings = [warning["code"] for warning in page.get("warnings", [])]
    expected = (1, []) if "account:read" in scopes else (0, ["unknown_assignee"])
    assert (len(page["items"]), warnings) == expected


async def test_statistics_have_warnings(owner: Client) -> None:
    await fill(owner)
    for text, codes in (("@gym", ["unknown_tag"]), ("@errand", [])):
        answer = await owner.get(f"{PATH}/stats", params={"filter": text})
        assert [each["code"] for each in answer.json().get("warnings", [])] == codes


async def test_export_has_a_header_with_warnings(owner: Client) -> None:
    await fill(owner)
    answer = await owner.get(f"{PATH}/export", params={"filter": "milk or @größe"})
    warnings = json.loads(answer.headers["Taskstead-Filter-Warnings"])
    assert warnings == [{"code": "unknown_tag", "start": 8, "end": 14}]
    answer = await owner.get(f"{PATH}/export", params={"filter": "milk"})
    assert "Taskstead-Filter-Warnings" not in answer.headers


async def test_header_with_warnings_is_bounded(owner: Client) -> None:
    text = f"tag:{','.join(['x'] * 490)}"
    answer = await owner.get(f"{PATH}/export", params={"filter": text})
    assert len(json.loads(answer.headers["Taskstead-Filter-Warnings"])) == 50


@pytest.mark.parametrize("dry_run", [True, False])
async def test_bulk_process_rejects_unknown_names(owner: Client, dry_run: bool) -> None:  # noqa: FBT001
    await fill(owner)
    body = {"filter": "not @erand", "action": "trash", "dry_run": dry_run}
    answer = await owner.post(f"{PATH}/bulk-process", body)
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error["code"]) == ("/filter", "unknown_tag")
    assert (error["start"], error["end"], error["expected"]) == (4, 10, ["errand"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("#Wrk", ["Work"]), ("#garden", []), ('"?!"', []), ("assignee:nobody", [])],
)
async def test_bulk_process_suggests_names(owner: Client, text: str, expected: list[str]) -> None:
    await fill(owner)
    body = {"filter": {"filter": f"not {text}", "priority": [1]}, "action": "trash"}
    answer = await owner.post(f"{PATH}/bulk-process", body)
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error.get("expected", [])) == ("/filter/filter", expected)


async def test_bulk_process_can_allow_unknown_names(owner: Client) -> None:
    await fill(owner)
    body = {"filter": "@phone or @gym", "action": "complete", "allow_unknown": True}
    preview = (await owner.post(f"{PATH}/bulk-process", {**body, "dry_run": True})).json()
    assert preview["matched"] == 1
    assert [warning["code"] for warning in preview["warnings"]] == ["unknown_tag"]
    job = await wait_for_job(owner, await owner.post(f"{PATH}/bulk-process", body))
    assert job["result"] == {"changed": 1}


async def test_warning_advises_to_quote_symbols(owner: Client) -> None:
    answer = await owner.get(PATH, params={"filter": "#R&D"})
    (warning,) = answer.json()["warnings"]
    assert warning["message"] == (
        'There is no category "R" in this workspace. If & belongs to the name, put the name in '
        "quotation marks."
    )


async def test_renamed_member_is_found_despite_the_cache(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()["id"]
    await owner.create_task(assignee=me)
    await owner.patch("/auth/me", {"name": "Ada"})
    assert await find(owner, "assignee:ada") == [1]
    await owner.patch("/auth/me", {"name": "Grace"})
    assert await find(owner, "assignee:ada") == []


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("@errand #nowhere", "unknown_category", 8, 16),
        ("tag:errand,nothing", "unknown_tag", 0, 18),
        ("not assignee:nobody", "unknown_assignee", 4, 19),
        ("parent:99", "unknown_parent", 0, 9),
        ("parent:01a1fbe6-20bc-7000-8e52-ea79cce82543", "unknown_parent", 0, 43),
        ('"?!"', "no_words", 0, 4),
    ],
)
async def test_condition_that_matches_nothing_has_a_warning(
    owner: Client, text: str, code: str, start: int, end: int
) -> None:
    await fill(owner)
    for answer in (
        await owner.get(PATH, params={"filter": text}),
        await owner.get(PARSE, params={"filter": text}),
    ):
        (warning,) = answer.json()["warnings"]
        assert (warning["code"], warning["start"], warning["end"]) == (code, start, end)


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("text", ["#HOUSEHOLD", "@Errand", "assignee:me", "parent:3", "milk"])
async def test_existing_name_has_no_warning(owner: Client, text: str) -> None:
    await fill(owner)
    assert "warnings" not in (await owner.get(PATH, params={"filter": text})).json()
    assert (await owner.get(PARSE, params={"filter": text})).json()["warnings"] == []


async def test_unknown_name_does_not_affect_other_conditions(owner: Client) -> None:
    await fill(owner)
    assert await find(owner, "#nowhere or @phone") == [2]
    assert await find(owner, "not #nowhere @phone") == [2]


@pytest.mark.parametrize("path", [PATH, f"{PATH}/stats", f"{PATH}/export", "/api/v1/changes"])
async def test_error_has_its_position(owner: Client, path: str) -> None:
    answer = await owner.get(path, params={"filter": "today is:late"})
    problem = check_problem(answer, 422, "validation_failed")
    (error,) = problem["errors"]
    message = error.pop("message")
    assert "late" in message
    assert error == {
        "pointer": "query/filter",
        "code": "bad_value",
        "start": 9,
        "end": 13,
        "expected": [
            *("overdue", "open", "done", "cancelled", "repeating", "trashed", "subtask"),
        ],
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"filter": "(today", "action": "complete"}, "/filter"),
        ({"filter": {"filter": "(today"}, "action": "complete"}, "/filter/filter"),
    ],
)
async def test_error_in_a_body_has_its_position(
    owner: Client, body: dict[str, Any], pointer: str
) -> None:
    answer = await owner.post(f"{PATH}/bulk-process", body)
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, "unclosed_parenthesis")
    assert (error["start"], error["end"]) == (0, 1)


async def test_other_errors_have_no_position(owner: Client) -> None:
    answer = await owner.get(PATH, params={"status": "late"})
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert error.keys() == {"pointer", "message", "code"}


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    "text",
    ["\x00", 'title:"a\x00b"', "#\x00"],
)
async def test_nul_characters_are_rejected(owner: Client, text: str) -> None:
    answer = await owner.get(PATH, params={"filter": text})
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert error["code"] == "nul_character"


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    "text",
    [
        "x " * 50,
        "due<+99999y created>-99999m updated:-99999h.. completed:..0001-01-01",
        "due:9999-12-31..9999-12-31T23:59:59.999999Z",
        "due>=0001-01-01T00:00:00-14:00 due<=9999-12-31",
        f"number:{10**18 - 1} parent:{10**18 - 1}",
        '"' + "\N{COMBINING ACUTE ACCENT}" * 900 + '"',
        f'"{"a " * 490}"',
        "tag:'; category:%_ title:\\ text:*",
    ],
)
async def test_extreme_filters_are_evaluated(owner: Client, text: str) -> None:
    await fill(owner)
    assert await find(owner, text, time_zone="Pacific/Kiritimati") in ([], [2])


async def test_pages_continue_with_the_same_filter_only(owner: Client) -> None:
    await fill(owner)
    query = {"filter": "not @phone", "limit": 2, "sort": "number"}
    first = (await owner.get(PATH, params=query)).json()
    second = (await owner.get(PATH, params={**query, "cursor": first["next_cursor"]})).json()
    assert [item["number"] for item in first["items"] + second["items"]] == [1, 3, 4]
    other = {**query, "filter": "not @errand", "cursor": first["next_cursor"]}
    check_problem(await owner.get(PATH, params=other), 422, "validation_failed")


@pytest.mark.engines("sqlite", "postgresql")
async def test_statistics_count_matching_tasks(owner: Client) -> None:
    await fill(owner)
    answer = await owner.get(f"{PATH}/stats", params={"filter": "milk or @errand"})
    statistics = answer.json()
    assert (statistics["total"], statistics["overdue"]) == (3, 1)
    tags = {row["tag"]["name"]: row["total"] for row in statistics["by_tag"]}
    assert tags == {"errand": 2, "phone": 1}


async def test_export_contains_matching_tasks(owner: Client) -> None:
    await fill(owner)
    answer = await owner.get(f"{PATH}/export", params={"filter": "is:open -milk", "format": "csv"})
    assert [line.split(",")[2] for line in answer.text.splitlines()] == ["title", "Call Grace"]


@pytest.mark.parametrize("selection", ["@errand or #work", {"filter": "@errand or #work"}])
async def test_bulk_process_changes_matching_tasks(owner: Client, selection: Any) -> None:
    await fill(owner)
    body = {"filter": selection, "action": "set_priority", "priority": 5}
    preview = (await owner.post(f"{PATH}/bulk-process", {**body, "dry_run": True})).json()
    assert preview["matched"] == 3
    job = await wait_for_job(owner, await owner.post(f"{PATH}/bulk-process", body))
    assert job["result"] == {"changed": 3}
    assert await find(owner, "p5") == [1, 2, 3]


async def test_bulk_process_never_changes_the_trash(owner: Client) -> None:
    await fill(owner)
    body = {"filter": "is:trashed or @phone", "action": "complete", "dry_run": True}
    preview = (await owner.post(f"{PATH}/bulk-process", body)).json()
    assert [task["number"] for task in preview["sample"]] == [2]


async def test_check_returns_spans(owner: Client) -> None:
    answer = await owner.get(PARSE, params={"filter": "today -gym"})
    assert answer.json() == {
        "spans": [
            {"kind": "due", "start": 0, "end": 5},
            {"kind": "text", "start": 6, "end": 10},
        ],
        "errors": [],
        "warnings": [],
    }


async def test_check_of_an_incomplete_filter_is_no_error(owner: Client) -> None:
    answer = await owner.get(PARSE, params={"filter": "today and"})
    assert answer.status_code == 200
    check = answer.json()
    assert [span["kind"] for span in check["spans"]] == ["due", "operator"]
    (error,) = check["errors"]
    assert (error["code"], error["start"], error["end"]) == ("unexpected_end", 9, 9)
    assert check["warnings"] == []


@pytest.mark.parametrize("text", ["milk", "#household", "@errand", "parent:3"])
async def test_filter_finds_nothing_in_other_workspaces(owner: Client, text: str) -> None:
    await fill(owner)
    other = await owner.register("other@example.com")
    await other.create_task(title="Mine")
    assert await find(other, text) == []
    assert await find(other, f"not {text}") == [1]


async def test_cached_statistics_depend_on_the_trash(owner: Client) -> None:
    task = await owner.create_task()
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    query = {"filter": "is:trashed"}
    totals = [
        (await owner.get("/api/v1/tasks/stats", params=params)).json()["total"]
        for params in (query, {**query, "deleted": "exclude"})
    ]
    assert totals == [1, 0]


async def test_assignee_may_be_an_id_without_hyphens(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()["id"]
    await owner.create_task(assignee=me)
    text = f"assignee:{me.replace('-', '')}"
    answer = (await owner.get("/api/v1/tasks", params={"filter": text})).json()
    assert (len(answer["items"]), answer.get("warnings", [])) == (1, [])


@pytest.mark.engines("sqlite")
async def test_long_filter_does_not_block_the_event_loop(owner: Client) -> None:
    await fill(owner)
    # SQLAlchemy compiles the statement and these two conditions once.
    await find(owner, "@errand due<+1d")
    text = " or ".join(f"@errand due<+{number}d" for number in range(1, 26))
    async with counting_iterations() as iterations:
        assert await find(owner, text) == [2]
    # If SQLAlchemy compiled them again, there would be 54,000 calls.
    assert iterations.max_calls < MAX_CALLS


@pytest.mark.engines("postgresql")
async def test_connection_keeps_no_statement_of_a_long_filter(
    owner: Client, database: Database
) -> None:
    sizes = func.length(PREPARED.c.statement)
    count = select(func.count().label("count")).select_from(PREPARED)
    long_ones = untyped(count.where(sizes > MAX_SIZE))
    short_ones = untyped(count.where(sizes <= MAX_SIZE))
    await owner.get(PATH, params={"filter": " or ".join(["due:today"] * 50)})
    assert await database.fetch_one(long_ones, {}) == {"count": 0}
    row = await database.fetch_one(short_ones, {})
    assert row is not None
    assert row["count"] > 0
