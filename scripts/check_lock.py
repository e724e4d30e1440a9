"""Check of the lock files: up to date with pyproject.toml, pinned by hash, without URLs.

`make check` runs it. "Up to date" means that resolving again changes no version. If the package
registry is unreachable, the script prints a message and checks only that every direct requirement
has a pin that satisfies it. lock.py writes the lock files.
"""

import json
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scripts.lock import (
    EXTRAS,
    FOLDER,
    GROUPS,
    NODE_FOLDERS,
    NODE_LOCK,
    ROOT,
    SEPARATE,
    LockFailedError,
    resolve_lock,
)

# A URL, or an option or a direct reference that contains one.
ADDRESS = re.compile(r"://|--index-url|--extra-index-url|--find-links|--trusted-host|\s@\s|file:")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^\s;]+)(?P<rest>.*)")
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(?:>=\s*(?P<least>[0-9.]+))?"
)

Pins = dict[str, set[tuple[str, str]]]


def main() -> None:
    """Print one line per problem; exit with 1 if there are any."""
    problems = list(find_problems(ROOT))
    if not problems:
        problems = list(find_drift(ROOT))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    print("The lock files are up to date.")


def find_problems(root: Path) -> Iterator[str]:
    """Find URLs, missing hashes, and pins that differ between the files."""
    yield from find_node_problems(root)
    seen: dict[str, Pins] = {}
    for name in GROUPS:
        path = root / FOLDER / name
        if not path.exists():
            yield f"{FOLDER / name}: the file is missing; run `make lock`."
            continue
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            if ADDRESS.search(line):
                yield f"{FOLDER / name}:{number}: contains a URL: {line.strip()}"
        for entry in split_entries(text):
            if "--hash=sha256:" not in entry:
                yield f"{FOLDER / name}: no hash for {entry.split()[0]}"
        seen[name] = parse_pins(text)
    if seen.keys() == GROUPS.keys():
        everything = seen["dev.txt"]
        for package, versions in seen["run.txt"].items():
            if not versions <= everything.get(package, set()):
                yield f"{FOLDER}: run.txt and dev.txt differ on {package}; run `make lock`."


def find_node_problems(root: Path) -> Iterator[str]:
    """Find URLs and packages without a hash in the lock files of Node."""
    for folder in NODE_FOLDERS:
        yield from find_node_lock_problems(root, folder / NODE_LOCK)


def find_node_lock_problems(root: Path, name: Path) -> Iterator[str]:
    """Find URLs and packages without a hash in one lock file of Node."""
    path = root / name
    if not path.exists():
        yield f"{name}: the file is missing; install npm and run `make lock`."
        return
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if ADDRESS.search(line):
            yield f"{name}:{number}: contains a URL: {line.strip()}"
    for package_name, package in json.loads(text)["packages"].items():
        # The empty name is the project itself.
        if package_name and "integrity" not in package:
            yield f"{name}: no hash for {package_name}"


def find_drift(root: Path) -> Iterator[str]:
    """Find packages whose version would change if they were resolved again."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in GROUPS:
            shutil.copy(root / FOLDER / name, folder / name)
        try:
            resolve_lock(root, folder)
        except LockFailedError as error:
            if error.is_registry_unreachable:
                print(
                    f"The registry is unreachable; only direct requirements were checked:\n{error}"
                )
                yield from find_unsatisfied(root)
            else:
                yield f"pyproject.toml and {FOLDER}: {error}"
            return
        for name in GROUPS:
            locked = parse_pins((root / FOLDER / name).read_text(encoding="utf-8"))
            resolved = parse_pins((folder / name).read_text(encoding="utf-8"))
            for package in sorted(locked.keys() | resolved.keys()):
                if locked.get(package) != resolved.get(package):
                    yield f"{FOLDER / name}: {package} is out of date; run `make lock`."


def find_unsatisfied(root: Path) -> Iterator[str]:
    """Find direct requirements without a pin, or with a pin that is too old."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    for name, groups in GROUPS.items():
        pins = parse_pins((root / FOLDER / name).read_text(encoding="utf-8"))
        wanted = [] if name in SEPARATE else list(project["project"]["dependencies"])
        for group in groups:
            wanted += project["dependency-groups"][group]
        for extra in EXTRAS[name]:
            wanted += project["project"].get("optional-dependencies", {}).get(extra, [])
        for requirement in wanted:
            found = REQUIREMENT.fullmatch(requirement)
            if found is None:
                yield f"pyproject.toml: this check reads only `name>=version`, not {requirement!r}."
                continue
            versions = pins.get(normalize_name(found["name"]), set())
            least = read_release(found["least"] or "0")
            if not any(read_release(version) >= least for version, _ in versions):
                yield f"{FOLDER / name}: no pin satisfies {requirement!r}; run `make lock`."


def parse_pins(text: str) -> Pins:
    """Return the pinned versions of each package with their environment markers."""
    pins: Pins = {}
    for entry in split_entries(text):
        found = PIN.match(entry)
        if found:
            marker = found["rest"].split("--hash")[0].strip(" ;")
            pins.setdefault(normalize_name(found["name"]), set()).add((found["version"], marker))
    return pins


def split_entries(text: str) -> list[str]:
    """Split a lock file into its requirements, each on one line, without comments."""
    lines = (line.strip() for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line]


def normalize_name(name: str) -> str:
    """Return the normalized name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_release(version: str) -> tuple[int, ...]:
    """Parse the leading numbers of a version: `2.10rc1` is (2, 10), and `3.0` is (3,)."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


if __name__ == "__main__":
    main()
