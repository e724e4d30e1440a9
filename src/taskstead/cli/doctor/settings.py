"""Checks of settings that contradict each other or are unsafe on the internet."""

from collections.abc import Iterator
from ipaddress import ip_network

from taskstead.cli.doctor.findings import Finding
from taskstead.config.settings import Environment, Settings
from taskstead.config.validators import split_list

_CHECK = "settings"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Check all settings."""
    found = [
        *check_environment(settings),
        *check_hosts(settings),
        *check_rate_limits(settings),
        *check_proxies(settings),
    ]
    yield from found or [Finding(_CHECK, "ok", "The settings are consistent.")]


def check_environment(settings: Settings) -> Iterator[Finding]:
    """Check that a server with a public address is in production mode."""
    if settings.host not in _LOOPBACK and settings.environment is not Environment.PRODUCTION:
        yield Finding(
            _CHECK,
            "warning",
            f"Other machines can reach {settings.host}, but the environment is "
            f"{settings.environment}.",
            "Set TASKSTEAD_ENVIRONMENT=production, so that browsers require HTTPS.",
        )


def check_hosts(settings: Settings) -> Iterator[Finding]:
    """Check that hosts and origins are restricted in production."""
    if settings.environment is not Environment.PRODUCTION:
        return
    if not split_list(settings.allowed_hosts):
        yield Finding(
            _CHECK,
            "warning",
            "The server accepts requests for any host in production.",
            "Set TASKSTEAD_ALLOWED_HOSTS to the server's host names.",
        )
    if "*" in split_list(settings.cors_origins):
        yield Finding(
            _CHECK,
            "warning",
            "Web pages of any origin may use the API in production.",
            "List the allowed origins in TASKSTEAD_CORS_ORIGINS.",
        )


def check_rate_limits(settings: Settings) -> Iterator[Finding]:
    """Check that rate limits are enabled, because they limit the guessing of passwords."""
    if not settings.rate_limits:
        yield Finding(
            _CHECK,
            "warning",
            "Rate limits are off, so the number of login attempts is unlimited.",
            "Remove TASKSTEAD_RATE_LIMITS=false, unless a gateway limits the requests.",
        )


def check_proxies(settings: Settings) -> Iterator[Finding]:
    """Check that not all addresses are trusted proxies.

    A trusted proxy can forge the addresses of clients.
    """
    networks = split_list(settings.trusted_proxies)
    if any(ip_network(network, strict=False).prefixlen == 0 for network in networks):
        yield Finding(
            _CHECK,
            "problem",
            "Every client is a trusted proxy, so every client can forge its address.",
            "Set TASKSTEAD_TRUSTED_PROXIES to the addresses of the proxies only.",
        )
