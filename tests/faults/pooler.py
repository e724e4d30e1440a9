"""PgBouncer in front of a PostgreSQL server, as Debian installs it.

What needs it is skipped where it is missing.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.cli.commands import SECONDS, wait_until
from tests.servers.ports import find_free_port
from tests.servers.postgres import Postgres, PostgresFailedError, find_unprivileged_account
from tests.servers.watchdog import Watchdog

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

_SETTINGS = """
[databases]
* = host={host} port={behind}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = {mode}
default_pool_size = {size}
logfile = {folder}/pgbouncer.log
"""


class Pooler(Postgres):
    """A server as it is seen through PgBouncer."""

    def __init__(self, server: Postgres, port: int) -> None:
        parts = urlsplit(server.url("postgres"))
        account = parts.netloc.rpartition("@")[0]
        super().__init__(urlunsplit(parts._replace(netloc=f"{account}@127.0.0.1:{port}")))


@contextmanager
def running_pooler(server: Postgres, mode: str, *, size: int = 20) -> Iterator[Pooler]:
    """Run PgBouncer until the end of the block.

    Args:
        server: the server behind it.
        mode: ``session`` or ``transaction``.
        size: the most connections to one database.
    """
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is not installed (Debian, Ubuntu: apt install pgbouncer)")
    folder = Path(tempfile.mkdtemp(prefix="taskstead-pgbouncer-"))
    watchdog = Watchdog(folder)
    port = find_free_port()
    pooler = Pooler(server, port)
    settings = folder / "pgbouncer.ini"
    text = _SETTINGS.format(
        host=server.host, behind=server.port, port=port, mode=mode, size=size, folder=folder
    )
    # Like PostgreSQL itself, it refuses to run as root.
    account = find_unprivileged_account() if os.geteuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    settings.write_text(text, encoding="utf-8")
    (folder / "users.txt").write_text('"postgres" ""\n', encoding="utf-8")
    process = subprocess.Popen(
        [PGBOUNCER, "-q", settings],
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=account and [],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    watchdog.watch(process.pid)
    try:
        wait_until(lambda: process.poll() is not None or _answers(pooler), "PgBouncer")
        assert process.poll() is None, (folder / "pgbouncer.log").read_text(encoding="utf-8")
        yield pooler
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
        watchdog.forget()
        watchdog.close()


def _answers(pooler: Postgres) -> bool:
    try:
        return pooler.run_sql("SELECT 1") == "1"
    except PostgresFailedError:
        return False
