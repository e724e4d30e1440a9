"""The pages of docs/guide/ can be followed, command by command, and show what is answered."""

from pathlib import Path

import pytest

from tests.client import Client
from tests.docs.walkthrough import Walkthrough

GUIDES = Path(__file__).parents[2] / "docs" / "guide"


@pytest.mark.parametrize("page", sorted(path.name for path in GUIDES.glob("*.md")))
async def test_the_page_can_be_followed(owner: Client, page: str) -> None:
    """The reader has the token of a new account in TOKEN."""
    text = (GUIDES / page).read_text(encoding="utf-8")
    token = owner.headers["Authorization"].removeprefix("Bearer ")
    walkthrough = Walkthrough(owner.http, {"TOKEN": token})
    await walkthrough.follow(text)
    assert walkthrough.compared == sum(
        text.count(f"```{language}\n") for language in ("json", "http", "csv")
    )
