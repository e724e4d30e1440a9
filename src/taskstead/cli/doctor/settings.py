"""Settings that contradict one another, or that nobody wants on the internet."""

from collections.abc import Iterator
from ipaddress import ip_network

from taskstead.cli.doctor.findings import Finding
from taskstead.setting_checks import split_list
from taskstead.settings import Environment, Settings

_CHECK = "settings"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Look at all of them; one that says that all is well, if it is."""
    found = [
        *check_environment(settings),
        *check_hosts(settings),
        *check_rate_limits(settings),
        *check_proxies(settings),
    ]
    yield from found or [Finding(_CHECK, "ok", "The settings go together.")]


def check_environment(settings: Settings) -> Iterator[Finding]:
    """A server that others can reach is in production."""
    if settings.host not in _LOOPBACK and settings.environment is not Environment.PRODUCTION:
        yield Finding(
            _CHECK,
            "warning",
            f"Others can reach {settings.host}, and the environment is {settings.environment}.",
            "Set TASKSTEAD_ENVIRONMENT=production, so that browsers insist on HTTPS.",
        )


def check_hosts(settings: Settings) -> Iterator[Finding]:
    """In production the names of the server are known, and so are the pages that may use it."""
    if settings.environment is not Environment.PRODUCTION:
        return
    if not split_list(settings.allowed_hosts):
        yield Finding(
            _CHECK,
            "warning",
            "In production, requests for any host are answered.",
            "Name the server's own with TASKSTEAD_ALLOWED_HOSTS.",
        )
    if "*" in split_list(settings.cors_origins):
        yield Finding(
            _CHECK,
            "warning",
            "In production, web pages of any origin may use the API.",
            "Name those that may with TASKSTEAD_CORS_ORIGINS.",
        )


def check_rate_limits(settings: Settings) -> Iterator[Finding]:
    """Passwords can be guessed without end where nobody counts."""
    if not settings.rate_limits:
        yield Finding(
            _CHECK,
            "warning",
            "Rate limits are off, so that passwords can be tried without end.",
            "Take TASKSTEAD_RATE_LIMITS=false away, unless a gateway in front does it.",
        )


def check_proxies(settings: Settings) -> Iterator[Finding]:
    """Whoever is believed can say that they come from anywhere."""
    networks = split_list(settings.trusted_proxies)
    if any(ip_network(network, strict=False).prefixlen == 0 for network in networks):
        yield Finding(
            _CHECK,
            "problem",
            "Every client is trusted as a proxy and can make up its address.",
            "Name the proxies in front, and nobody else, with TASKSTEAD_TRUSTED_PROXIES.",
        )
