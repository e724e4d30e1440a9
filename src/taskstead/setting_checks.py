"""Validators of settings, for rules that types and bounds cannot express.

``settings.py`` attaches them to the settings. Each returns the value in its canonical form.
"""

import re
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import ValidationInfo

_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:(?P<port>[0-9]{0,9}))?")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_GREATEST_PORT = 65535
_IPV6 = 6
_POSTGRESQL = ("postgresql://", "postgres://")


def split_list(text: str) -> list[str]:
    """Return the parts of a comma-separated setting."""
    return [part.strip() for part in text.split(",") if part.strip()]


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is reachable only from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_database_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: the URL is malformed or names no supported database.
    """
    if url is None:
        return url
    if not url.startswith(("sqlite:///", *_POSTGRESQL)):
        raise ValueError("it must begin with sqlite:/// or postgresql://")
    if url in ("sqlite:///", "sqlite:///:memory:"):
        # A database in memory would be separate for each connection, of which there are several.
        raise ValueError("it must name a file after sqlite:///")
    _check_readable(url)
    return url


def check_database_read_url(url: str | None, others: ValidationInfo) -> str | None:
    """Return the URL.

    Raises:
        ValueError: the URL is malformed, or it or the database URL is not a PostgreSQL URL.
    """
    if url is None:
        return url
    if not url.startswith(_POSTGRESQL):
        raise ValueError("it must begin with postgresql://: only PostgreSQL has replicas")
    _check_readable(url)
    # An invalid database URL is missing from `data` and has already been reported.
    if not (others.data.get("database_url", url) or "").startswith(_POSTGRESQL):
        raise ValueError("SQLite has no replicas: set TASKSTEAD_DATABASE_URL to a PostgreSQL URL")
    return url


def check_redis_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: the URL is malformed or is not a Redis URL.
    """
    if url is None:
        return url
    if not url.startswith(("redis://", "rediss://")):
        raise ValueError("it must begin with redis:// or rediss://")
    _check_readable(url)
    return url


def check_networks(text: str) -> str:
    """Return the addresses and networks in canonical form, a network with its first address.

    Raises:
        ValueError: an item is neither an address nor a network.
    """
    return ", ".join(
        str(ip_network(part, strict=False)) if "/" in part else str(ip_address(part))
        for part in split_list(text)
    )


def check_origins(text: str) -> str:
    """Return the origins in the form that browsers send.

    Raises:
        ValueError: an item is not an origin, so no request could match it.
    """
    return ", ".join(_check_origin(part) for part in split_list(text))


def _check_origin(given: str) -> str:
    if given in ("*", "null"):
        return given
    scheme, separator, rest = given.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        raise ValueError(f"{given!r} has no scheme; write it as https://tasks.example.org")
    place = rest.removesuffix("/")
    if re.search(r"[/?#@]", place):
        raise ValueError(f"{given!r} must have only a scheme, host and port")
    host, port = _split_port(place, given)
    if "*" in host:
        raise ValueError(f"{given!r} has a wildcard; list each origin, or use * for all")
    scheme = scheme.lower()
    is_default = port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{_check_host(host, given)}" + ("" if not port or is_default else f":{port}")


def check_hosts(text: str) -> str:
    """Return the host names and addresses in lower case and canonical form.

    Raises:
        ValueError: an item is neither a host name nor an address, so no request could match it.
    """
    return ", ".join(_check_host_pattern(part) for part in split_list(text))


def _check_host_pattern(given: str) -> str:
    if given == "*":
        raise ValueError("* is not a host name; leave the setting empty to allow any host")
    if "://" in given or re.search(r"[/?#@]", given):
        raise ValueError(f"{given!r} must be only a host name, such as tasks.example.org")
    name = given.removeprefix("*.")
    host, port = (name, "") if _find_address(name) else _split_port(name, given)
    if port:
        raise ValueError(f"{given!r} has a port; leave the port out")
    if "*" in host or (name != given and _find_address(host)):
        raise ValueError(f"{given!r} has a wildcard in the wrong place; write *.example.org")
    return given.removesuffix(name) + _check_host(host, given).strip("[]")


def _split_port(place: str, given: str) -> tuple[str, str]:
    """Return the host and the port, which may be empty."""
    found = _HOST_AND_PORT.fullmatch(place)
    if found is None or int(found["port"] or 0) > _GREATEST_PORT:
        raise ValueError(f"{given!r} has an invalid host or port")
    return found["host"], str(int(found["port"])) if found["port"] else ""


def _check_host(host: str, given: str) -> str:
    """Return a host name in lower case, or an address in canonical form, as browsers send it."""
    address = _find_address(host)
    if address is not None:
        return f"[{address}]" if address.version == _IPV6 else str(address)
    if not host.isascii():
        raise ValueError(f"{given!r} is not ASCII; use its IDNA form, which begins with xn--")
    if not _HOST_NAME.fullmatch(host):
        raise ValueError(f"{given!r} has an invalid host name")
    return host.lower()


def _find_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def check_traces(value: bool) -> bool:  # noqa: FBT001 - as pydantic calls it
    """Return the value.

    Raises:
        ValueError: traces are enabled, and the OpenTelemetry SDK is not installed.
    """
    if value and find_spec("opentelemetry.sdk") is None:
        raise ValueError("OpenTelemetry is not installed; run `pip install taskstead[otel]`")
    return value


def _check_readable(url: str) -> None:
    try:
        parts = urlsplit(url)
        if "," not in parts.netloc:  # asyncpg parses several hosts with ports
            _ = parts.port
    except ValueError:
        raise ValueError(
            "its host or port is invalid (percent-encode special characters)"
        ) from None
