"""The SQLite file and its folder: who may use them, on what disk, how full it is."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from taskstead.cli.doctor.findings import Finding
from taskstead.db.sqlite_file import find_read_only_file, list_files
from taskstead.settings import Settings

_MEGABYTE = 1 << 20
_LEAST_BYTES = 100 * _MEGABYTE
_FEW_BYTES = 1024 * _MEGABYTE
_MOUNTS = Path("/proc/mounts")
# SQLite's write-ahead log needs memory that all processes share, which these do not give.
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs"}
    | {"fuse.sshfs", "fuse.s3fs", "fuse.rclone", "lustre", "davfs", "fuse.davfs2"}
)


def check_permissions(file: Path) -> Iterator[Finding]:
    """The database file, its log and its shared memory hold password hashes and everybody's tasks.

    At most a group may read them too.
    """
    found = []
    paths = [
        (path, stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP, "600") for path in list_files(str(file))
    ]
    for path, wrong, mode in ((file.parent, stat.S_IWGRP | stat.S_IWOTH, "700"), *paths):
        if path.stat().st_mode & wrong:
            others = "changed by others" if path == file.parent else "read or changed by others"
            message = f"{path} can be {others}."
            found.append(Finding("permissions", "problem", message, f"Run `chmod {mode} {path}`."))
    yield from found or [Finding("permissions", "ok", f"{file} is closed to others.")]


def check_writable(file: Path) -> Iterator[Finding]:
    """The folder, the file and those beside it can be written: SQLite keeps its log there."""
    is_folder_writable = os.access(file.parent, os.W_OK, effective_ids=True)
    read_only = find_read_only_file(str(file)) if is_folder_writable else file.parent
    if read_only is not None:
        yield Finding(
            "writable",
            "problem",
            f"{read_only} cannot be written by this user.",
            f"Run `chmod u+w {read_only}` as its owner, or run Taskstead as the owner.",
        )
        return
    yield Finding("writable", "ok", f"{file} can be written.")


def check_space(
    file: Path, *, least: int = _LEAST_BYTES, few: int = _FEW_BYTES
) -> Iterator[Finding]:
    """There is room left on the disk.

    Args:
        file: what is on the disk.
        least: with fewer bytes it is a problem.
        few: with fewer bytes it is worth a warning.
    """
    free = shutil.disk_usage(file.parent).free
    message = f"{free // _MEGABYTE:,} MB are free in {file.parent}."
    mending = "Make room, or move the data with TASKSTEAD_DATA_DIR; a full disk refuses all writes."
    if free < least:
        yield Finding("disk", "problem", message, mending)
    elif free < few:
        yield Finding("disk", "warning", message, mending)
    else:
        yield Finding("disk", "ok", message)


def check_file_system(
    file: Path, settings: Settings, *, mounts: Path = _MOUNTS
) -> Iterator[Finding]:
    """The file lies on a disk of this machine.

    Args:
        file: the database.
        settings: how many processes use it.
        mounts: where Linux lists what is mounted; elsewhere there is no such file.
    """
    kind = find_file_system(file, mounts)
    if kind not in _NETWORK_FILE_SYSTEMS:
        yield Finding("file system", "ok", f"{kind or 'Its kind is not told'}.")
        return
    yield Finding(
        "file system",
        "problem" if settings.workers > 1 else "warning",
        f"{file} lies on a network file system, {kind}; {settings.workers} processes may use it.",
        "Move it to a disk of this machine, or use PostgreSQL: SQLite can lose data there.",
    )


def find_file_system(file: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the kind of the file system that a file lies on; None where that is not told."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found, longest = None, -1
    for line in lines:
        _, where, kind, *_ = line.split(" ")
        # The kernel writes a space as an octal escape.
        place = where.replace("\\040", " ")
        if file.resolve().is_relative_to(place) and len(place) >= longest:
            found, longest = kind, len(place)
    return found
