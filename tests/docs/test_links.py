"""Every link and every mention of a documentation page leads to an existing file or heading."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "scripts", "benchmarks", "examples", "deploy")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
MENTION = re.compile(r"\bdocs/[a-z0-9/-]+\.md\b")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# A path in backticks. Placeholders and patterns such as `test_*.py` are not paths.
MODULE = re.compile(r"`([\w/]+\.py)`")
PACKAGE = ROOT / "src" / "taskstead"


def list_pages() -> list[Path]:
    """Return all Markdown pages of the repository."""
    pages = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    ]
    return sorted(pages)


def list_anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub generates for the headings of a page."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def test_links_in_pages_resolve() -> None:
    broken = []
    count = 0
    for page in list_pages():
        for target, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            count += 1
            path = (page.parent / target).resolve() if target else page
            if not path.exists() or (anchor and anchor not in list_anchors(path)):
                broken.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert broken == []
    assert count > 100


def test_mentioned_pages_exist() -> None:
    missing = []
    for path in [*(ROOT / name for name in ("README.md", "CHANGELOG.md")), *list_sources()]:
        text = path.read_text(encoding="utf-8", errors="ignore")
        missing += [
            f"{path.relative_to(ROOT)}: {name}"
            for name in MENTION.findall(text)
            if not (ROOT / name).exists()
        ]
    assert missing == []


def test_mentioned_modules_exist() -> None:
    """A module is mentioned by its path from the package or the root, or by name in its folder."""
    missing = []
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *list_sources()]
    known = {path.name for path in list_sources()}
    for path in pages:
        if path.name == "CHANGELOG.md":
            continue
        for name in MODULE.findall(path.read_text(encoding="utf-8", errors="ignore")):
            places = [PACKAGE / name, ROOT / name, path.parent / name]
            # A page names the modules of a folder after the folder.
            is_in_context = path.suffix == ".md" and name in known
            if not is_in_context and not any(place.exists() for place in places):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert missing == []


def list_sources() -> list[Path]:
    """Return the source files that may mention a page."""
    return [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".yml", ".yaml", ".conf", ".sh"}
    ]


def test_all_pages_are_linked_from_the_index() -> None:
    """docs/README.md lists every page except single decisions."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {
        page.relative_to(ROOT / "docs").as_posix()
        for section in ("tutorial", "how-to", "reference", "explanation")
        for page in (ROOT / "docs" / section).glob("*.md")
    }
    assert {page for page in pages if f"({page})" not in index} == set()
