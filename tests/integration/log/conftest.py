"""Fixtures for the tests of the change log."""

import pytest

from taskstead.config.settings import Settings
from tests.harness.settings import make_settings


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The worker is off. The scenarios run the jobs, and no worker may claim them."""
    return make_settings(database_url, run_worker=False)
