"""`tests/sync/test_events.py` through the balancer."""

import pytest

from tests.sync.test_events import *  # noqa: F403 - imports every test

pytestmark = pytest.mark.faults
