"""Runs the commands in the README and the tutorial on a new server, and compares the output."""

from pathlib import Path

import pytest

from tests.docs.walkthrough import Walkthrough
from tests.harness.client import Client

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial/first-steps.md"])
async def test_commands_in_the_page_print_what_it_shows(client: Client, page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    walkthrough = Walkthrough(client.http, known=["make", "printf", ".venv/bin/taskstead"])
    await walkthrough.follow(text)
    assert walkthrough.sent == text.count("curl -s ")
    assert walkthrough.compared == text.count("```json\n")
