"""The build of the web app: when it is needed, and which Node is used."""

import os
from pathlib import Path

import pytest

from scripts import web


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources, all older than the page of the build."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "tests").mkdir()
    for name in ("package.json", "src/main.tsx", "tests/main.test.ts", "src", "tests"):
        if "." in name:
            (folder / name).write_text("")
        os.utime(folder / name, ns=(1_000, 1_000))
    page = tmp_path / "build/index.html"
    page.parent.mkdir()
    page.write_text("")
    os.utime(page, ns=(2_000, 2_000))
    monkeypatch.setattr(web, "WEB", folder)
    monkeypatch.setattr(web, "BUILD", page.parent)
    return folder


@pytest.mark.usefixtures("sources")
def test_build_newer_than_sources_is_current() -> None:
    assert web.is_build_current()


@pytest.mark.parametrize("name", ["package.json", "src/main.tsx", "src"])
def test_changed_source_makes_build_old(name: str, sources: Path) -> None:
    os.utime(sources / name, ns=(3_000, 3_000))
    assert not web.is_build_current()


def test_changed_test_leaves_build_current(sources: Path) -> None:
    os.utime(sources / "tests/main.test.ts", ns=(3_000, 3_000))
    assert web.is_build_current()


def test_missing_build_is_not_current(sources: Path) -> None:
    (sources.parent / "build/index.html").unlink()
    assert not web.is_build_current()


@pytest.mark.parametrize(
    ("output", "version"),
    [("v24.19.0", (24, 19)), ("v20.20.2", (20, 20)), ("no version", (0, 0))],
)
def test_version_of_node_is_read(output: str, version: tuple[int, int], tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {output}\n")
    node.chmod(0o755)
    assert web.get_node_version(str(node)) == version
