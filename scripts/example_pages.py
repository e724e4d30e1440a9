"""Copies the files of examples/ into the guides that show them.

Usage: `python -m scripts.example_pages`. A guide names the file in an HTML comment before a Python
code block. A test fails when a guide is not up to date.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "how-to"
_BLOCK = re.compile(
    r"(<!-- (examples/[a-z_]+\.py) -->\n\n```python\n).*?(?=^```$)", re.MULTILINE | re.DOTALL
)
# Lint comments are of no use to readers of the guide.
_LINT_COMMENT = re.compile("  # noqa: .*")


def render_page(text: str) -> str:
    """Return a page with the current text of the examples that it names."""
    return _BLOCK.sub(lambda match: match[1] + _read_example(match[2]), text)


def _read_example(path: str) -> str:
    return _LINT_COMMENT.sub("", (ROOT / path).read_text(encoding="utf-8"))


if __name__ == "__main__":
    for page in PAGES.glob("*.md"):
        before = page.read_text(encoding="utf-8")
        after = render_page(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
