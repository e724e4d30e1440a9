"""Parsing of PostgreSQL URLs with several hosts, in the formats of libpq.

Examples: ``postgresql://a:5432,b/tasks`` and ``postgresql:///tasks?host=a,b&port=5432,5433``.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


class Host(NamedTuple):
    """One of the hosts in a URL.

    Attributes:
        name: the host and port, for messages.
        url: the URL with only this host.
    """

    name: str
    url: str


def split_hosts(url: str) -> list[Host]:
    """Return the hosts of a URL in order; a single one with an empty name if it has none."""
    parts = urlsplit(url)
    account, at, places = parts.netloc.rpartition("@")
    if places:
        return [
            Host(place, urlunsplit(parts._replace(netloc=f"{account}{at}{place}")))
            for place in places.split(",")
        ]
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
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
