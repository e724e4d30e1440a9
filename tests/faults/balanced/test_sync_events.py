"""`tests/sync/test_events.py` through the balancer."""

import pytest

from tests.sync.test_events import *  # noqa: F403 - all of them are meant

pytestmark = pytest.mark.faults
