"""Sends every query in docs/reference/listing.md and compares the numbers of the found tasks."""

import re
from pathlib import Path

from tests.contract.references import resolve
from tests.harness.client import Client

GUIDE = Path(__file__).parents[2] / "docs" / "reference" / "listing.md"
EXAMPLE = re.compile(r"`\?([^`]+)` → ([0-9, ]+|none)")


async def test_every_query_finds_the_listed_tasks(owner: Client) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    tasks = text.split("```jsonl\n")[1].split("```")[0]
    for line in tasks.splitlines():
        answer = await owner.request(
            "POST", "/api/v1/tasks", content=line, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 201, answer.text
    examples = EXAMPLE.findall(text)
    assert len(examples) > 30
    for query, numbers in examples:
        answer = await owner.get(f"/api/v1/tasks?{query}")
        assert answer.status_code == 200, (query, answer.text)
        found = ", ".join(str(item["number"]) for item in answer.json()["items"])
        assert (query, found or "none") == (query, numbers.strip())


async def test_every_query_parameter_is_documented(client: Client) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    document = (await client.get("/openapi.json")).json()
    parameters = {
        parameter["name"]
        for parameter in (
            resolve(document, parameter)
            for parameter in document["paths"]["/api/v1/tasks"]["get"]["parameters"]
        )
        if parameter["in"] == "query"
    }
    assert {name for name in parameters if f"`{name}" not in text} == set()
