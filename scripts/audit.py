"""Look for known vulnerabilities in the locked packages: `python -m scripts.audit`.

One request asks the OSV database, which has the advisories of PyPI and GitHub among others, for all
versions in the lock files. Where it cannot be reached that is said, and nothing fails: whether a
package has a known fault is no property of a commit. `make check` runs this.
"""

import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from scripts.check_lock import Pins, parse_pins
from scripts.lock import FOLDER, GROUPS, ROOT

DATABASE = "https://api.osv.dev/v1/querybatch"
SECONDS = 10
# Advisories that do not concern us, each with the reason.
IGNORED: dict[str, str] = {}

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def main(database: str = DATABASE) -> None:
    """Print what is found, one line each, and exit with 1 if anything is."""
    pins: Pins = {}
    for name in GROUPS:
        for package, versions in parse_pins((ROOT / FOLDER / name).read_text("utf-8")).items():
            pins.setdefault(package, set()).update(versions)
    try:
        problems = list(find_vulnerabilities(pins, partial(ask_database, database), IGNORED))
    except (OSError, ValueError) as error:
        print(f"Vulnerabilities were NOT looked for: the database cannot be reached ({error}).")
        return
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"No known vulnerabilities in {len(pins)} packages.")


def find_vulnerabilities(pins: Pins, ask: Ask, ignored: dict[str, str]) -> Iterator[str]:
    """Find the advisories for the pinned versions, and what is ignored without need.

    Raises:
        OSError: the database cannot be reached.
        ValueError: its answer is none.
    """
    versions = sorted({(package, version) for package in pins for version, _ in pins[package]})
    queries = [
        {"package": {"ecosystem": "PyPI", "name": package}, "version": version}
        for package, version in versions
    ]
    results = ask({"queries": queries}).get("results", [])
    if len(results) != len(queries):
        raise ValueError("an answer of another length than the question")
    unneeded = set(ignored)
    for (package, version), result in zip(versions, results, strict=True):
        for advisory in result.get("vulns", ()):
            unneeded.discard(advisory["id"])
            if advisory["id"] not in ignored:
                yield f"{package} {version}: {advisory['id']}; update, or ignore it with a reason."
    for identifier in sorted(unneeded):
        yield f"{identifier} is ignored, and concerns no locked version any more."


def ask_database(url: str, question: dict[str, Any]) -> dict[str, Any]:
    """Send the question to the database; return its answer."""
    request = urllib.request.Request(  # noqa: S310 - our URL or a test's
        url, json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - the same
        found: dict[str, Any] = json.load(answer)
        return found


if __name__ == "__main__":
    main()
