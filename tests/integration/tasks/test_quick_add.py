"""Quick add: tasks from one line of text, and dry runs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from taskstead.clock import Clock
from taskstead.db.database import Database
from tests.harness.client import Client
from tests.harness.problems import check_problem

QUICK = "/api/v1/tasks/quick"
# A Wednesday.
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return lambda: NOW


async def create(client: Client, text: str, **options: Any) -> Any:
    answer = await client.post(QUICK, {"text": text, **options})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def preview(client: Client, text: str, **options: Any) -> Any:
    answer = await client.post(QUICK, {"text": text, "dry_run": True, **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def add_member(owner: Client, email: str, name: str) -> str:
    """Add a new user to the owner's shared workspace. Return the user's id."""
    await Client(owner.http).register(email, name=name)
    workspace = owner.headers["Taskstead-Workspace"]
    answer = await owner.post(f"/api/v1/workspaces/{workspace}/members", {"email": email})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["user_id"])


@pytest.fixture
async def family(owner: Client) -> Client:
    """The owner in a workspace with Grace Hopper and two persons named Jürgen."""
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Family"})).json()
    client = owner.in_workspace(workspace["id"])
    await add_member(client, "grace@example.com", "Grace Hopper")
    await add_member(client, "j1@example.com", "Jürgen")
    await add_member(client, "j2@example.org", "JÜRGEN")
    return client


async def test_text_becomes_a_task_with_all_fields(owner: Client) -> None:
    parent = await owner.create_task(title="Shopping")
    text = f"Buy oat milk tomorrow at 9 #Household @errand p2 ^{parent['number']} // two bottles"
    answer = await owner.post(QUICK, {"text": text})
    assert answer.status_code == 201, answer.text
    task = answer.json()
    assert answer.headers["location"] == f"/api/v1/tasks/{task['id']}"
    assert answer.headers["taskstead-batch"]
    assert (task["title"], task["description"]) == ("Buy oat milk", "two bottles")
    assert (task["due_date"], task["due_time_zone"]) == ("2026-11-26T09:00:00", None)
    assert (task["category"]["name"], task["tags"]) == ("Household", ["errand"])
    assert (task["priority"], task["parent"]) == (2, parent["id"])
    assert [span["kind"] for span in task["spans"]] == [
        *("due_date", "category", "tag", "priority", "parent", "description")
    ]
    shown = (await owner.get(answer.headers["location"])).json()
    assert shown == {name: task[name] for name in shown}


async def test_one_undo_removes_the_task_with_its_labels(owner: Client) -> None:
    answer = await owner.post(QUICK, {"text": "Buy oat milk #Household @errand"})
    batch = answer.headers["taskstead-batch"]
    assert (await owner.post(f"/api/v1/batches/{batch}/undo")).status_code == 200
    for path in ("/api/v1/tasks", "/api/v1/categories", "/api/v1/tags"):
        assert (await owner.get(path)).json()["items"] == [], path


async def test_repeated_request_creates_one_task(owner: Client) -> None:
    headers = {"Idempotency-Key": "quick-1"}
    first, second = [
        await owner.post(QUICK, {"text": "Buy oat milk"}, headers=headers) for _ in range(2)
    ]
    assert first.json() == second.json()
    assert len((await owner.get("/api/v1/tasks")).json()["items"]) == 1


async def test_dry_run_creates_nothing(owner: Client) -> None:
    found = await preview(owner, "Buy oat milk friday #Household !30m every")
    assert found == {
        "fields": {
            "title": "Buy oat milk friday every",
            "category": "Household",
            "reminders": ["-PT30M"],
        },
        "spans": [
            {"kind": "category", "start": 20, "end": 30},
            {"kind": "reminder", "start": 31, "end": 35},
        ],
        "warnings": [],
        "errors": [
            {
                "code": "reminder_without_date",
                "message": "A reminder requires a due date. Add a date, or remove the reminder.",
                "start": 31,
                "end": 35,
            }
        ],
    }
    for path in ("/api/v1/tasks", "/api/v1/categories"):
        assert (await owner.get(path)).json()["items"] == [], path


@pytest.mark.engines("sqlite")
async def test_dry_run_writes_nothing_to_the_log(owner: Client) -> None:
    before = len((await owner.get("/api/v1/activity")).json()["items"])
    answer = await owner.post(QUICK, {"text": "Buy oat milk #Household", "dry_run": True})
    assert "taskstead-batch" not in answer.headers
    assert len((await owner.get("/api/v1/activity")).json()["items"]) == before


async def test_profile_gives_language_order_and_time_zone(owner: Client) -> None:
    settings = {"language": "de", "date_order": "mdy", "time_zone": "Pacific/Kiritimati"}
    await owner.patch("/auth/me", settings)
    # It is already Thursday there.
    assert (await create(owner, "Milch kaufen morgen"))["due_date"] == "2026-11-27"
    assert (await create(owner, "Rechnung 12/3"))["due_date"] == "2026-12-03"


async def test_request_overrides_the_profile(owner: Client) -> None:
    await owner.patch("/auth/me", {"language": "de", "date_order": "dmy"})
    zone = {"time_zone": "Pacific/Kiritimati"}
    task = await create(owner, "Buy milk tomorrow", language="en", **zone)
    assert task["due_date"] == "2026-11-27"
    assert (await create(owner, "Invoice 3/12", date_order="none"))["title"] == "Invoice 3/12"


@pytest.mark.parametrize("name", ["grace", '"grace hopper"', "GRACE@example.com"])
async def test_assignee_is_a_member_by_name_or_address(family: Client, name: str) -> None:
    task = await create(family, f"Book hotel +{name}")
    shown = await family.get(f"/api/v1/workspaces/{family.headers['Taskstead-Workspace']}/members")
    members = {member["user_id"]: member["email"] for member in shown.json()["items"]}
    assert members[task["assignee"]] == "grace@example.com"


async def test_assignee_me_is_the_user_of_the_request(family: Client) -> None:
    me = (await family.get("/auth/me")).json()
    assert (await create(family, "Book hotel +Me"))["assignee"] == me["id"]


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("Book +hop tomorrow", "assignee_not_found", 5, 9),
        ("Book +grac_", "assignee_not_found", 5, 11),
        ("Book +g% +", "assignee_not_found", 5, 8),
        ("Book +jürgen", "assignee_ambiguous", 5, 12),
    ],
)
async def test_assignee_must_be_exactly_one_member(
    family: Client, text: str, code: str, start: int, end: int
) -> None:
    problem = check_problem(await family.post(QUICK, {"text": text}), 422, "validation_failed")
    (error,) = problem["errors"]
    assert (error["pointer"], error["code"]) == ("/text", code)
    assert (error["start"], error["end"]) == (start, end)
    (shown,) = (await preview(family, text))["errors"]
    assert {**shown, "pointer": "/text"} == error


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("Buy milk #Home #Work p1 p2", [("two_category", 15, 20), ("two_priority", 24, 26)]),
        ('Fix #"Home impro', [("unclosed_quote", 5, 16)]),
        ("", [("no_title", 0, 0)]),
        ("#Home", [("no_title", 0, 5)]),
        ("Call ^99", [("parent", 5, 8)]),
        (f"Call @a @{'b' * 101}", [("string_too_long", 8, 110)]),
        (f"Call #{'b' * 201}", [("string_too_long", 5, 207)]),
        ("x" * 501, [("string_too_long", 0, 501)]),
        ("\u200b", [("invisible_text", 0, 1)]),
        ("Call #01a1fbe6-20bc-7000-8e52-ea79cce82543", [("id_as_name", 5, 42)]),
        (
            'Call @b @"01a1fbe6-20bc-7000-8e52-ea79cce82543"',
            [("id_as_name", 8, 47)],
        ),
    ],
)
async def test_error_has_its_position_in_the_text(
    owner: Client, text: str, errors: list[tuple[str, int, int]]
) -> None:
    problem = check_problem(
        await owner.post(QUICK, {"text": text}), 422, "validation_failed", "/text"
    )
    found = [(error["code"], error["start"], error["end"]) for error in problem["errors"]]
    assert found == errors
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []


async def test_reminder_is_an_error_until_tasks_have_them(owner: Client) -> None:
    text = "Call friday !30m"
    problem = check_problem(
        await owner.post(QUICK, {"text": text}), 422, "validation_failed", "/text"
    )
    assert [error["code"] for error in problem["errors"]] == ["reminders_not_available"]
    assert (await preview(owner, text))["errors"] == []


async def test_repeat_becomes_the_rule_of_the_task(owner: Client) -> None:
    task = await create(owner, "Water plants every! 3 days")
    assert (task["title"], task["repeat_rule"]) == ("Water plants", "FREQ=DAILY;INTERVAL=3")
    assert task["repeat_mode"] == "completion"
    assert task["repeat_start"] == task["due_date"]


async def test_warning_does_not_prevent_the_creation(owner: Client) -> None:
    task = await create(owner, "Party feb 30")
    assert task["title"] == "Party feb 30"
    assert [warning["code"] for warning in task["warnings"]] == ["no_such_day"]


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": 3}, "/text"),
        ({"text": "x" * 2001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": "x", "language": "tlh"}, "/language"),
        ({"text": "x", "date_order": "ymd"}, "/date_order"),
        ({"text": "x", "time_zone": "Berlin"}, "/time_zone"),
        ({"text": "x", "title": "y"}, "/title"),
    ],
)
async def test_invalid_request_is_rejected(
    owner: Client, body: dict[str, Any], pointer: str
) -> None:
    check_problem(await owner.post(QUICK, body), 422, "validation_failed", pointer)


async def test_number_of_statements_does_not_depend_on_the_text(
    owner: Client, database: Database
) -> None:
    await create(owner, "First #Home @a")
    counts = []
    for text in ("Second #Home @a", "Third #Home @a friday at 9 p1 // Note"):
        before = database.meter.statements
        await create(owner, text)
        counts.append(database.meter.statements - before)
    assert len(set(counts)) == 1
