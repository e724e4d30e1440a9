"""The load generator wrk: its script, its command line, its output.

`processes.py` measures the CPU time of the servers.
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
# Longer than any response takes, so that a slow one counts as latency and not as a timeout.
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
    """wrk failed, or its output is invalid."""


@dataclass(frozen=True)
class LoadResult:
    """Results of a load generator.

    Attributes:
        errors: the number of failed requests per kind, without kinds at zero.
    """

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes: int
    errors: Mapping[str, int]

    @property
    def requests_per_second(self) -> float:
        """Completed requests per second of elapsed time."""
        return self.requests / self.seconds


def quote_lua(text: str) -> str:
    """Return a Lua string literal; bytes that are not plain ASCII are escaped."""
    pieces = (chr(byte) if byte in UNQUOTED else f"\\{byte:03}" for byte in text.encode())
    return f'"{"".join(pieces)}"'


def render_script(requests: Sequence[Request], seed: int) -> str:
    """Return a Lua script that sends these requests."""
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
    """Parse the last output line of the script.

    Raises:
        WrkError: the line is missing, or there was no response.

    """
    lines = [line for line in output.splitlines() if line.startswith(RESULT_MARK)]
    if len(lines) != 1:
        raise WrkError(f"wrk printed no result:\n{output.strip()}")
    values = json.loads(lines[0].removeprefix(RESULT_MARK))
    if not values["requests"]:
        raise WrkError(f"wrk received no response:\n{output.strip()}")
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
    """The path of wrk and its number of connections."""

    program: str
    connections: int


def run_wrk(wrk: Wrk, url: str, script_text: str, *, token: str, seconds: int) -> LoadResult:
    """Run a script of `render_script` on one thread for some seconds.

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
            raise WrkError(f"wrk did not exit within {error.timeout:.0f} s") from error
    if finished.returncode != 0:
        raise WrkError(
            f"wrk exited with code {finished.returncode}:\n{finished.stdout}{finished.stderr}"
        )
    return parse_output(finished.stdout)
