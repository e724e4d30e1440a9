"""Server processes that start quickly and can be killed.

They are forked from a process that has already imported the application. Imports have no side
effects, so a restart skips only the time that Python needs for them.
"""

import http.client
import multiprocessing
import multiprocessing.connection
import os
import sys
import threading
import time
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import uvicorn

from taskstead.app import create_app, create_app_from_environment
from taskstead.clock import Clock
from taskstead.config.loader import load_settings
from tests.harness.servers.ports import find_free_port

START_SECONDS = 120.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["uvicorn", "taskstead.app", "tests.system.durability.servers"])


class ServerProcess:
    """A server on a port of its own, one process at a time.

    Args:
        database_url: the URL of its database.
        folder: the folder for its log.
        changes: more settings, by their lower-case names.

    Attributes:
        url: the base URL, which is the same after a restart.
        log: the log file.
        clock: the clock of the application; None for that of the machine.
    """

    def __init__(self, database_url: str, folder: Path, **changes: str) -> None:
        port = find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"server-{port}.log"
        self.clock: Clock | None = None
        self._settings = {
            "TASKSTEAD_ENVIRONMENT": "test",
            "TASKSTEAD_DATABASE_URL": database_url,
            "TASKSTEAD_HOST": "127.0.0.1",
            "TASKSTEAD_PORT": str(port),
            "TASKSTEAD_RATE_LIMITS": "false",
            "TASKSTEAD_PASSWORD_HASH_MEMORY_KIB": "8",
            "TASKSTEAD_PASSWORD_HASH_TIME_COST": "1",
            **{f"TASKSTEAD_{name.upper()}": value for name, value in changes.items()},
        }
        self._port = port
        self._process: ForkServerProcess | None = None

    @property
    def pid(self) -> int:
        """The id of the running process, or 0."""
        return (self._process and self._process.pid) or 0

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        arguments = (self._settings, self._port, str(self.log), self.clock)
        self._process = _processes.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.is_alive():
            if self._is_live():
                return
            time.sleep(0.01)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """Kill the process with SIGKILL, if it is running."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._process = None

    def _is_live(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _serve(settings: dict[str, str], port: int, log: str, clock: Clock | None) -> None:
    """Run the server in this process, at most until the tests' process ends."""
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    for name in [name for name in os.environ if name.startswith("TASKSTEAD_")]:
        del os.environ[name]
    os.environ.update(settings)
    with Path(log).open("a", encoding="utf-8", buffering=1) as file:
        sys.stdout = sys.stderr = file
        uvicorn.run(
            create_app_from_environment
            if clock is None
            else partial(create_app, load_settings(), clock=clock),
            factory=True,
            host="127.0.0.1",
            port=port,
            log_level="warning",
            access_log=False,
        )


def _end_with_the_tests() -> None:
    tests = multiprocessing.parent_process()
    if tests is not None:
        multiprocessing.connection.wait([tests.sentinel])
        os._exit(1)
