"""Generated clients compile, and create, list and change tasks on a real server.

`make test-clients` installs the generators: openapi-python-client has a virtual environment of its
own, and openapi-typescript needs Node. Where Node is missing, its test is skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.harness.commands import Server, running_server

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
TYPESCRIPT = HERE / "typescript"
PYTHON = HERE / "python"
VENV = Path(sys.executable).parents[1] / "clients" / "bin"
SECONDS = 300


class Api(NamedTuple):
    """A running server with an empty workspace, and its OpenAPI document as a file."""

    address: str
    token: str
    document: Path


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    database = f"sqlite:///{tmp_path / 'taskstead.db'}"
    with running_server(tmp_path, TASKSTEAD_DATABASE_URL=database) as server:
        document = tmp_path / "openapi.json"
        status, content = server.request("GET", "/openapi.json")
        assert status == 200
        document.write_text(json.dumps(content), encoding="utf-8")
        yield Api(f"http://127.0.0.1:{server.port}", make_token(server), document)


def make_token(server: Server) -> str:
    account = {"email": "ada@example.com", "password": "correct horse battery"}
    _, session = server.request("POST", "/auth/register", account)
    wanted = {"name": "generated client", "scopes": ["tasks:read", "tasks:write"]}
    _, made = server.request("POST", "/api/v1/tokens", wanted, session["access_token"])
    return str(made["token"])


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Run a program in a folder. Return its output."""
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


def test_client_of_openapi_typescript(api: Api, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed: the client of openapi-typescript was not tested")
    modules = TYPESCRIPT / "node_modules"
    assert modules.exists(), "run `make test-clients`"
    folder = tmp_path / "typescript"
    folder.mkdir()
    for name in ("package.json", "tsconfig.json", "use.ts"):
        shutil.copy(TYPESCRIPT / name, folder)
    (folder / "node_modules").symlink_to(modules)
    generator = modules / "openapi-typescript" / "bin" / "cli.js"
    run(node, generator, api.document, "--output", "api.d.ts", folder=folder)
    run(node, modules / "typescript" / "bin" / "tsc", "--project", ".", folder=folder)
    seen = json.loads(run(node, "use.js", api.address, api.token, folder=folder))
    assert seen == {
        "created": "From TypeScript",
        "listed": ["From TypeScript"],
        "status": "done",
        "missing": "not_found",
    }


def test_client_of_openapi_python_client(api: Api, tmp_path: Path) -> None:
    generator = VENV / "openapi-python-client"
    assert generator.exists(), "run `make test-clients`"
    folder = tmp_path / "python"
    folder.mkdir()
    run(
        *(generator, "generate", "--path", api.document, "--meta", "none", "--fail-on-warning"),
        *("--config", PYTHON / "config.yaml", "--output-path", folder / "taskstead_client"),
        folder=folder,
    )
    shutil.copy(PYTHON / "use_client.py", folder)
    run(sys.executable, "-m", "compileall", "-q", "taskstead_client", folder=folder)
    checking = ("--strict", "--follow-imports=silent", f"--python-executable={VENV / 'python'}")
    run(sys.executable, "-m", "mypy", *checking, "use_client.py", folder=folder)
    seen = json.loads(run(VENV / "python", "use_client.py", api.address, api.token, folder=folder))
    assert seen == {
        "created": "From Python",
        "listed": ["From Python"],
        "status": "done",
        "missing": "not_found",
        "is_uuid": True,
    }
