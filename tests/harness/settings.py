"""Settings of applications under test."""

from typing import Any

from pydantic import BaseModel

from taskstead.config.settings import Settings

# The timeout of tests for the database: long, because a busy machine may stall for a while.
WAIT_SECONDS = 30.0

RATE_LIMITS = [name for name in Settings.model_fields if name.startswith("rate_limit_")]


class GivenSettings(Settings):
    """Settings from arguments only. Preparing to read the environment takes milliseconds."""

    def __init__(self, **values: Any) -> None:
        BaseModel.__init__(self, **values)


def make_settings(database_url: str, **changes: Any) -> Settings:
    """Create settings for tests: nothing from the environment, and cheap password hashes."""
    values: dict[str, Any] = {
        "environment": "test",
        "database_url": database_url,
        "migrate_on_start": False,
        # Whether a build exists depends on what was run before.
        "web_app": False,
        "database_pool_size": 5,
        "database_wait_seconds": WAIT_SECONDS,
        # A job that this process enqueues wakes its worker immediately. There are no other jobs.
        "job_poll_seconds": 60,
        # Enabled, so that all responses have the headers, but too high to be reached by accident.
        **dict.fromkeys(RATE_LIMITS, "999999999/day"),
        "password_hash_memory_kib": 8,
        "password_hash_time_cost": 1,
    }
    return GivenSettings(**{**values, **changes})
