"""`tests/api/test_stats.py` through the balancer."""

import pytest

from tests.api.test_stats import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
