"""Log writer: complete lines in order, and no wait for a slow reader."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from taskstead.observability.log_writer import MAX_QUEUED_LINES, LineWriter


def render_loss(count: int) -> bytes:
    return b"%d lost\n" % count


def count_lost(text: bytes) -> int:
    """Return the total number of lines that were reported lost, in one or more reports."""
    return sum(map(int, re.findall(rb"(\d+) lost\n", text)))


def read_to_the_end(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read()


def test_lines_are_written_in_order_and_completely() -> None:
    reader, writer_end = os.pipe()
    writer = LineWriter(writer_end, render_loss)
    for number in range(1000):
        writer.write(b"%d\n" % number)
    writer.close()
    os.close(writer_end)
    assert [int(line) for line in read_to_the_end(reader).split()] == list(range(1000))


def test_blocked_reader_does_not_block_the_writer() -> None:
    reader, writer_end = os.pipe()
    # Another program that shares the terminal may set this.
    os.set_blocking(writer_end, False)
    writer = LineWriter(writer_end, render_loss)
    line = b"x" * 99 + b"\n"

    def write_lines() -> None:
        for _ in range(MAX_QUEUED_LINES):
            # This would never end if it waited for the reader.
            writer.write(line)

    threads = [threading.Thread(target=write_lines) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.dropped >= MAX_QUEUED_LINES
    kept = 3 * MAX_QUEUED_LINES - writer.dropped
    text = b""
    while text.count(line) < kept or count_lost(text) < writer.dropped:
        text += os.read(reader, 1 << 16)
    writer.close()
    os.close(writer_end)
    text += read_to_the_end(reader)
    assert (text.count(line), count_lost(text)) == (kept, writer.dropped)


@pytest.mark.parametrize("end", ["closed", "invalid"])
def test_unwritable_destination_is_no_error(end: str) -> None:
    reader, writer_end = os.pipe()
    os.close(reader)
    writer = LineWriter(writer_end if end == "closed" else 9999, render_loss)
    writer.write(b"x\n")
    writer.close()
    os.close(writer_end)


# Logs to a file whose size is limited for a while, as on a full disk.
FULL_DISK_SCRIPT = """
import os, resource, sys, time
from taskstead.observability.log_writer import LineWriter

def limit(size):
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

def write(first, last):
    for number in range(first, last):
        writer.write(b"line %06d\\n" % number)

unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
writer = LineWriter(descriptor, lambda count: b"%d lost\\n" % count)
for size in (1000, 0):
    before = writer.dropped
    limit(os.fstat(descriptor).st_size + size)
    write(0, 2000)
    while writer.dropped == before:
        time.sleep(0.01)
    limit(unlimited)
    write(2000, 3000)
writer.close()
print(writer.dropped)
"""


def test_full_disk_loses_whole_lines_and_reports_their_number(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK_SCRIPT, str(log)],
        capture_output=True,
        text=True,
        check=True,
    )
    text = log.read_bytes()
    lines = re.findall(rb"^line \d{6}$", text, re.MULTILINE)
    assert 0 < int(done.stdout) == count_lost(text)
    assert len(lines) + count_lost(text) == 6000
    # The remaining lines are beginnings of lines that were not written completely.
    rest = re.sub(rb"^(line \d{6}|\d+ lost)\n", b"", text, flags=re.MULTILINE)
    assert all(b"line 000000".startswith(part[:5]) for part in rest.splitlines()), rest
    assert max(map(len, rest.splitlines()), default=0) < len(b"line 000000")
