"""Doctor checks of settings."""

from typing import Any

import pytest

from taskstead.cli.doctor.settings import check_settings
from tests.harness.findings import expect_finding
from tests.harness.settings import make_settings

PRODUCTION = {"environment": "production", "allowed_hosts": "tasks.example.org"}


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, "ok", ""),
        (PRODUCTION, "ok", ""),
        ({**PRODUCTION, "host": "0.0.0.0"}, "ok", ""),  # noqa: S104 - the tested value
        ({**PRODUCTION, "allowed_hosts": ""}, "warning", "any host"),
        ({**PRODUCTION, "cors_origins": "*"}, "warning", "any origin"),
        ({"host": "192.0.2.1"}, "warning", "Other machines can reach"),
        ({"rate_limits": False}, "warning", "Rate limits are off"),
        ({"trusted_proxies": "10.0.0.0/8"}, "ok", ""),
        ({"trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, "problem", "is a trusted proxy"),
        ({"trusted_proxies": "::/0"}, "problem", "is a trusted proxy"),
    ],
)
def test_unsafe_settings_are_reported(changes: dict[str, Any], level: str, words: str) -> None:
    settings = make_settings("sqlite:///x.db", **changes)
    expect_finding(check_settings(settings), level, words)
