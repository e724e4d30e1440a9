"""Listening sockets of the server.

The sockets are opened once, before the server starts, and worker processes inherit them. Therefore
no other program can bind the port during the start, and connections that arrive during the start
wait in the listen queue.
"""

import contextlib
import errno
import resource
import selectors
import socket
from typing import Any

from taskstead.cli.console import CommandFailedError

# Maximum length of the listen queue. The operating system may limit it further (somaxconn).
BACKLOG = 8192
# Limit of open files that is set if the system has no hard limit.
_MAX_FILES = 1 << 20
_FIRST_FREE_PORT = 1024
# At shutdown: maximum time to accept pending connections, and interval between the checks for them.
MAX_ACCEPT_SECONDS = 5.0
ACCEPT_CHECK_SECONDS = 0.002
# After this many checks in a row without pending connections, the server has accepted all of them.
ACCEPT_CHECKS = 5
# Errors for an address that this machine does not have, such as IPv6 where it is disabled.
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Open listening sockets on all addresses of a host, on one port.

    Port 0 selects a free port.

    Raises:
        CommandFailedError: the port or host cannot be used; the message suggests what to change.
    """
    sockets: list[socket.socket] = []
    unavailable: OSError | None = None
    for family, address in _list_addresses(host, port):
        # With port 0, all addresses use the port that was selected for the first address.
        actual_port = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_listen(family, (address[0], actual_port, *address[2:])))
        except OSError as error:
            if error.errno in _NO_SUCH_ADDRESS:
                unavailable = error
                continue
            close_sockets(sockets)
            raise _describe_listen_error(error, host, actual_port) from None
    if unavailable is not None and not sockets:
        raise _describe_listen_error(unavailable, host, port)
    return sockets


def close_sockets(sockets: list[socket.socket]) -> None:
    """Stop listening."""
    for listener in sockets:
        listener.close()


def reject_new_connections(sockets: list[socket.socket]) -> None:
    """Reject new connections. Connections in the listen queue can still be accepted."""
    for listener in sockets:
        with contextlib.suppress(OSError):
            listener.listen(0)


def has_pending_connections(sockets: list[socket.socket]) -> bool:
    """Return whether connections are in a listen queue.

    Closing the socket would reset these connections.
    """
    with selectors.PollSelector() as selector:
        for listener in sockets:
            if listener.fileno() >= 0:
                selector.register(listener, selectors.EVENT_READ)
        return bool(selector.select(0))


def allow_open_files() -> int:
    """Raise the soft limit of open files to the hard limit and return the new soft limit.

    The usual soft limit of 1024 is too low for many client connections. Child processes inherit the
    new limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _MAX_FILES if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY:
        return limit
    if soft < limit:
        # Some systems reject their own hard limit. In this case the soft limit stays unchanged.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            soft = limit
    return soft


def _listen(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        # Only listen() detects that another socket is already bound to the port.
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _list_addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CommandFailedError(
            f"The host {host} is unknown; choose another host with --host or HOST=…"
        ) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _describe_listen_error(error: OSError, host: str, port: int) -> CommandFailedError:
    if error.errno == errno.EADDRINUSE:
        message = (
            f"Port {port} on {host} is in use by another program; "
            "choose another with --port or PORT=…"
        )
    elif error.errno == errno.EACCES and port < _FIRST_FREE_PORT:
        message = (
            f"Port {port} on {host} is reserved for the root user; "
            f"choose {_FIRST_FREE_PORT} or higher with --port or PORT=…"
        )
    elif error.errno in _NO_SUCH_ADDRESS:
        message = (
            f"This machine does not have the address {host}; choose another with --host or HOST=…"
        )
    else:
        message = f"The server cannot listen on port {port} on {host}: {error.strerror}."
    return CommandFailedError(message)
