"""Runs the load generator wrk: its script, its command line, its answer.

What a server spends is in `processes`.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workloads import Request

UNQUOTED = frozenset(range(32, 127)) - frozenset(b'"\\')
RESULT_MARK = "wrk-result "
# Longer than any answer takes: a slow one is to show as a latency, not to vanish as a timeout.
ANSWER_TIMEOUT_SECONDS = 30

SCRIPT = """\
-- Sends the prepared requests in random order and ends with one line of JSON.
local prepared = {}
local sources = {
%(sources)s
}

function init(_)
  math.randomseed(%(seed)d)
  for index, source in ipairs(sources) do
    for name, value in pairs(wrk.headers) do
      if source.headers[name] == nil then source.headers[name] = value end
    end
    prepared[index] = wrk.format(source.method, source.path, source.headers, source.body)
  end
end

function request()
  return prepared[math.random(#prepared)]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '%(mark)s{"requests": %%d, "seconds": %%.6f, "bytes": %%d, ' ..
    '"p50_ms": %%.3f, "p99_ms": %%.3f, ' ..
    '"status": %%d, "connect": %%d, "read": %%d, "write": %%d, "timeout": %%d}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
"""


class WrkError(Exception):
    """wrk did not run, or did not answer as expected."""


@dataclass(frozen=True)
class LoadResult:
    """What a load generator saw.

    `errors` counts, by kind, what was not a good answer; kinds at zero are left out.
    """

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes: int
    errors: Mapping[str, int]

    @property
    def requests_per_second(self) -> float:
        """Completed requests by wall-clock time."""
        return self.requests / self.seconds


def quote_lua(text: str) -> str:
    """Write a text as a Lua string literal, every byte that is not plain ASCII by its number."""
    pieces = (chr(byte) if byte in UNQUOTED else f"\\{byte:03}" for byte in text.encode())
    return f'"{"".join(pieces)}"'


def render_script(requests: Sequence[Request], seed: int) -> str:
    """Write the Lua script that sends these requests."""
    sources = []
    for request in requests:
        headers = ", ".join(
            f"[{quote_lua(name)}] = {quote_lua(value)}" for name, value in request.headers.items()
        )
        parts = [f"method = {quote_lua(request.method)}", f"path = {quote_lua(request.path)}"]
        parts.append(f"headers = {{{headers}}}")
        if request.body is not None:
            parts.append(f"body = {quote_lua(request.body)}")
        sources.append(f"  {{{', '.join(parts)}}},")
    return SCRIPT % {"sources": "\n".join(sources), "seed": seed, "mark": RESULT_MARK}


def parse_output(output: str) -> LoadResult:
    """Read the line that the script ends with.

    Raises:
        WrkError: there is no such line, or nothing was answered.

    """
    lines = [line for line in output.splitlines() if line.startswith(RESULT_MARK)]
    if len(lines) != 1:
        raise WrkError(f"wrk printed no result:\n{output.strip()}")
    values = json.loads(lines[0].removeprefix(RESULT_MARK))
    if not values["requests"]:
        raise WrkError(f"wrk got no answer at all:\n{output.strip()}")
    kinds = ("status", "connect", "read", "write", "timeout")
    return LoadResult(
        requests=values["requests"],
        seconds=values["seconds"],
        p50_ms=values["p50_ms"],
        p99_ms=values["p99_ms"],
        bytes=values["bytes"],
        errors={kind: values[kind] for kind in kinds if values[kind]},
    )


@dataclass(frozen=True)
class Wrk:
    """How to run wrk: the path of the program, and how many connections it keeps open."""

    program: str
    connections: int


def run_wrk(wrk: Wrk, url: str, script_text: str, *, token: str, seconds: int) -> LoadResult:
    """Load a server for some seconds from one thread, as a script of `render_script` says.

    Raises:
        WrkError: wrk failed.

    """
    with tempfile.TemporaryDirectory(prefix="taskstead-wrk-") as folder:
        script = Path(folder, "requests.lua")
        script.write_text(script_text)
        command = [wrk.program, "--threads=1", f"--connections={wrk.connections}"]
        command += [
            f"--duration={seconds}s",
            f"--timeout={ANSWER_TIMEOUT_SECONDS}s",
            f"--script={script}",
        ]
        command += [f"--header=Authorization: Bearer {token}", url]
        try:
            finished = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + 2 * ANSWER_TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise WrkError(f"wrk did not end by itself within {error.timeout:.0f} s") from error
    if finished.returncode != 0:
        raise WrkError(
            f"wrk ended with code {finished.returncode}:\n{finished.stdout}{finished.stderr}"
        )
    return parse_output(finished.stdout)
