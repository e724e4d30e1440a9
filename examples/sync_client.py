"""Offline client: a copy of a workspace in a file, with an outbox for writes.

No write is lost or executed twice if the connection fails or the program crashes. The client needs
only Python's standard library. docs/how-to/sync-client.md explains its rules.
"""

import http.client
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

LISTS = {
    "member": "members",
    "category": "categories",
    "tag": "tags",
    "task": "tasks",
    "occurrence": "occurrences",
    "filter": "filters",
}
TIMEOUT_SECONDS = 90
LONGEST_PAUSE_SECONDS = 60.0


class RetryLaterError(Exception):
    """The server is unreachable or busy. Nothing is lost; retry later."""

    def __init__(self, message: str, seconds: float = 0) -> None:
        super().__init__(message)
        self.seconds = seconds


class SyncStoppedError(Exception):
    """The server rejects this client permanently; the user has to act."""


class WorkspaceCopy:
    """A copy of a workspace and the unsent writes, in one file."""

    def __init__(self, server: str, token: str, file: str, workspace: str | None = None) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if workspace is not None:
            self.headers["Taskstead-Workspace"] = workspace
        self.file = Path(file)
        self.state: dict[str, Any] = {"next": None, "rows": {}, "outbox": [], "rejected": []}
        if self.file.exists():
            self.state = json.loads(self.file.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Replace the file atomically, so that it is never incomplete."""
        new = self.file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as stream:
            json.dump(self.state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.file)

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request and return the status and the JSON of the response if it is final.

        Raises:
            RetryLaterError: the connection was lost, or the server requests a retry.
            SyncStoppedError: the token is no longer valid.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the user chose the server
            self.server + path, data, {**self.headers, **(headers or {})}, method=method
        )
        try:
            status, response_headers, content = _exchange(request)
            response = json.loads(content) if content else None
        except (OSError, http.client.HTTPException) as error:
            raise RetryLaterError(f"The connection was lost: {error!r}") from error
        except ValueError as error:
            # Not from the server, but for example from the login page of a hotel's network.
            raise RetryLaterError("The response is not JSON.") from error
        if status == http.client.UNAUTHORIZED:
            _stop(response)
        retry_after = response_headers.get("Retry-After", "")
        if status >= http.client.INTERNAL_SERVER_ERROR or retry_after:
            seconds = float(retry_after) if retry_after.isdecimal() else 0
            raise RetryLaterError(_describe(response), seconds)
        return status, response

    def write(self, method: str, path: str, body: Any = None, revision: int | None = None) -> None:
        """Add a write to the outbox; :meth:`push` sends it.

        Args:
            method: POST, PUT, PATCH or DELETE.
            path: the path, such as ``/api/v1/tasks/…``.
            body: the JSON body.
            revision: the revision of the task that the user saw. If another user has changed the
                task since, the server rejects the write instead of overwriting the change.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        write = {"method": method, "path": path, "body": body, "headers": headers}
        self.state["outbox"].append(write)
        self.save()

    def push(self) -> None:
        """Send the outbox in order. Writes that the server rejects are moved to ``rejected``."""
        outbox = self.state["outbox"]
        while outbox:
            status, response = self.send(**outbox[0])
            done = outbox.pop(0)
            if status >= http.client.BAD_REQUEST:
                self.state["rejected"].append({"write": done, "problem": response})
            elif isinstance(response, dict) and "revision" in response:
                self._pass_on_revision(done["path"], response)
            self.save()

    def _pass_on_revision(self, path: str, response: Mapping[str, Any]) -> None:
        """Update ``If-Match`` of later writes to the same object to its new revision."""
        names = {str(response[key]) for key in ("id", "number") if key in response}
        kind, _ = _split_path(path)
        for later in self.state["outbox"]:
            later_kind, name = _split_path(later["path"])
            if "If-Match" in later["headers"] and later_kind == kind and name in names:
                later["headers"]["If-Match"] = f'"{response["revision"]}"'

    def pull(self, wait: int = 0) -> None:
        """Fetch all changes; wait up to ``wait`` seconds for the first one."""
        has_more = True
        while has_more:
            since = {"since": self.state["next"]} if self.state["next"] else {}
            query = urllib.parse.urlencode({"wait": wait, **since})
            status, page = self.send("GET", f"/api/v1/changes?{query}")
            if status == http.client.GONE:
                # The token is older than the change log. Keep the outbox.
                self.state.update(next=None, rows={})
                continue
            if status >= http.client.BAD_REQUEST:
                _stop(page)
            for name in LISTS.values():
                rows = self.state["rows"].setdefault(name, {})
                rows.update((row["id"], row) for row in page[name])
            for removed in page["removed"]:
                if removed["kind"] in LISTS:  # otherwise of a newer server
                    self.state["rows"][LISTS[removed["kind"]]].pop(removed["id"], None)
            self.state["next"], has_more = page["next"], page["has_more"]
            self.save()


def keep_in_sync(copy: WorkspaceCopy, sleep: Callable[[float], None] = time.sleep) -> NoReturn:
    """Push and pull until the server rejects the client.

    Raises:
        SyncStoppedError: the server rejects the client; the outbox is in the file.
    """
    failures = 0
    while True:
        try:
            copy.push()
            copy.pull(wait=30)
            failures = 0
        except RetryLaterError as error:
            failures += 1
            pause = min(2.0**failures, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1)  # noqa: S311
            sleep(max(error.seconds, pause))


def _exchange(request: urllib.request.Request) -> tuple[int, Mapping[str, str], bytes]:
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.headers, response.read()


def _split_path(path: str) -> tuple[str, str]:
    """Return the kind of object in a path and its id or number: ``tasks``, ``42``."""
    steps = [*urllib.parse.urlsplit(path).path.split("/"), "", "", ""]
    return steps[3], steps[4]


def _describe(problem: Any) -> str:
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or "The server is unavailable.")


def _stop(problem: Any) -> NoReturn:
    raise SyncStoppedError(_describe(problem))
