"""Copies the files of examples/ into the pages that show them: `python -m scripts.example_pages`.

A page names the file in a comment right before a block of Python. A test holds the pages to it.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "guide"
_BLOCK = re.compile(
    r"(<!-- (examples/[a-z_]+\.py) -->\n\n```python\n).*?(?=^```$)", re.MULTILINE | re.DOTALL
)
# For this repository's linter; a reader of the page does not need them.
_LINT_COMMENT = re.compile("  # noqa: .*")


def render_page(text: str) -> str:
    """Return a page with the present text of the examples that it names."""
    return _BLOCK.sub(lambda match: match[1] + _read_example(match[2]), text)


def _read_example(path: str) -> str:
    return _LINT_COMMENT.sub("", (ROOT / path).read_text(encoding="utf-8"))


if __name__ == "__main__":
    for page in PAGES.glob("*.md"):
        before = page.read_text(encoding="utf-8")
        after = render_page(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
