"""What all tests of the log's law share."""

import pytest

from taskstead.settings import Settings
from tests.conftest import make_settings


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Without a worker of its own: the plays do the jobs, and nobody may take one before them."""
    return make_settings(database_url, run_worker=False)
