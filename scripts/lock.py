"""Write the lock files: every package the project needs, by version and hash, and no address.

`requirements/run.txt` is what the server needs, `requirements/dev.txt` is all of that and what
tests, checks and benchmarks need, and `requirements/clients.txt` is the generator of Python
clients, which is installed apart. uv resolves them for every platform and for Python 3.11 upwards;
plain pip installs them. `make lock` runs this; `make lock UPGRADE=1` takes the newest versions.
npm does the same for the generator of TypeScript clients.

What does not live here: the check that the lock files are in step (check_lock.py).
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
# The larger one first: it limits the other, so that both name the same versions.
GROUPS = {
    "dev.txt": ("build", "test", "check", "bench"),
    "run.txt": ("build",),
    "clients.txt": ("clients",),
}
# Files of the groups alone, without what the server needs.
APART = frozenset({"clients.txt"})
# Optional parts of the server, which tests and checks need too.
EXTRAS = {"dev.txt": ("otel",), "run.txt": (), "clients.txt": ()}
NODE_FOLDER = Path("tests/clients/typescript")
NODE_LOCK = NODE_FOLDER / "package-lock.json"
# What uv says of a registry that does not answer, and when it was told to use none.
OUT_OF_REACH = re.compile(
    r"failed to (fetch|download)|error sending request|timed out|network was disabled",
    re.IGNORECASE,
)


class LockFailedError(Exception):
    """uv could not resolve the requirements; the message is what it said."""

    @property
    def is_out_of_reach(self) -> bool:
        """Whether the registry did not answer, which says nothing about the requirements."""
        return OUT_OF_REACH.search(str(self)) is not None


def resolve_lock(root: Path, folder: Path, *options: str) -> None:
    """Resolve the project in `root` into `folder`, keeping the versions that stand there already.

    Raises:
        LockFailedError: uv gave up.
    """
    limits: tuple[str, ...] = ()
    for name, groups in GROUPS.items():
        is_apart = name in APART
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
                *(() if is_apart else ("pyproject.toml", *limits)),
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
        if not is_apart:
            limits = (f"--constraints={folder / name}",)


def resolve_node_lock(root: Path, *, upgrade: bool) -> None:
    """Resolve the packages of Node, where npm is there, and leave out addresses.

    Raises:
        LockFailedError: npm gave up.
    """
    npm = shutil.which("npm")
    if npm is None:
        print(f"npm is missing: {NODE_LOCK} stays as it is.")
        return
    command = [npm, "update" if upgrade else "install", "--package-lock-only"]
    done = subprocess.run(
        command, cwd=root / NODE_FOLDER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LockFailedError(done.stderr.strip())
    lock = json.loads((root / NODE_LOCK).read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        for field in ("resolved", "funding"):
            package.pop(field, None)
    (root / NODE_LOCK).write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Write the lock files; options are handed on to uv."""
    options = sys.argv[1:]
    try:
        resolve_lock(ROOT, FOLDER, *options)
        resolve_node_lock(ROOT, upgrade="--upgrade" in options)
    except LockFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
