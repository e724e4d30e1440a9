"""The sockets that the server listens on, bound once, before anything else is begun.

Binding them here and handing them on leaves no moment in which another program could take the
port, and lets connections wait in the queue while the server gets ready.
"""

import contextlib
import errno
import resource
import selectors
import socket
from typing import Any

from taskstead.cli.console import CommandFailedError

# How many connections may wait to be accepted; the system has a bound of its own (somaxconn).
BACKLOG = 8192
# Where the system has no bound, this is enough.
_MOST_FILES = 1 << 20
_FIRST_FREE_PORT = 1024
# A name may stand for an address of a family that this machine has switched off.
# How long to wait at the end for connections that wait to be accepted, and how often to look.
LONGEST_ACCEPT_SECONDS = 5.0
ACCEPT_LOOK_SECONDS = 0.002
# After so many looks that found none, the accepted ones are known to the server too.
ACCEPT_LOOKS = 5
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses that the host stands for, on the same port; 0 picks a free one.

    Raises:
        CommandFailedError: it cannot be done; the message says why and what to choose instead.
    """
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    for family, address in _list_addresses(host, port):
        # With port 0, the first address picks the port for the others too.
        chosen = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_listen(family, (address[0], chosen, *address[2:])))
        except OSError as error:
            if error.errno in _NOT_HERE:
                absent = error
                continue
            close_sockets(sockets)
            raise _explain(error, host, chosen) from None
    if absent is not None and not sockets:
        raise _explain(absent, host, port)
    return sockets


def close_sockets(sockets: list[socket.socket]) -> None:
    """Stop listening."""
    for listener in sockets:
        listener.close()


def refuse_more(sockets: list[socket.socket]) -> None:
    """Keep new connections from queueing, before :func:`has_waiting` is asked for those that do."""
    for listener in sockets:
        with contextlib.suppress(OSError):
            listener.listen(0)


def has_waiting(sockets: list[socket.socket]) -> bool:
    """Return whether connections wait to be accepted; to close a socket would reset them."""
    with selectors.PollSelector() as selector:
        for listener in sockets:
            if listener.fileno() >= 0:
                selector.register(listener, selectors.EVENT_READ)
        return bool(selector.select(0))


def allow_open_files() -> int:
    """Let this process and its children have as many files and connections open as they may.

    The usual limit, 1024, is less than a server has clients. Returns the number.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY:
        return most
    if soft < most:
        # Some systems refuse what they say they allow; then it stays as it is.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return soft


def _listen(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        # Two sockets can be bound to one port as long as neither of them listens.
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
            f"The host {host} is not known here; choose another with --host or HOST=…"
        ) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _explain(error: OSError, host: str, port: int) -> CommandFailedError:
    if error.errno == errno.EADDRINUSE:
        message = (
            f"Port {port} on {host} is taken by another program; "
            "choose another with --port or PORT=…"
        )
    elif error.errno == errno.EACCES and port < _FIRST_FREE_PORT:
        message = (
            f"Port {port} on {host} is reserved for the system; "
            f"choose one from {_FIRST_FREE_PORT} on with --port or PORT=…"
        )
    elif error.errno in _NOT_HERE:
        message = (
            f"The address {host} is none of this machine's; choose another with --host or HOST=…"
        )
    else:
        message = f"Port {port} on {host} cannot be listened on: {error.strerror}."
    return CommandFailedError(message)
