"""Processes of the servers under test: start, measure CPU time, stop.

`servers.py` defines the servers.
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

    The CPU time of an ended child is included after its parent has waited for it: the kernel then
    adds it to the parent's times.
    """
    total = 0.0
    for member in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def stop_tree(process: psutil.Process) -> None:
    """Terminate a process, then kill what remains of it and its descendants."""
    try:
        members = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    # A process normally stops its children first. Children that survive it are killed below.
    psutil.wait_procs([process], timeout=STOP_SECONDS)
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(members, timeout=STOP_SECONDS)


@contextlib.contextmanager
def run_process(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[psutil.Popen]:
    """Run a command in a folder with its output in a file. Stop it and its children at the end.

    It runs in a new session, so that Ctrl-C interrupts only the benchmark, which then stops it.
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
    return "\n".join(lines[-SHOWN_LOG_LINES:]) or "(the log is empty)"
