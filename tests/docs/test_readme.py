"""What the README lets a newcomer type does what it says."""

from pathlib import Path

from tests.client import Client
from tests.docs.walkthrough import Walkthrough

README = Path(__file__).parents[2] / "README.md"


async def test_the_readme_can_be_followed(client: Client) -> None:
    text = README.read_text(encoding="utf-8")
    walkthrough = Walkthrough(client.http, known=["make", "printf", ".venv/bin/taskstead"])
    await walkthrough.follow(text)
    assert walkthrough.sent == text.count("curl -s ")
    assert walkthrough.compared == text.count("```json\n")
