"""What makes a setting's value impossible, beyond its type and bounds; settings.py has them all."""

from importlib.util import find_spec
from ipaddress import ip_network
from urllib.parse import urlsplit

from pydantic import ValidationInfo

_POSTGRESQL = ("postgresql://", "postgres://")


def split_list(text: str) -> list[str]:
    """Return the parts of a setting that is a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]


def check_database_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: it is of no database that we know, or cannot be read.
    """
    if url is None:
        return url
    if not url.startswith(("sqlite:///", *_POSTGRESQL)):
        message = "it must begin with sqlite:/// or postgresql://"
        raise ValueError(message)
    if url in ("sqlite:///", "sqlite:///:memory:"):
        # Reader and writer, and each process, have connections of their own.
        message = "it must name a file behind sqlite:///"
        raise ValueError(message)
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
        message = "it must begin with postgresql://: only PostgreSQL has replicas"
        raise ValueError(message)
    _check_readable(url)
    # Where that one makes no sense itself, enough is said about it.
    if not (others.data.get("database_url", url) or "").startswith(_POSTGRESQL):
        message = "SQLite has no replicas: TASKSTEAD_DATABASE_URL has to name a PostgreSQL"
        raise ValueError(message)
    return url


def check_redis_url(url: str | None) -> str | None:
    """Return the URL.

    Raises:
        ValueError: it is not of a Redis, or cannot be read.
    """
    if url is None:
        return url
    if not url.startswith(("redis://", "rediss://")):
        message = "it must begin with redis:// or rediss://"
        raise ValueError(message)
    _check_readable(url)
    return url


def check_networks(text: str) -> str:
    """Return the list.

    Raises:
        ValueError: a part of it is neither an address nor a network.
    """
    for network in split_list(text):
        ip_network(network, strict=False)
    return text


def check_traces(value: bool) -> bool:  # noqa: FBT001 - as pydantic calls it
    """Return the value.

    Raises:
        ValueError: traces are wanted, and what makes them is not installed.
    """
    if value and find_spec("opentelemetry.sdk") is None:
        message = "it needs what `pip install taskstead[otel]` installs"
        raise ValueError(message)
    return value


def _check_readable(url: str) -> None:
    try:
        parts = urlsplit(url)
        if "," not in parts.netloc:  # several hosts, each with its port, are asyncpg's to read
            _ = parts.port
    except ValueError:
        message = "its host or port cannot be read (percent-encode what is special in it)"
        raise ValueError(message) from None
