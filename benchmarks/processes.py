"""Processes of the servers under test: start one, count its CPU time, stop it.

What the servers are is in `servers`.
"""

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

STOP_SECONDS = 10
SHOWN_LOG_LINES = 40


def count_cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time, user and system, of a process and its descendants, in seconds.

    An ended child counts from when its parent has waited for it; the kernel then adds it to the
    parent's own account.
    """
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def stop_tree(process: psutil.Process) -> None:
    """End a process politely, then by force whatever is left of it and its descendants."""
    try:
        members = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    # It ends its children before itself; one that outlives it was forgotten.
    psutil.wait_procs([process], timeout=STOP_SECONDS)
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(members, timeout=STOP_SECONDS)


@contextlib.contextmanager
def run_process(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[psutil.Popen]:
    """Run a command in a folder with its output in a file; stop it and its children at the end.

    It gets a session of its own, so that Ctrl-C reaches the benchmark alone, which stops it here.
    """
    with log.open("wb") as output:
        process = psutil.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop_tree(process)


def read_log_end(log: Path) -> str:
    """Return the last lines of a log."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-SHOWN_LOG_LINES:]) or "(its log is empty)"
