"""Write the lock files: every package the project needs, by version and hash, and no address.

`requirements/run.txt` is what the server needs, `requirements/dev.txt` is all of that and what
tests, checks and benchmarks need. uv resolves them for every platform and for Python 3.11 upwards;
plain pip installs them. `make lock` runs this; `make lock UPGRADE=1` takes the newest versions.

What does not live here: the check that the lock files are in step (check_lock.py).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path("requirements")
# The larger one first: it limits the other, so that both name the same versions.
GROUPS = {
    "dev.txt": ("build", "test", "check", "bench"),
    "run.txt": ("build",),
}
# Optional parts of the server, which tests and checks need too.
EXTRAS = {"dev.txt": ("otel",), "run.txt": ()}
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
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"),
                *("--universal", "--python-version=3.11", "--generate-hashes"),
                *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
                *(f"--group={group}" for group in groups),
                *(f"--extra={extra}" for extra in EXTRAS[name]),
                *limits,
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
        limits = (f"--constraints={folder / name}",)


def main() -> None:
    """Write the lock files; options are handed on to uv."""
    try:
        resolve_lock(ROOT, FOLDER, *sys.argv[1:])
    except LockFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
