"""Rules for the sources of the web app: layers, and the size of files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.lock import ROOT
from taskstead.faces.web.app_files import SECTIONS

SRC = ROOT / "web/src"
# What each folder may import besides itself; web/README.md shows the same table.
ALLOWED = {
    "domain": set(),
    "i18n": set(),
    "styles": set(),
    "api": {"domain"},
    "replica": {"api", "domain"},
    "actions": {"replica", "api", "domain"},
    "keys": {"domain"},
    "ui": {"i18n"},
    "features": {"ui", "actions", "replica", "api", "domain", "keys", "i18n", "styles"},
    "routes": {"features", "ui", "actions", "replica", "api", "domain", "keys", "i18n"},
}
MAX_LINES = 300
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def find_upward_imports(path: Path, text: str) -> Iterator[str]:
    """Imports of a folder that the folder of the file must not know."""
    folder = path.relative_to(SRC).parts[0]
    for target in _IMPORT.findall(text):
        imported = (path.parent / target).resolve()
        if not imported.is_relative_to(SRC):
            continue
        other = imported.relative_to(SRC).parts[0]
        if folder in ALLOWED and other != folder and other not in ALLOWED[folder]:
            yield f"{path.relative_to(ROOT)} imports {other}"


def list_files() -> list[Path]:
    return sorted(path for path in SRC.rglob("*") if path.suffix in {".ts", ".tsx", ".css"})


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(SRC)))
def test_web_source_imports_lower_folders_only(path: Path) -> None:
    assert list(find_upward_imports(path, path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(SRC)))
def test_web_source_is_short(path: Path) -> None:
    if path.name != "schema.ts":
        assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


def test_folders_of_the_web_app_are_known() -> None:
    assert {path.name for path in SRC.iterdir() if path.is_dir()} <= ALLOWED.keys()


def test_rule_detects_an_import_of_a_higher_folder() -> None:
    text = 'import { Rows } from "../replica/rows.ts";'
    assert list(find_upward_imports(SRC / "domain/due.ts", text)) == [
        "web/src/domain/due.ts imports replica"
    ]


def test_server_and_app_know_the_same_sections() -> None:
    text = (SRC / "routes/sections.ts").read_text("utf-8")
    assert re.findall(r'^  "(\w+)",$', text, re.MULTILINE) == list(SECTIONS)
