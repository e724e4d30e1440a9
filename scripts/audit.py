"""Check of the locked packages for known vulnerabilities.

`make check` runs it with `python -m scripts.audit`. One request queries the OSV database, which
contains the advisories of PyPI and GitHub, for all versions in the lock files. If the database is
unreachable, the script prints a message and does not fail, because that is not caused by a commit.
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
# Advisories that do not affect Taskstead, each with the reason.
IGNORED: dict[str, str] = {}

Query = Callable[[dict[str, Any]], dict[str, Any]]


def main(database: str = DATABASE) -> None:
    """Print one line per vulnerability; exit with 1 if there are any."""
    pins: Pins = {}
    for name in GROUPS:
        for package, versions in parse_pins((ROOT / FOLDER / name).read_text("utf-8")).items():
            pins.setdefault(package, set()).update(versions)
    try:
        problems = list(find_vulnerabilities(pins, partial(query_database, database), IGNORED))
    except (OSError, ValueError) as error:
        print(f"Vulnerabilities were NOT checked: the database is unreachable ({error}).")
        return
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"No known vulnerabilities in {len(pins)} packages.")


def find_vulnerabilities(pins: Pins, run_query: Query, ignored: dict[str, str]) -> Iterator[str]:
    """Find the advisories for the pinned versions, and ignored advisories that match none.

    Raises:
        OSError: the database is unreachable.
        ValueError: the response is invalid.
    """
    versions = sorted({(package, version) for package in pins for version, _ in pins[package]})
    queries = [
        {"package": {"ecosystem": "PyPI", "name": package}, "version": version}
        for package, version in versions
    ]
    results = run_query({"queries": queries}).get("results", [])
    if len(results) != len(queries):
        raise ValueError("the length of the response differs from that of the query")
    unneeded = set(ignored)
    for (package, version), result in zip(versions, results, strict=True):
        for advisory in result.get("vulns", ()):
            unneeded.discard(advisory["id"])
            if advisory["id"] not in ignored:
                yield f"{package} {version}: {advisory['id']}; update, or ignore it with a reason."
    for identifier in sorted(unneeded):
        yield f"{identifier} is ignored but affects no locked version; remove it."


def query_database(url: str, query: dict[str, Any]) -> dict[str, Any]:
    """Send the query to the database and return the response."""
    request = urllib.request.Request(  # noqa: S310 - a constant URL or a test's
        url, json.dumps(query).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - as above
        found: dict[str, Any] = json.load(response)
        return found


if __name__ == "__main__":
    main()
