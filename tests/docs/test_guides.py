"""Runs the commands in the how-to guides and the reference, and compares the output."""

from pathlib import Path

import pytest

from tests.docs.walkthrough import Walkthrough
from tests.harness.client import Client

DOCS = Path(__file__).parents[2] / "docs"
SECTIONS = ("how-to", "reference")
# Generated; its example is a response without a command.
GENERATED = {"reference/errors.md"}
PAGES = {
    path.relative_to(DOCS).as_posix()
    for section in SECTIONS
    for path in (DOCS / section).glob("*.md")
}


@pytest.mark.parametrize("page", sorted(PAGES - GENERATED))
async def test_commands_in_the_page_print_what_it_shows(owner: Client, page: str) -> None:
    """The page can assume that ``$TOKEN`` is the access token of a new account."""
    text = (DOCS / page).read_text(encoding="utf-8")
    token = owner.headers["Authorization"].removeprefix("Bearer ")
    walkthrough = Walkthrough(owner.http, {"TOKEN": token})
    await walkthrough.follow(text)
    assert walkthrough.compared == sum(
        text.count(f"```{language}\n") for language in ("json", "http", "csv")
    )
