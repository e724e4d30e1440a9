"""What makes a setting's value impossible, beyond its type and bounds; settings.py has them all."""

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
    """Return the parts of a setting that is a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_database_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: it is of no database that we know, or cannot be read.
    """
    if url is None:
        return url
    if not url.startswith(("sqlite:///", *_POSTGRESQL)):
        raise ValueError("it must begin with sqlite:/// or postgresql://")
    if url in ("sqlite:///", "sqlite:///:memory:"):
        # Reader and writer, and each process, have connections of their own.
        raise ValueError("it must name a file behind sqlite:///")
    _check_readable(url)
    return url


def check_database_read_url(url: str | None, others: ValidationInfo) -> str | None:
    """Return the URL.

    Raises:
        ValueError: it is not of a PostgreSQL, or cannot be read, or the database is not of one.
    """
    if url is None:
        return url
    if not url.startswith(_POSTGRESQL):
        raise ValueError("it must begin with postgresql://: only PostgreSQL has replicas")
    _check_readable(url)
    # Where that one makes no sense itself, enough is said about it.
    if not (others.data.get("database_url", url) or "").startswith(_POSTGRESQL):
        raise ValueError("SQLite has no replicas: TASKSTEAD_DATABASE_URL has to name a PostgreSQL")
    return url


def check_redis_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: it is not of a Redis, or cannot be read.
    """
    if url is None:
        return url
    if not url.startswith(("redis://", "rediss://")):
        raise ValueError("it must begin with redis:// or rediss://")
    _check_readable(url)
    return url


def check_networks(text: str) -> str:
    """Return the list, each network by its first address, as they are compared.

    Raises:
        ValueError: a part of it is neither an address nor a network.
    """
    return ", ".join(
        str(ip_network(part, strict=False)) if "/" in part else str(ip_address(part))
        for part in split_list(text)
    )


def check_origins(text: str) -> str:
    """Return the list, each origin as browsers write it.

    Raises:
        ValueError: a part of it is no origin, so that no request could ever match it.
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
        raise ValueError(f"{given!r} has more than scheme, host and port")
    host, port = _split_port(place, given)
    if "*" in host:
        raise ValueError(f"{given!r} has a wildcard; name each origin, or * alone for all")
    scheme = scheme.lower()
    is_default = port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{_check_host(host, given)}" + ("" if not port or is_default else f":{port}")


def check_hosts(text: str) -> str:
    """Return the list of names and addresses, each as it is compared.

    Raises:
        ValueError: a part of it is neither, so that no request could ever match it.
    """
    return ", ".join(_check_host_pattern(part) for part in split_list(text))


def _check_host_pattern(given: str) -> str:
    if given == "*":
        raise ValueError("* is no name; leave the setting empty for any")
    if "://" in given or re.search(r"[/?#@]", given):
        raise ValueError(f"{given!r} is more than a name; write it as tasks.example.org")
    name = given.removeprefix("*.")
    host, port = (name, "") if _find_address(name) else _split_port(name, given)
    if port:
        raise ValueError(f"{given!r} has a port; names stand without")
    if "*" in host or (name != given and _find_address(host)):
        raise ValueError(f"{given!r} has a wildcard where none can be; write *.example.org")
    return given.removesuffix(name) + _check_host(host, given).strip("[]")


def _split_port(place: str, given: str) -> tuple[str, str]:
    """Return host and port, which may be empty."""
    found = _HOST_AND_PORT.fullmatch(place)
    if found is None or int(found["port"] or 0) > _GREATEST_PORT:
        raise ValueError(f"{given!r} has a host or port that cannot be read")
    return found["host"], str(int(found["port"])) if found["port"] else ""


def _check_host(host: str, given: str) -> str:
    """Return a host in lower case, or an address in its usual form, as browsers send it."""
    address = _find_address(host)
    if address is not None:
        return f"[{address}]" if address.version == _IPV6 else str(address)
    if not host.isascii():
        raise ValueError(
            f"{given!r} is not ASCII; write it as browsers send it, beginning with xn--"
        )
    if not _HOST_NAME.fullmatch(host):
        raise ValueError(f"{given!r} has no host name that can be read")
    return host.lower()


def _find_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def check_traces(value: bool) -> bool:  # noqa: FBT001 - as pydantic calls it
    """Return the value.

    Raises:
        ValueError: traces are wanted, and what makes them is not installed.
    """
    if value and find_spec("opentelemetry.sdk") is None:
        raise ValueError("it needs what `pip install taskstead[otel]` installs")
    return value


def _check_readable(url: str) -> None:
    try:
        parts = urlsplit(url)
        if "," not in parts.netloc:  # several hosts, each with its port, are asyncpg's to read
            _ = parts.port
    except ValueError:
        raise ValueError(
            "its host or port cannot be read (percent-encode what is special in it)"
        ) from None
