"""Addresses of servers: parsing, and the rule that plain HTTP stays in private networks."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from taskstead.client.errors import ClientError, UsageFault

_PORTS = {"http": 80, "https": 443}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Address:
    """The address of a server.

    Attributes:
        scheme: ``http`` or ``https``.
        host: the host name or IP address, in lower case and without brackets.
        port: the port.
        path: the path under which the server is reached, without a slash at the end.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """The origin (RFC 6454): scheme, host and port."""
        return self.scheme, self.host, self.port

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse_address(text: str) -> Address:
    """Return the address of a server. An address without a scheme is HTTPS.

    Raises:
        UsageFault: the text is not an address of a server.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise _make_fault(text) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise _make_fault(text)
    if parts.query or parts.fragment:
        raise _make_fault(text)
    path = parts.path.rstrip("/")
    return Address(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path)


def _make_fault(text: str) -> UsageFault:
    return UsageFault(f"{text} is not the address of a server. Use https://tasks.example.org.")


def resolve_private_addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host to which the token may be sent without encryption.

    The caller connects to one of these addresses, so a second lookup cannot return another one.

    Raises:
        ClientError: an address of the host is public.
        OSError: the host cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in found]
    if not all(is_private(address) for address in addresses):
        raise ClientError(
            f"{host} is not in a private network, so the token would be sent unencrypted over the "
            "internet. Use https.",
            code="plain_http_refused",
        )
    return list(dict.fromkeys(addresses))


def is_private(text: str) -> bool:
    """Return whether an IP address is in a private or shared network, or of this machine."""
    address: _Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not address.is_global and not address.is_multicast
