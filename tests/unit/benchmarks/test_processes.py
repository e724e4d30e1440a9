"""Processes under load: CPU time and the end of all children."""

import contextlib
import os
import sys
import time
from pathlib import Path

import psutil

from benchmarks.processes import count_cpu_seconds, read_log_end, run_process

BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def test_cpu_of_children_counts_running_and_ended(tmp_path: Path) -> None:
    ended = BURN.format(seconds=0.2)
    running = BURN.format(seconds=0.2) + "print('burnt', flush=True); time.sleep(60)"
    program = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-I', '-S', '-c', {ended!r}])\n"
        f"subprocess.run([sys.executable, '-I', '-S', '-c', {running!r}])\n"
    )
    log = tmp_path / "log"
    # Without the site module the interpreter itself starts in little CPU time.
    command = [sys.executable, "-I", "-S", "-c", program]

    with run_process(command, environment=os.environ, folder=tmp_path, log=log) as process:
        while "burnt" not in read_log_end(log):
            assert process.poll() is None
            time.sleep(0.01)
        counted = count_cpu_seconds(process)

    # The kernel counts in ticks of 10 ms, separately for each process.
    assert 0.35 < counted < 2


def test_run_process_leaves_no_processes(tmp_path: Path) -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_DFL); time.sleep(60)"
    program = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "print(f'pid={child.pid};', flush=True)\n"
        "child.wait()\n"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", program]

    with run_process(command, environment=os.environ, folder=tmp_path, log=log) as process:
        while ";" not in read_log_end(log):
            assert process.poll() is None
            time.sleep(0.01)
        pid = int(read_log_end(log).split("=")[1].rstrip(";"))

    assert not process.is_running()
    # Without a process that reaps orphans, an ended one remains in the process table.
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
