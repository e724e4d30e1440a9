"""Doctor checks of the database file: permissions, space and file system."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.cli.doctor.files import (
    check_file_system,
    check_permissions,
    check_space,
    check_writable,
    find_file_system,
)
from tests.harness.findings import expect_finding
from tests.harness.settings import make_settings

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file with the right permissions."""
    path = tmp_path / "data" / "taskstead.db"
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    return path


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
    expect_finding(check_permissions(file), "problem" if words else "ok", words)


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_permissions_of_the_wal_files_are_checked(file: Path, suffix: str) -> None:
    beside = file.with_name(file.name + suffix)
    beside.touch(mode=0o600)
    expect_finding(check_permissions(file), "ok")
    # SQLite does not change it when the mode of the database changes.
    beside.chmod(0o644)
    expect_finding(check_permissions(file), "problem", f"{beside} can be read or changed by others")
    beside.chmod(0o400)
    expect_finding(check_writable(file), "problem", f"{beside} is read-only")


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
        expect_finding(check_permissions(file), "problem", f"{beside} has another owner")
        os.seteuid(NOBODY)
        try:
            expect_finding(check_writable(file), "problem", f"{beside} is read-only")
        finally:
            os.seteuid(0)
        os.chown(beside, NOBODY, -1)
        expect_finding(check_permissions(file), "ok")


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
    expect_finding(check_writable(file), "ok")
    file.chmod(0o400)
    request.getfixturevalue("as_unprivileged_user")
    expect_finding(check_writable(file), "problem", "read-only")


def test_full_disk_is_reported(file: Path) -> None:
    expect_finding(check_space(file, problem_bytes=0, warning_bytes=0), "ok")
    expect_finding(
        check_space(file, problem_bytes=0, warning_bytes=1 << 60), "warning", "MiB of free"
    )
    expect_finding(
        check_space(file, problem_bytes=1 << 60, warning_bytes=1 << 60), "problem", "MiB of free"
    )


def test_network_file_system_is_reported(file: Path, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    place = str(file.parent).replace(" ", "\\040")
    lines = ["overlay / overlay rw 0 0", f"server:/x {place} nfs4 rw 0 0"]
    mounts.write_text("\n".join(lines))
    expect_finding(
        check_file_system(file, make_settings("sqlite:///x.db"), mounts=mounts), "warning", "nfs4"
    )
    expect_finding(
        check_file_system(file, make_settings("sqlite:///x.db", workers=2), mounts=mounts),
        "problem",
        "2 processes",
    )
    assert find_file_system(tmp_path / "other", mounts) == "overlay"
    mounts.write_text(lines[0])
    expect_finding(
        check_file_system(file, make_settings("sqlite:///x.db", workers=2), mounts=mounts),
        "ok",
        "overlay",
    )
    expect_finding(
        check_file_system(file, make_settings("sqlite:///x.db"), mounts=tmp_path / "missing"), "ok"
    )
