"""Checks of the SQLite file and its folder: permissions, free space and file system."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from taskstead.cli.console import count
from taskstead.cli.doctor.findings import Finding
from taskstead.config.settings import Settings
from taskstead.db.sqlite.file import find_read_only_file, list_files

_MEBIBYTE = 1 << 20
_PROBLEM_BYTES = 100 * _MEBIBYTE
_WARNING_BYTES = 1024 * _MEBIBYTE
_MOUNTS = Path("/proc/mounts")
# SQLite's write-ahead log needs shared memory, which these file systems do not support.
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs"}
    | {"fuse.sshfs", "fuse.s3fs", "fuse.rclone", "lustre", "davfs", "fuse.davfs2"}
)


def check_permissions(file: Path) -> Iterator[Finding]:
    """Check that other users can neither read nor change the database files.

    The files contain password hashes and all tasks. Read access for the group is allowed.
    """
    found = []
    paths = [
        (path, stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP, "600") for path in list_files(str(file))
    ]
    for path, forbidden_bits, mode in ((file.parent, stat.S_IWGRP | stat.S_IWOTH, "700"), *paths):
        if path.stat().st_mode & forbidden_bits:
            others = "changed by others" if path == file.parent else "read or changed by others"
            message = f"{path} can be {others}."
            found.append(Finding("permissions", "problem", message, f"Run `chmod {mode} {path}`."))
    owner = file.stat().st_uid
    for path, *_ in paths:
        # A command that another user ran, for example root, may have created the file. The server
        # runs as the owner of the database and cannot open the file.
        if path.stat().st_uid != owner:
            message = f"{path} has another owner than {file}."
            fix = f"Run `chown --reference={file} {path}`."
            found.append(Finding("permissions", "problem", message, fix))
    yield from found or [
        Finding("permissions", "ok", f"Only the owner and the group can access {file}.")
    ]


def check_writable(file: Path) -> Iterator[Finding]:
    """Check that the folder, the database file and its write-ahead log are writable."""
    is_folder_writable = os.access(file.parent, os.W_OK, effective_ids=True)
    read_only = find_read_only_file(str(file)) if is_folder_writable else file.parent
    if read_only is not None:
        yield Finding(
            "writable",
            "problem",
            f"{read_only} is read-only for this user.",
            f"Run `chmod u+w {read_only}` as its owner, or run Taskstead as the owner.",
        )
        return
    yield Finding("writable", "ok", f"{file} is writable.")


def check_space(
    file: Path, *, problem_bytes: int = _PROBLEM_BYTES, warning_bytes: int = _WARNING_BYTES
) -> Iterator[Finding]:
    """Check the free space of the disk.

    Args:
        file: the database file.
        problem_bytes: report a problem if less than this is free.
        warning_bytes: report a warning if less than this is free.
    """
    free = shutil.disk_usage(file.parent).free
    message = f"{file.parent} has {free // _MEBIBYTE:,} MiB of free space."
    fix = (
        "Delete files to free space, or move the data and set TASKSTEAD_DATA_DIR. Writes fail on a "
        "full disk."
    )
    if free < problem_bytes:
        yield Finding("disk", "problem", message, fix)
    elif free < warning_bytes:
        yield Finding("disk", "warning", message, fix)
    else:
        yield Finding("disk", "ok", message)


def check_file_system(
    file: Path, settings: Settings, *, mounts: Path = _MOUNTS
) -> Iterator[Finding]:
    """Check that the file is on a local disk.

    Args:
        file: the database file.
        settings: the server's settings, for the number of processes.
        mounts: the file in which Linux lists the mounted file systems. Other operating systems do
            not have it.
    """
    kind = find_file_system(file, mounts)
    if kind not in _NETWORK_FILE_SYSTEMS:
        yield Finding("file system", "ok", f"{kind or 'The type of the file system is unknown'}.")
        return
    yield Finding(
        "file system",
        "problem" if settings.workers > 1 else "warning",
        f"{file} is on a network file system ({kind}) and used by "
        f"{count(settings.workers, 'process', 'processes')}.",
        "SQLite can lose data there. Move the file to a local disk, or use PostgreSQL.",
    )


def find_file_system(file: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the type of the file system that contains a file; None if it is unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found, longest = None, -1
    for line in lines:
        _, where, kind, *_ = line.split(" ")
        # The kernel writes a space as an octal escape.
        mount_point = where.replace("\\040", " ")
        if file.resolve().is_relative_to(mount_point) and len(mount_point) >= longest:
            found, longest = kind, len(mount_point)
    return found
