"""Doctor checks outside the database: settings, files, disk, port and Redis."""

import os
import socket
import tempfile
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from taskstead.cli.doctor.files import (
    check_file_system,
    check_permissions,
    check_space,
    check_writable,
    find_file_system,
)
from taskstead.cli.doctor.findings import Finding
from taskstead.cli.doctor.network import check_port, check_redis
from taskstead.cli.doctor.settings import check_settings
from taskstead.config.settings import Settings
from tests.harness.servers.ports import find_free_port
from tests.harness.servers.valkey import ValkeyServer
from tests.harness.settings import make_settings

PRODUCTION = {"environment": "production", "allowed_hosts": "tasks.example.org"}
NOBODY = 65534


def make(**changes: Any) -> Settings:
    return make_settings("sqlite:///x.db", **changes)


def expect(findings: Iterable[Finding], level: str, words: str = "") -> None:
    (finding,) = findings
    assert (finding.level, words in finding.message) == (level, True), finding
    assert (finding.fix == "") is (level == "ok"), finding


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file with the right permissions."""
    path = tmp_path / "data" / "taskstead.db"
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    return path


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, "ok", ""),
        (PRODUCTION, "ok", ""),
        ({**PRODUCTION, "host": "0.0.0.0"}, "ok", ""),  # noqa: S104 - the tested value
        ({**PRODUCTION, "allowed_hosts": ""}, "warning", "any host"),
        ({**PRODUCTION, "cors_origins": "*"}, "warning", "any origin"),
        ({"host": "192.0.2.1"}, "warning", "Other machines can reach"),
        ({"rate_limits": False}, "warning", "Rate limits are off"),
        ({"trusted_proxies": "10.0.0.0/8"}, "ok", ""),
        ({"trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, "problem", "is a trusted proxy"),
        ({"trusted_proxies": "::/0"}, "problem", "is a trusted proxy"),
    ],
)
def test_unsafe_settings_are_reported(changes: dict[str, Any], level: str, words: str) -> None:
    expect(check_settings(make(**changes)), level, words)


@pytest.mark.parametrize(
    ("folder", "mode", "words"),
    [
        (0o700, 0o600, ""),
        (0o755, 0o640, ""),
        (0o700, 0o644, "read or changed by others"),
        (0o700, 0o660, "read or changed by others"),
        (0o777, 0o600, "changed by others"),
    ],
)
def test_wrong_permissions_are_reported(file: Path, folder: int, mode: int, words: str) -> None:
    file.parent.chmod(folder)
    file.chmod(mode)
    expect(check_permissions(file), "problem" if words else "ok", words)


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_permissions_of_the_wal_files_are_checked(file: Path, suffix: str) -> None:
    beside = file.with_name(file.name + suffix)
    beside.touch(mode=0o600)
    expect(check_permissions(file), "ok")
    # SQLite does not change it when the mode of the database changes.
    beside.chmod(0o644)
    expect(check_permissions(file), "problem", f"{beside} can be read or changed by others")
    beside.chmod(0o400)
    expect(check_writable(file), "problem", f"{beside} is read-only")


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can give files away.")
@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_owner_of_the_wal_files_is_checked(suffix: str) -> None:
    # Not below pytest's folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "taskstead.db"
        beside = file.with_name(file.name + suffix)
        for path in (file, beside):
            path.touch(mode=0o600)
        for path in (Path(folder), file):
            os.chown(path, NOBODY, -1)
        expect(check_permissions(file), "problem", f"{beside} has another owner")
        os.seteuid(NOBODY)
        try:
            expect(check_writable(file), "problem", f"{beside} is read-only")
        finally:
            os.seteuid(0)
        os.chown(beside, NOBODY, -1)
        expect(check_permissions(file), "ok")


@pytest.fixture
def as_unprivileged_user() -> Iterator[None]:
    """Switch to a user other than root, to whom file permissions apply."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_unwritable_file_is_reported(file: Path, request: pytest.FixtureRequest) -> None:
    expect(check_writable(file), "ok")
    file.chmod(0o400)
    request.getfixturevalue("as_unprivileged_user")
    expect(check_writable(file), "problem", "read-only")


def test_full_disk_is_reported(file: Path) -> None:
    expect(check_space(file, problem_bytes=0, warning_bytes=0), "ok")
    expect(check_space(file, problem_bytes=0, warning_bytes=1 << 60), "warning", "MiB of free")
    expect(
        check_space(file, problem_bytes=1 << 60, warning_bytes=1 << 60), "problem", "MiB of free"
    )


def test_network_file_system_is_reported(file: Path, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    place = str(file.parent).replace(" ", "\\040")
    lines = ["overlay / overlay rw 0 0", f"server:/x {place} nfs4 rw 0 0"]
    mounts.write_text("\n".join(lines))
    expect(check_file_system(file, make(), mounts=mounts), "warning", "nfs4")
    expect(check_file_system(file, make(workers=2), mounts=mounts), "problem", "2 processes")
    assert find_file_system(tmp_path / "other", mounts) == "overlay"
    mounts.write_text(lines[0])
    expect(check_file_system(file, make(workers=2), mounts=mounts), "ok", "overlay")
    expect(check_file_system(file, make(), mounts=tmp_path / "missing"), "ok")


def test_port_in_use_is_reported() -> None:
    with socket.socket() as other:
        port = find_free_port()
        other.bind(("127.0.0.1", port))
        expect(check_port(make(port=port)), "problem", "is in use")
    expect(check_port(make(port=port)), "ok", "is free")


class LivenessHandler(BaseHTTPRequestHandler):
    """Answers as /health/live does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')


def test_port_in_use_by_taskstead_itself_is_ok() -> None:
    with HTTPServer(("127.0.0.1", 0), LivenessHandler) as server:
        threading.Thread(target=server.handle_request).start()
        expect(check_port(make(port=server.server_port)), "ok", "is using port")


async def test_unused_redis_is_ok() -> None:
    expect(await check_redis(make()), "ok", "not used")


async def test_unreachable_redis_is_reported() -> None:
    settings = make(redis_url=f"redis://127.0.0.1:{find_free_port()}/0")
    expect(await check_redis(settings), "problem", "cannot be reached")


async def test_unsuitable_redis_configuration_is_reported(valkey: ValkeyServer) -> None:
    settings = make(redis_url=valkey.url)
    try:
        expect(await check_redis(settings), "warning", "all memory")
        valkey.send("CONFIG", "SET", "maxmemory", "100mb")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "noeviction")
        expect(await check_redis(settings), "warning", "noeviction")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        expect(await check_redis(settings), "ok", "100 MiB")
    finally:
        valkey.send("CONFIG", "SET", "maxmemory", "0")
        valkey.send("CONFIG", "SET", "maxmemory-policy", "noeviction")
