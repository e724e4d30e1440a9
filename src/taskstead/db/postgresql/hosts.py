"""Parsing of PostgreSQL URLs with several hosts, in the formats of libpq.

Examples: ``postgresql://a:5432,b/tasks`` and ``postgresql:///tasks?host=a,b&port=5432,5433``.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from taskstead.config.urls import split_server_url


class Host(NamedTuple):
    """One of the hosts in a URL.

    Attributes:
        name: the host and port, for messages.
        url: the URL with only this host.
    """

    name: str
    url: str


def split_hosts(url: str) -> list[Host]:
    """Return the hosts of a URL in order. A URL without a host has one host with an empty name."""
    parts = split_server_url(url)
    if parts.hosts:
        return [
            Host(name, host_url)
            for name, host_url in zip(parts.hosts.split(","), parts.list_urls(), strict=True)
        ]
    query = dict(parse_qsl(parts.path.partition("?")[2], keep_blank_values=True))
    names = query.get("host", "").split(",")
    ports = query.get("port", "").split(",")
    if len(ports) == 1:
        ports *= len(names)
    if len(names) == 1 or len(ports) != len(names):
        return [Host(names[0], url)]
    base = url.partition("?")[0]
    return [
        Host(
            f"{name}:{port}" if port else name,
            f"{base}?{urlencode({**query, 'host': name, 'port': port})}",
        )
        for name, port in zip(names, ports, strict=True)
    ]
