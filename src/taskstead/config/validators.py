"""Validators of settings, for rules that types and bounds cannot express.

``config/settings.py`` attaches the validators to the settings. Each validator returns the value in
its canonical form.
"""

import re
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from taskstead.config.urls import split_server_url

_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(:(?P<port>[0-9]{0,9}))?")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_MAX_PORT = 65535
_IPV6 = 6
_POSTGRESQL = ("postgresql://", "postgres://")


def split_list(text: str) -> list[str]:
    """Return the items of a comma-separated setting."""
    return [part.strip() for part in text.split(",") if part.strip()]


def is_loopback(host: str) -> bool:
    """Return whether a listening address can be reached only from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_database_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: the URL is malformed, or its database is not supported.
    """
    if url is None:
        return url
    if not url.startswith(("sqlite:///", *_POSTGRESQL)):
        raise ValueError("it must begin with sqlite:/// or postgresql://")
    if url in ("sqlite:///", "sqlite:///:memory:"):
        # The server uses several connections, and each would have its own in-memory database.
        raise ValueError("it must name a file after sqlite:///")
    _check_parseable(url)
    return url


def check_database_read_url(url: str | None, info: ValidationInfo) -> str | None:
    """Return the URL.

    Raises:
        ValueError: the URL is malformed, or it is not a PostgreSQL URL, or the database URL is not
            one.
    """
    if url is None:
        return url
    if not url.startswith(_POSTGRESQL):
        raise ValueError("it must begin with postgresql://, because replicas require PostgreSQL")
    _check_parseable(url)
    # If the database URL is invalid, it is missing from `data`, and its error has been reported.
    if not (info.data.get("database_url", url) or "").startswith(_POSTGRESQL):
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
    _check_parseable(url)
    return url


def check_networks(text: str) -> str:
    """Return the addresses and networks in canonical form.

    A network is returned with its first address: 10.1.2.3/8 becomes 10.0.0.0/8.

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
        ValueError: an item is not an origin. No request could match it.
    """
    return ", ".join(_check_origin(part) for part in split_list(text))


def _check_origin(text: str) -> str:
    if text in ("*", "null"):
        return text
    scheme, separator, rest = text.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        raise ValueError(f"{text!r} has no scheme; write it as https://tasks.example.org")
    host_and_port = rest.removesuffix("/")
    if re.search(r"[/?#@]", host_and_port):
        raise ValueError(f"{text!r} must have only a scheme, host and port")
    host, port = _split_port(host_and_port, text)
    if "*" in host:
        raise ValueError(f"{text!r} has a wildcard; list each origin, or use * for all")
    scheme = scheme.lower()
    is_default = port == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{_check_host(host, text)}" + ("" if not port or is_default else f":{port}")


def check_hosts(text: str) -> str:
    """Return the host names and addresses in lower case and canonical form.

    Raises:
        ValueError: an item is neither a host name nor an address. No request could match it.
    """
    return ", ".join(_check_host_pattern(part) for part in split_list(text))


def _check_host_pattern(text: str) -> str:
    if text == "*":
        raise ValueError("* is not a host name; leave the setting empty to allow any host")
    if "://" in text or re.search(r"[/?#@]", text):
        raise ValueError(f"{text!r} must be only a host name, such as tasks.example.org")
    name = text.removeprefix("*.")
    host, port = (name, "") if _find_address(name) else _split_port(name, text)
    if port:
        raise ValueError(f"{text!r} has a port; leave the port out")
    if "*" in host or (name != text and _find_address(host)):
        raise ValueError(f"{text!r} has a wildcard in the wrong place; write *.example.org")
    return text.removesuffix(name) + _check_host(host, text).strip("[]")


def _split_port(host_and_port: str, text: str) -> tuple[str, str]:
    """Return the host and the port. The port is empty if there is none."""
    found = _HOST_AND_PORT.fullmatch(host_and_port)
    if found is None or int(found["port"] or 0) > _MAX_PORT:
        raise ValueError(f"{text!r} has an invalid host or port")
    return found["host"], str(int(found["port"])) if found["port"] else ""


def _check_host(host: str, text: str) -> str:
    """Return a host name in lower case or an address in canonical form, as browsers send them."""
    address = _find_address(host)
    if address is not None:
        return f"[{address}]" if address.version == _IPV6 else str(address)
    if not host.isascii():
        raise ValueError(f"{text!r} is not ASCII; use its IDNA form, which begins with xn--")
    if not _HOST_NAME.fullmatch(host):
        raise ValueError(f"{text!r} has an invalid host name")
    return host.lower()


def _find_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def check_traces(value: bool) -> bool:  # noqa: FBT001 - signature of pydantic's validators
    """Return the value.

    Raises:
        ValueError: traces are enabled, but the OpenTelemetry SDK is not installed.
    """
    if value and find_spec("opentelemetry.sdk") is None:
        raise ValueError("OpenTelemetry is not installed; run `pip install taskstead[otel]`")
    return value


def _check_parseable(url: str) -> None:
    """Raise ValueError if the URL cannot be parsed."""
    try:
        # urlsplit cannot parse several hosts, so each of them is parsed in a URL of its own.
        for host_url in split_server_url(url).list_urls():
            _ = urlsplit(host_url).port
    except ValueError:
        raise ValueError(
            "its host or port is invalid (percent-encode special characters)"
        ) from None
