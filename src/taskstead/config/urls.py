"""URLs of servers, such as databases. A URL may have several hosts: ``postgresql://a:5432,b/tasks``."""

import re
from typing import NamedTuple


class ServerUrl(NamedTuple):
    """The parts of a URL.

    Attributes:
        prefix: the scheme and the credentials, up to the hosts.
        hosts: the hosts with their ports, separated by commas; empty if the URL has none.
        path: the path and the query.
    """

    prefix: str
    hosts: str
    path: str

    def list_urls(self) -> list[str]:
        """Return one URL per host."""
        return [f"{self.prefix}{host}{self.path}" for host in self.hosts.split(",")]


def split_server_url(url: str) -> ServerUrl:
    """Return the parts of a URL.

    ``urlsplit`` is not used, because it rejects several hosts if one of them is an IPv6 address.
    """
    scheme, separator, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    credentials, at, hosts = authority.rpartition("@")
    return ServerUrl(f"{scheme}{separator}{credentials}{at}", hosts, rest.removeprefix(authority))
