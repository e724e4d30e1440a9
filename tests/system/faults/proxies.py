"""PgBouncer and HAProxy in front of PostgreSQL, as Debian installs them.

Tests are skipped if the program they need is not installed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.harness.commands import SECONDS, wait_until
from tests.harness.servers.ports import find_free_port
from tests.harness.servers.postgres import Postgres, PostgresFailedError, find_unprivileged_account
from tests.harness.servers.watchdog import Watchdog

_PGBOUNCER = """
[databases]
* = host={server.host} port={server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {size}
"""
# The value in docs/how-to/scaling.md.
_HAPROXY = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
listen postgresql
    bind 127.0.0.1:{port}
    option pgsql-check user postgres
    default-server check inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
    server primary {primary.host}:{primary.port}
    server standby {standby.host}:{standby.port} backup
"""


class ProxiedPostgres(Postgres):
    """A PostgreSQL server behind a proxy on a port of this machine."""

    def __init__(self, server: Postgres, port: int) -> None:
        parts = urlsplit(server.url("postgres"))
        account = parts.netloc.rpartition("@")[0]
        super().__init__(urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{port}")))


@contextmanager
def running_pgbouncer(server: Postgres, mode: str, *, size: int = 20) -> Iterator[Postgres]:
    """Run PgBouncer during the block.

    Args:
        server: the server behind it.
        mode: ``session`` or ``transaction``.
        size: the maximum number of connections to one database.
    """
    program = _find_program("pgbouncer")
    with _make_folder() as (folder, watchdog):
        port = find_free_port()
        settings = folder / "pgbouncer.ini"
        text = _PGBOUNCER.format(server=server, port=port, folder=folder, mode=mode, size=size)
        settings.write_text(text, encoding="utf-8")
        (folder / "users.txt").write_text('"postgres" ""\n', encoding="utf-8")
        with _running([program, "-q", str(settings)], folder, watchdog) as process:
            proxied = ProxiedPostgres(server, port)
            _wait_for(proxied, process, folder)
            yield proxied


@contextmanager
def running_haproxy(primary: Postgres, standby: Postgres) -> Iterator[Postgres]:
    """Run HAProxy during the block. It uses the standby when the primary is down."""
    program = _find_program("haproxy")
    with _make_folder() as (folder, watchdog):
        port = find_free_port()
        settings = folder / "haproxy.cfg"
        text = _HAPROXY.format(primary=primary, standby=standby, port=port)
        settings.write_text(text, encoding="utf-8")
        with _running([program, "-db", "-f", str(settings)], folder, watchdog) as process:
            proxied = ProxiedPostgres(primary, port)
            _wait_for(proxied, process, folder)
            yield proxied


def _find_program(name: str) -> str:
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if program is None:
        pytest.skip(f"{name} is not installed (Debian, Ubuntu: apt install {name})")
    return program


@contextmanager
def _make_folder() -> Iterator[tuple[Path, Watchdog]]:
    folder = Path(tempfile.mkdtemp(prefix="taskstead-proxy-"))
    watchdog = Watchdog(folder)
    try:
        yield folder, watchdog
    finally:
        watchdog.close()


@contextmanager
def _running(
    command: Sequence[str], folder: Path, watchdog: Watchdog
) -> Iterator[subprocess.Popen[bytes]]:
    # Like PostgreSQL itself, PgBouncer refuses to run as root.
    account = find_unprivileged_account() if os.geteuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=account and [],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    watchdog.watch(process.pid)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
        watchdog.forget()


def _wait_for(proxied: Postgres, process: subprocess.Popen[bytes], folder: Path) -> None:
    wait_until(lambda: process.poll() is not None or _answers(proxied), "the proxy")
    assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")


def _answers(server: Postgres) -> bool:
    try:
        return server.run_sql("SELECT 1") == "1"
    except PostgresFailedError:
        return False
