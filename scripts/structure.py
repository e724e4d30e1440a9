"""Structure report: files, lines and words of the source, and what one request runs through.

`python -m scripts.structure` prints a Markdown table. The request figures come from the application
in this process on a new SQLite database: each request is sent three times, and the third one is
profiled with `sys.setprofile` in every thread.
"""

import asyncio
import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import httpx2

from taskstead.app import create_app
from taskstead.config.settings import Environment, Settings
from taskstead.db.migrate import ensure_migrated

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "taskstead"
WORDS = {
    "whoever": r"\bwhoever\b",
    "tell, told": r"\b(?:tells?|told|telling)\b",
    "what is … as a noun": r"\bwhat (?:is|are|was|were|has|have|it|they)\b",
}
TEXT_FOLDERS = ("src", "docs")

Send = Callable[[], Awaitable[httpx2.Response]]


@dataclass
class Trace:
    """The calls of functions in `src/taskstead` while `is_recording`.

    Attributes:
        files: calls per file.
        switches: how many calls were in another file than the call before.
    """

    is_recording: bool = False
    files: Counter[str] = field(default_factory=Counter)
    switches: int = 0
    _last: str = ""

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Count one call; a profile function of `sys.setprofile`."""
        if not self.is_recording or event != "call":
            return
        name = frame.f_code.co_filename
        if "/src/taskstead/" not in name:
            return
        self.files[name] += 1
        if name != self._last:
            self.switches += 1
            self._last = name


async def measure_request(trace: Trace, send: Send) -> tuple[int, int]:
    """Return how many of our files one warm request runs through, and the switches between them."""
    for _ in range(2):
        (await send()).raise_for_status()
    trace.files.clear()
    trace.switches = 0
    trace.is_recording = True
    (await send()).raise_for_status()
    trace.is_recording = False
    return len(trace.files), trace.switches


async def measure_requests(folder: Path) -> dict[str, tuple[int, int]]:
    """Return files and switches of the requests that the report names."""
    url = f"sqlite:///{folder / 'taskstead.db'}"
    await ensure_migrated(url)
    settings = Settings(
        environment=Environment.TEST,
        database_url=url,
        migrate_on_start=False,
        run_worker=False,
        password_hash_memory_kib=8,
        password_hash_time_cost=1,
    )
    trace = Trace()
    threading.setprofile(trace.profile)
    sys.setprofile(trace.profile)
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    try:
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http,
        ):
            account = {"email": "owner@example.com", "password": "a good long secret"}
            answer = await http.post("/auth/register", json=account)
            http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            return await _measure_all(trace, http)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


async def _measure_all(trace: Trace, http: httpx2.AsyncClient) -> dict[str, tuple[int, int]]:
    tasks = "/api/v1/tasks"
    task: dict[str, Any] = (await http.post(tasks, json={"title": "One"})).json()
    path = f"{tasks}/{task['id']}"
    titles = (f"Title {number}" for number in range(100))

    async def create() -> httpx2.Response:
        return await http.post(tasks, json={"title": next(titles)})

    async def patch() -> httpx2.Response:
        return await http.patch(path, json={"title": next(titles)})

    async def undo() -> httpx2.Response:
        return await http.post(f"/api/v1/batches/{batches.pop()}/undo")

    batches = []
    for _ in range(3):
        answer = await patch()
        batches.append(answer.headers["Taskstead-Batch"])
    # The newest batch is undone first, so that no later change is in the way.
    return {
        "GET a task": await measure_request(trace, lambda: http.get(path)),
        "list of tasks": await measure_request(trace, lambda: http.get(f"{tasks}?limit=20")),
        "undo of one title": await measure_request(trace, undo),
        "POST a task": await measure_request(trace, create),
        "PATCH a title": await measure_request(trace, patch),
    }


def list_source_rows() -> Iterator[tuple[str, str]]:
    """Yield the figures that are read from the files."""
    sources = sorted(SOURCE.rglob("*.py"))
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in sources)
    yield "lines in `src`", f"{lines:,}"
    folders = Counter(path.parent for path in sources)
    largest, count = folders.most_common(1)[0]
    yield "files in the largest folder", f"{count} (`{largest.relative_to(ROOT)}`)"
    subscripts = sum(
        len(re.findall(r'\b(?:row|old|new|task|found|user)\["', path.read_text("utf-8")))
        for path in sources
    )
    untyped = sum(len(re.findall(r"\bRow\b", path.read_text("utf-8"))) for path in sources)
    yield "string subscripts on rows, uses of an untyped `Row`", f"{subscripts} / {untyped}"
    text = "\n".join(
        path.read_text("utf-8")
        for folder in TEXT_FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".md"}
    )
    counts = " / ".join(str(len(re.findall(rule, text, re.IGNORECASE))) for rule in WORDS.values())
    yield f"words: {' / '.join(WORDS)}", counts


def main() -> None:
    """Print the report."""
    with tempfile.TemporaryDirectory() as folder:
        requests = asyncio.run(measure_requests(Path(folder)))
    print("| | |\n|---|---|")
    for name, (files, switches) in requests.items():
        print(f"| {name}: own files / switches between files | {files} / {switches} |")
    for name, value in list_source_rows():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
