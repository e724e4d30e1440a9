"""`tests/api/test_stats.py` through the balancer."""

import pytest

from tests.api.test_stats import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
