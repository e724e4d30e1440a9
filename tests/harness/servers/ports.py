"""Free ports of the loopback interface for servers that tests start."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

# Below the range of ephemeral ports of Linux and macOS, so that no outgoing connection takes the
# port while the server is stopped and about to restart.
PORTS = range(20_000, 30_000)
_reserved: set[int] = set()


def find_free_port() -> int:
    """Return a port of the loopback interface on which nothing listens at the moment.

    The port is reserved until this process ends. No other test process of this user gets it, even
    if the server starts only later or restarts.
    """
    for port in random.SystemRandom().sample(PORTS, k=len(PORTS)):
        if port not in _reserved and _is_bindable(port) and _reserve(port):
            _reserved.add(port)
            return port
    raise RuntimeError("No free port on the loopback interface.")


def _is_bindable(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _reserve(port: int) -> bool:
    """Lock the byte of the lock file whose offset is the port; return whether that succeeded."""
    # The kernel releases such a lock when the process ends, for any reason. Child processes do not
    # inherit it.
    try:
        fcntl.lockf(_open_lock_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _open_lock_file() -> int:
    # Opened once and never closed: closing any descriptor of the file releases all its locks.
    path = Path(tempfile.gettempdir()) / f"taskstead-test-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
