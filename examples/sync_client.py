"""A client that keeps a copy of a workspace in a file, with an outbox for writes.

No write is lost and none is done twice, whatever happens to the connection or to the program. Needs
only Python's standard library. The rules it follows: docs/how-to/sync-client.md.
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

LISTS = {"member": "members", "category": "categories", "tag": "tags", "task": "tasks"}
TIMEOUT_SECONDS = 90
LONGEST_PAUSE_SECONDS = 60.0


class RetryLaterError(Exception):
    """The server cannot be reached or is busy: nothing is lost, try again later."""

    def __init__(self, message: str, seconds: float = 0) -> None:
        super().__init__(message)
        self.seconds = seconds


class SyncStoppedError(Exception):
    """The server refuses this client, and would do so again: somebody has to look at it."""


class WorkspaceCopy:
    """A copy of a workspace and the writes that are not sent yet, in one file."""

    def __init__(self, server: str, token: str, file: str, workspace: str | None = None) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if workspace is not None:
            self.headers["Taskstead-Workspace"] = workspace
        self.file = Path(file)
        self.state: dict[str, Any] = {"next": None, "rows": {}, "outbox": [], "refused": []}
        if self.file.exists():
            self.state = json.loads(self.file.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Replace the file as a whole, so that it is never half written."""
        new = self.file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as stream:
            json.dump(self.state, stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.file)

    def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the JSON of the answer, if it is a final one.

        Raises:
            RetryLaterError: the connection was lost, or the server says to try again.
            SyncStoppedError: the token is not valid any more.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the user chose the server
            self.server + path, data, {**self.headers, **(headers or {})}, method=method
        )
        try:
            status, answered, content = _exchange(request)
            answer = json.loads(content) if content else None
        except (OSError, http.client.HTTPException) as error:
            raise RetryLaterError(f"The connection was lost: {error!r}") from error
        except ValueError as error:
            # Something between client and server has answered, such as the login page of a hotel.
            raise RetryLaterError("The answer is not JSON.") from error
        if status == http.client.UNAUTHORIZED:
            _stop(answer)
        retry_after = answered.get("Retry-After", "")
        if status >= http.client.INTERNAL_SERVER_ERROR or retry_after:
            seconds = float(retry_after) if retry_after.isdecimal() else 0
            raise RetryLaterError(_describe(answer), seconds)
        return status, answer

    def write(self, method: str, path: str, body: Any = None, revision: int | None = None) -> None:
        """Put a write into the outbox; :meth:`push` sends it.

        Args:
            method: POST, PUT, PATCH or DELETE.
            path: as ``/api/v1/tasks/…``.
            body: what is sent as JSON.
            revision: of the task as the user saw it: if somebody else has changed it since, the
                write is refused instead of overwriting that.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        write = {"method": method, "path": path, "body": body, "headers": headers}
        self.state["outbox"].append(write)
        self.save()

    def push(self) -> None:
        """Send the outbox in order. What the server refuses for good goes to ``refused``."""
        outbox = self.state["outbox"]
        while outbox:
            status, answer = self.send(**outbox[0])
            done = outbox.pop(0)
            if status >= http.client.BAD_REQUEST:
                self.state["refused"].append({"write": done, "problem": answer})
            elif isinstance(answer, dict) and "revision" in answer:
                self._pass_on_revision(done["path"], answer)
            self.save()

    def _pass_on_revision(self, path: str, answer: Mapping[str, Any]) -> None:
        """Let later writes to the same thing start from what this one has made of it."""
        names = {str(answer[key]) for key in ("id", "number") if key in answer}
        kind, _ = _split_path(path)
        for later in self.state["outbox"]:
            later_kind, name = _split_path(later["path"])
            if "If-Match" in later["headers"] and later_kind == kind and name in names:
                later["headers"]["If-Match"] = f'"{answer["revision"]}"'

    def pull(self, wait: int = 0) -> None:
        """Fetch what has changed; with ``wait``, wait for so many seconds for something."""
        has_more = True
        while has_more:
            since = {"since": self.state["next"]} if self.state["next"] else {}
            query = urllib.parse.urlencode({"wait": wait, **since})
            status, page = self.send("GET", f"/api/v1/changes?{query}")
            if status == http.client.GONE:
                # The log does not reach back to the token. The outbox stays.
                self.state.update(next=None, rows={})
                continue
            if status >= http.client.BAD_REQUEST:
                _stop(page)
            for name in LISTS.values():
                rows = self.state["rows"].setdefault(name, {})
                rows.update((row["id"], row) for row in page[name])
            for gone in page["removed"]:
                self.state["rows"][LISTS[gone["kind"]]].pop(gone["id"], None)
            self.state["next"], has_more = page["next"], page["has_more"]
            self.save()


def keep_in_sync(copy: WorkspaceCopy, sleep: Callable[[float], None] = time.sleep) -> NoReturn:
    """Push and pull until the server refuses the client.

    Raises:
        SyncStoppedError: it does; the outbox is in the file.
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
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def _split_path(path: str) -> tuple[str, str]:
    """Return what kind of thing a path is about, and its id or number: ``tasks``, ``42``."""
    steps = [*urllib.parse.urlsplit(path).path.split("/"), "", "", ""]
    return steps[3], steps[4]


def _describe(problem: Any) -> str:
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or "The server cannot answer now.")


def _stop(problem: Any) -> NoReturn:
    raise SyncStoppedError(_describe(problem))
