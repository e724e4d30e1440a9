"""Generator of the lock files: versions and hashes of all required packages, without URLs.

- `requirements/run.txt`: the dependencies of the server.
- `requirements/dev.txt`: these and the dependencies of tests, checks and benchmarks.
- `requirements/clients.txt`: the generator of Python clients, which has its own environment.
- `requirements/web.txt`: Node, for machines without it.
- npm's lock files: the web app, and the generator of TypeScript clients.

uv resolves the Python packages for all platforms and for Python 3.11 or newer; pip installs them.
`make lock` runs this script; `make lock UPGRADE=1` takes the newest versions. check_lock.py checks
that the lock files are up to date.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path("requirements")
# dev.txt first: its versions constrain run.txt, so that both pin the same versions.
GROUPS = {
    "dev.txt": ("build", "test", "check", "bench", "browser"),
    "run.txt": ("build",),
    "clients.txt": ("clients",),
    "web.txt": ("web",),
}
# Files with only the packages of the groups, without the server's dependencies.
SEPARATE = frozenset({"clients.txt", "web.txt"})
# Extras of the server that tests and checks need.
EXTRAS = {"dev.txt": ("keyring", "otel"), "run.txt": (), "clients.txt": (), "web.txt": ()}
NODE_FOLDERS = (Path("web"), Path("tests/clients/typescript"))
NODE_LOCK = "package-lock.json"
# uv's error messages for an unreachable registry, and for disabled network access.
UNREACHABLE = re.compile(
    r"failed to (fetch|download)|error sending request|timed out|network was disabled",
    re.IGNORECASE,
)


class LockFailedError(Exception):
    """uv or npm could not resolve the requirements. The message is its error output."""

    @property
    def is_registry_unreachable(self) -> bool:
        """Whether the registry was unreachable, so that the requirements may be correct."""
        return UNREACHABLE.search(str(self)) is not None


def resolve_lock(root: Path, folder: Path, *options: str) -> None:
    """Resolve the project in `root` into `folder`. Pinned versions there are kept.

    Raises:
        LockFailedError: uv failed.
    """
    constraints: tuple[str, ...] = ()
    for name, groups in GROUPS.items():
        is_separate = name in SEPARATE
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
                *(() if is_separate else ("pyproject.toml", *constraints)),
                *("--universal", "--python-version=3.11", "--generate-hashes"),
                *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
                *(f"--group={group}" for group in groups),
                *(f"--extra={extra}" for extra in EXTRAS[name]),
                *options,
                f"--output-file={folder / name}",
            ],
            cwd=root,
            env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LockFailedError(done.stderr.strip())
        if not is_separate:
            constraints = (f"--constraints={folder / name}",)


def resolve_node_lock(root: Path, *, upgrade: bool) -> None:
    """Resolve the Node packages and remove URLs from the lock files. Skip if npm is missing.

    Raises:
        LockFailedError: npm failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not installed: the lock files of Node were not updated.")
        return
    command = [npm, "update" if upgrade else "install", "--package-lock-only"]
    for folder in NODE_FOLDERS:
        done = subprocess.run(
            command, cwd=root / folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise LockFailedError(done.stderr.strip())
        path = root / folder / NODE_LOCK
        lock = json.loads(path.read_text(encoding="utf-8"))
        for package in lock["packages"].values():
            for field in ("resolved", "funding"):
                package.pop(field, None)
        path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Write the lock files. Command-line options are passed to uv."""
    options = sys.argv[1:]
    try:
        resolve_lock(ROOT, FOLDER, *options)
        resolve_node_lock(ROOT, upgrade="--upgrade" in options)
    except LockFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
