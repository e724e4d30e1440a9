"""Fixtures for client commands: a server for all tests, and a workspace for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from taskstead.config.settings import PREFIX
from tests.harness.command_line import CommandServer, Workspace, running_command_server


@pytest.fixture(scope="package")
def server(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[CommandServer]:
    """A running server. Starting one takes seconds."""
    folder = tmp_path_factory.mktemp("server")
    with running_command_server(folder, Path(copy(sqlite_template, folder / "x.db"))) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty directory, and hide settings and profiles of the developer."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workspace(server: CommandServer, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A new workspace, which commands use by the environment."""
    workspace = server.make_workspace()
    monkeypatch.setenv("TASKSTEAD_URL", server.url)
    monkeypatch.setenv("TASKSTEAD_TOKEN", server.token)
    monkeypatch.setenv("TASKSTEAD_WORKSPACE", workspace.id)
    return workspace
